"""Keyset paging: a cursor is the last row's sort values, so a page costs the same wherever it is."""

import base64
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from app.web.formats import whole

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`next_cursor` is null on the last page."""

    rows: Sequence[Row]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """Exact up to a limit, then "1,000+" (`exact` is false): nobody counts a million rows for a tab."""

    number: int
    exact: bool = True

    @property
    def text(self) -> str:
        return whole(self.number) if self.exact else f"{whole(self.number)}+"


COUNT_LIMIT = 1_000
MANY = Count(COUNT_LIMIT, exact=False)
LONGEST_CURSOR = 2_000


def capped(number: int, limit: int = COUNT_LIMIT) -> Count:
    """`number` was counted over at most `limit + 1` rows."""
    return Count(number) if number <= limit else Count(limit, exact=False)


MANY_FOR = 60.0
"""Seconds."""
MOST_MANY = 20_000
_many: OrderedDict[Hashable, float] = OrderedDict()
"""Until when, by what was counted and for whom."""


def is_many(counted: Hashable) -> bool:
    """Whether there were more than the limit within the last minute. To see that there are more still costs a look at
    a thousand rows, for each tab of each list and on every page."""
    return _many.get(counted, 0.0) > time.monotonic()


def note_if_many(counted: Hashable, count: Count) -> None:
    if not count.exact:
        _many[counted] = time.monotonic() + MANY_FOR
        _many.move_to_end(counted)
        if len(_many) > MOST_MANY:
            _many.popitem(last=False)


def counting(query: Select[Any]) -> Select[int]:
    """How many rows it has, over at most one more than the limit: for `capped`."""
    return select(func.count()).select_from(query.order_by(None).limit(COUNT_LIMIT + 1).subquery())


def encode_cursor(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(text: str | None, kinds: Sequence[type]) -> tuple[Any, ...] | None:
    """None for no cursor and for one that is not ours: the list then starts at the top."""
    values = _values_in(text)
    if values is None or len(values) != len(kinds):
        return None
    try:
        return tuple(_typed(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, OverflowError):
        return None


def _values_in(text: str | None) -> list[Any] | None:
    if not text or len(text) > LONGEST_CURSOR:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, list) else None


def is_cursor(text: str) -> bool:
    """Of some list, that is: one of a list in another order begins where its values stand."""
    return _values_in(text) is not None


def _typed(value: Any, kind: Any) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a cursor's time has a zone")
        return moment
    if type(value) is not kind or (kind is int and not 0 <= value < 2**63) or (kind is str and "\0" in value):
        raise ValueError("not a cursor of this list")
    if kind is str:
        value.encode()  # half a surrogate pair is no text to the database
    return value


def cut(rows: Sequence[Row], limit: int, key: Callable[[Row], Sequence[Any]]) -> Page[Row]:
    """`rows` holds one more than `limit` when there is a next page."""
    kept = rows[:limit]
    return Page(kept, encode_cursor(key(kept[-1])) if len(rows) > limit and kept else None)
