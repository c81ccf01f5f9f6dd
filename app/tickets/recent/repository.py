"""Queries on the tickets that somebody looked at last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.db.constants import alone, given, moment, table_of
from app.tickets.models import Ticket
from app.tickets.recent.models import RecentTicket
from app.tickets.visibility import visible

KEPT = timedelta(days=90)
NOT_AGAIN_WITHIN = timedelta(minutes=1)
"""Looking twice at once is one look, and writes once."""


_TABLE = table_of(RecentTicket)
_VISIT = insert(_TABLE).values(user_id=given("person"), ticket_id=given("ticket"), seen_at=moment("now"))
_NOTE = alone(
    _VISIT.inline().on_conflict_do_update(
        index_elements=[_TABLE.c.user_id, _TABLE.c.ticket_id],
        set_={"seen_at": moment("now")},
        where=_TABLE.c.seen_at < moment("just_now"),
    )
)


async def note_visit(session: AsyncSession, actor: Actor, ticket: Ticket, at: datetime) -> None:
    asked = {"person": actor.id, "ticket": ticket.id, "now": at, "just_now": at - NOT_AGAIN_WITHIN}
    await session.execute(_NOTE, asked)


async def recent_tickets(session: AsyncSession, actor: Actor, most: int) -> Sequence[Any]:
    """The last one first. What is hidden from this person by now, or deleted, has never been there."""
    query = (
        select(Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.approval)
        .join(RecentTicket, RecentTicket.ticket_id == Ticket.id)
        .where(RecentTicket.user_id == actor.id, visible(actor))
        .order_by(RecentTicket.seen_at.desc(), Ticket.id.desc())
    )
    return (await session.execute(query.limit(most))).all()


async def forget_visits(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(RecentTicket).where(RecentTicket.seen_at < now - KEPT))
