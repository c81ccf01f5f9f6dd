"""People, roles, proxies, calendars: what every page and every decision reads and what seldom changes.

Each change of such a table replaces a mark in the database (triggers): at once for the transaction that makes it, with
its commit for all others. Whatever was read under a mark holds for as long as that is the mark, so a process reads it
once and asks for the mark only. Within a transaction the mark is asked for again after each lock and each write:
what a decision stands on is never older than its lock.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Text, Uuid, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Table
from app.db.direct import UNTIL_LOCKED

Key = TypeVar("Key", bound=int | str | tuple[str, ...])
Value = TypeVar("Value")
MARKED = (
    "users", "roles", "user_roles", "approval_proxies", "calendars", "approval_matrices", "approval_matrix_rows",
    "categories", "labels", "ticket_templates", "ticket_template_versions",
)  # fmt: skip
"""Tables whose changes replace the mark."""
MOST_MARKS = 4
"""Of which something is kept: the present one, and those of transactions that are not done."""


class MasterDataMark(Table):
    """One row."""

    __tablename__ = "master_data_mark"

    mark: Mapped[UUID] = mapped_column(Uuid, server_default=text("gen_random_uuid()"))


MARK_HERE = "coalesce(nullif(current_setting('countersign.master_data', true), ''), mark::text)"
"""For this transaction."""
_MARK = select(literal_column(MARK_HERE, Text).label("mark_here")).select_from(MasterDataMark)
_kept: OrderedDict[str, dict[str, dict[Any, Any]]] = OrderedDict()
"""By mark, and by the name of what was read."""


def begin_under(session: AsyncSession, mark: str) -> None:
    """For a page: the mark was read along with who is there."""
    if mark:
        session.info[UNTIL_LOCKED] = {"mark": mark}


async def remembered(
    session: AsyncSession, name: str, keys: Iterable[Key], read: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]]
) -> dict[Key, Value]:
    """Of these keys what there is. `read` is asked for those that nobody asked for under this mark; what it answers
    never changes and belongs to no session."""
    wanted = set(keys)
    if not wanted:
        return {}
    known: dict[Key, Value | None] = (await _under_this_mark(session)).setdefault(name, {})
    if missing := wanted - known.keys():
        found = await read(sorted(missing))
        known.update({key: found.get(key) for key in missing})
    return {key: value for key in wanted if (value := known[key]) is not None}


async def remembered_whole(session: AsyncSession, name: str, read: Callable[[], Awaitable[Value]]) -> Value:
    known = (await _under_this_mark(session)).setdefault(name, {})
    if () not in known:
        known[()] = await read()
    value: Value = known[()]
    return value


async def _under_this_mark(session: AsyncSession) -> dict[str, dict[Any, Any]]:
    held = session.info.setdefault(UNTIL_LOCKED, {})
    if "mark" not in held:
        held["mark"] = (await session.execute(_MARK)).scalar_one()
    kept = _kept.setdefault(held["mark"], {})
    _kept.move_to_end(held["mark"])
    while len(_kept) > MOST_MARKS:
        _kept.popitem(last=False)
    return kept
