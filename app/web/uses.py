"""Where something is used: counted by an upper layer, shown by the lower one that owns it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor


@dataclass(frozen=True, slots=True)
class Use:
    """`href` leads to exactly those that `count` counted, for this viewer; one single thing has no count."""

    text: str
    href: str
    count: int | None = None


Uses = Mapping[int, Sequence[Use]]
WhereUsed = Callable[[AsyncSession, Actor, str, Collection[int]], Awaitable[Uses]]
"""`kind` is the table's name: categories, labels, users, roles. Ids that are used nowhere may be missing."""


async def used_nowhere(session: AsyncSession, actor: Actor, kind: str, ids: Collection[int]) -> Uses:
    return {}
