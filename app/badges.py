"""The numbers in the menu, for this viewer: one query, each counted over at most 1,001 rows."""

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from app.actor import Actor
from app.approvals.proxy_repository import principals_of
from app.db.constants import planned_once
from app.db.session import Database
from app.notifications.inbox import unread_ids
from app.tickets.models import Ticket
from app.tickets.saved_views.repository import pinned_by
from app.tickets.visibility import visible
from app.web.paging import COUNT_LIMIT, capped
from app.web.shell import CountFor, Counts, MenuView
from app.work.attention_repository import needing_attention
from app.work.repository import for_my_principals, queued_for_me

HOT = frozenset({"approvals", "pooled", "as_proxy", "notifications", "attention"})
"""What somebody waits for: live pages keep these current."""


def counter(database: Database, *, only: frozenset[str] | None = None) -> CountFor:
    async def count_for(actor: Actor) -> Counts:
        async with database.reading() as session:
            numbers = dict((await session.execute(_statement(actor.rights, only))).one()._mapping)
        numbers["approvals"] += numbers.pop("pooled", 0) + numbers.pop("as_proxy", 0)
        return {name: capped(number) for name, number in numbers.items()}

    return count_for


def stands_in_for(database: Database) -> Callable[[Actor], Awaitable[Sequence[str]]]:
    """Names for the menu's "Proxy for …"; without a proxy nothing is asked of the database."""

    async def names(actor: Actor) -> Sequence[str]:
        if not actor.principal_ids:
            return []
        async with database.reading() as session:
            return await principals_of(session, actor)

    return names


def saved_views_of(database: Database) -> Callable[[Actor], Awaitable[Sequence[MenuView]]]:
    """Those that this person pinned; not counted: somebody's filters may be dear, and this is on every page."""

    async def pinned(actor: Actor) -> Sequence[MenuView]:
        async with database.reading() as session:
            return [MenuView(view.name, view.url) for view in await pinned_by(session, actor)]

    return pinned


@lru_cache(maxsize=1000)
def _statement(actor: Actor, only: frozenset[str] | None) -> Any:
    wanted = {name: query for name, query in _queries(actor).items() if only is None or name in only}
    return planned_once(select(*(_limited(query).label(name) for name, query in wanted.items())))


def _queries(actor: Actor) -> dict[str, Select[int]]:
    tickets = select(Ticket.id).where(visible(actor))
    queries = {
        **dict(zip(("approvals", "pooled"), queued_for_me(actor), strict=False)),
        "notifications": unread_ids(actor),
        "tickets": tickets,
        "my_requests": tickets.where(Ticket.created_by == actor.id),
    }
    if actor.principal_ids:
        queries["as_proxy"] = for_my_principals(actor).with_only_columns(Ticket.id)
    if actor.is_admin:
        queries["attention"] = needing_attention(actor)
    return queries


def _limited(query: Select[int]) -> ScalarSelect[int]:
    rows = query.order_by(None).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()
