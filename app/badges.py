"""What the menu shows this viewer. Its numbers are one query, each counted over at most 1,001 rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.proxy_repository import principals_of
from app.db.constants import planned_once
from app.db.session import Database
from app.notifications.inbox import unread_ids
from app.tickets.models import Ticket
from app.tickets.saved_views.repository import pinned_by
from app.tickets.visibility import visible
from app.web.paging import MANY, capped, counting, is_many, note_if_many
from app.web.shell import Around, CountFor, Counts, MenuView, Surroundings
from app.work.attention_repository import needing_attention
from app.work.repository import for_my_principals, queued_for_me

HOT = frozenset({"approvals", "escalated", "pooled", "as_proxy", "notifications", "attention"})
"""What somebody waits for: live pages keep these current."""
NOT_HOT = frozenset({"tickets", "my_requests"})


def counter(database: Database, *, only: frozenset[str] | None = None) -> CountFor:
    async def count_for(actor: Actor) -> Counts:
        async with database.session() as session:
            return await _counts(session, actor, only)

    return count_for


def surroundings(database: Database) -> Around:
    """What the menu shows: its numbers, the views that this person pinned, and whose proxy they are. The views are not
    counted: somebody's filters may be dear, and this is on every page."""

    async def around(actor: Actor, its: AsyncSession | None) -> Surroundings:
        async with _given_or_own(its, database) as session:
            return Surroundings(
                counts=await _counts(session, actor, None),
                saved_views=[MenuView(view.name, view.url, first) for view, first in await pinned_by(session, actor)],
                stands_in_for=await principals_of(session, actor) if actor.principal_ids else [],
            )

    return around


@asynccontextmanager
async def _given_or_own(its: AsyncSession | None, database: Database) -> AsyncIterator[AsyncSession]:
    """A page that was refused has no session any more."""
    if its is not None and its.is_active:
        yield its
        return
    async with database.session() as session:
        yield session


async def _counts(session: AsyncSession, actor: Actor, only: frozenset[str] | None) -> Counts:
    rights = actor.rights
    many = {name for name in NOT_HOT if is_many((rights, name))} if only is None else set()
    numbers = dict((await session.execute(_statement(rights, only, frozenset(many)))).one()._mapping)
    numbers["approvals"] += numbers.pop("escalated", 0) + numbers.pop("pooled", 0) + numbers.pop("as_proxy", 0)
    counts = {name: capped(number) for name, number in numbers.items()}
    for name in counts.keys() & NOT_HOT:
        note_if_many((rights, name), counts[name])
    return counts | dict.fromkeys(many, MANY)


@lru_cache(maxsize=1000)
def _statement(actor: Actor, only: frozenset[str] | None, but: frozenset[str]) -> Any:
    wanted = {name: query for name, query in _queries(actor).items() if name not in but and (not only or name in only)}
    return planned_once(select(*(counting(query).scalar_subquery().label(name) for name, query in wanted.items())))


def _queries(actor: Actor) -> dict[str, Select[int]]:
    tickets = select(Ticket.id).where(visible(actor))
    queries = {
        **dict(zip(("approvals", "escalated", "pooled"), queued_for_me(actor), strict=False)),
        "notifications": unread_ids(actor),
        "tickets": tickets,
        "my_requests": tickets.where(Ticket.created_by == actor.id),
    }
    if actor.principal_ids:
        queries["as_proxy"] = for_my_principals(actor).with_only_columns(Ticket.id)
    if actor.is_admin:
        queries["attention"] = needing_attention(actor)
    return queries
