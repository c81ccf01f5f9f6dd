"""What many readers are shown alike is drawn once a minute, and found again by all that it shows."""

from collections.abc import Callable, Hashable

from app.actor import current_actor
from app.clock import utc_now

MOST = 4_000
"""Pieces of some two kilobytes."""
_drawn: dict[Hashable, str] = {}


def drawn(shown: Hashable, caller: Callable[[], str]) -> str:
    """For `{% call drawn(…) %}`: `shown` is everything inside that can differ but the reader's language and zone.

    Nothing is found by what it is about, only by what it says, so nobody is ever shown what was not read for them.
    A time that is told as "5m ago" may be a minute old.
    """
    actor = current_actor()
    key = (shown, actor.locale, actor.time_zone, int(utc_now().timestamp() // 60))
    found = _drawn.get(key)
    if found is None:
        _drawn[key] = found = caller()
        while len(_drawn) > MOST:
            del _drawn[next(iter(_drawn))]  # the oldest, of a minute that is over
    return found
