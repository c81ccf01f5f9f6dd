"""What many readers are shown alike is drawn once, or once a minute, and found again by all that it shows."""

from collections.abc import Callable, Hashable
from typing import Any

from markupsafe import Markup, escape

from app.actor import current_actor
from app.clock import utc_now

MOST = 4_000
"""Pieces of some two kilobytes."""
_BLANK = "\0"
"""Around the name of each place that is left blank: no text that anybody wrote can hold it."""
_drawn: dict[Hashable, list[str]] = {}


def drawn(shown: Hashable, caller: Callable[..., str], *, lasts: bool = False, **blanks: Any) -> str:
    """For `{% call drawn(…) %}`: `shown` is everything inside that can differ but the reader's language and zone.
    `lasts`: nothing in it is told as of now, so that it is as true tomorrow.

    Nothing is found by what it is about, only by what it says, so nobody is ever shown what was not read for them.
    A time that is told as "5m ago" may be a minute old. `blanks` differ each time, and are given to the block in their
    order: `{% call(csrf) drawn(('menu',), csrf=csrf_input()) %}`. It can put them somewhere and nothing else.
    """
    actor = current_actor()
    key = (shown, actor.locale, actor.time_zone, lasts or int(utc_now().timestamp() // 60))
    parts = _drawn.get(key)
    if parts is None:
        marks = [Markup(f"{_BLANK}{name}{_BLANK}") for name in blanks]  # noqa: S704  (replaced below)
        _drawn[key] = parts = str(caller(*marks)).split(_BLANK)
        while len(_drawn) > MOST:
            del _drawn[next(iter(_drawn))]  # the oldest
    if len(parts) == 1:
        return Markup(parts[0])  # noqa: S704  (the block's own)
    filled = {name: str(escape(value)) for name, value in blanks.items()}
    return Markup("".join([filled[part] if at % 2 else part for at, part in enumerate(parts)]))  # noqa: S704
