"""That somebody was sent a restricted ticket's content: once per person and hour, without touching the ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.jobs import enqueue
from app.tickets.models import Ticket, TicketView, Visibility
from app.tickets.visibility import seen_hour

RECORD_VIEW = "tickets.record_view"
RECORD_VIEWS = "tickets.record_views"


async def note_view(session: AsyncSession, actor: Actor, ticket: Ticket) -> None:
    """Committed before the answer is sent; the event follows by a job, so that reading takes no lock."""
    if ticket.visibility != Visibility.RESTRICTED:
        return
    hour = seen_hour(utc_now())
    view = insert(TicketView).values(ticket_id=ticket.id, user_id=actor.id, hour=hour).on_conflict_do_nothing()
    if (await session.execute(view.returning(TicketView.id))).scalar() is not None:
        await _record(session, actor, ticket, hour)


async def note_view_by_job(session: AsyncSession, actor: Actor, ticket: Ticket) -> None:
    """The same while another ticket is locked: a row that points to this one would wait for whoever has locked it."""
    if ticket.visibility == Visibility.RESTRICTED:
        await _record(session, actor, ticket, seen_hour(utc_now()))


async def note_views(session: AsyncSession, actor: Actor, ticket_ids: Sequence[int]) -> None:
    """Of many at once: those of them that are restricted."""
    hour = seen_hour(utc_now())
    seen = select(Ticket.id, literal(actor.id), literal(hour)).where(
        Ticket.id.in_(ticket_ids), Ticket.visibility == Visibility.RESTRICTED
    )
    views = insert(TicketView).from_select(["ticket_id", "user_id", "hour"], seen).on_conflict_do_nothing()
    new = sorted((await session.execute(views.returning(TicketView.ticket_id))).scalars())
    if new:
        told = {"tickets": new, **_seen_by(actor, hour)}
        await enqueue(session, RECORD_VIEWS, told, key=f"{new[0]}-{new[-1]}:{actor.id}:{hour.isoformat()}")


async def _record(session: AsyncSession, actor: Actor, ticket: Ticket, hour: datetime) -> None:
    told = {"ticket": ticket.id, **_seen_by(actor, hour)}
    await enqueue(session, RECORD_VIEW, told, key=f"{ticket.id}:{actor.id}:{hour.isoformat()}")


def _seen_by(actor: Actor, hour: datetime) -> dict[str, Any]:
    told = {"user": actor.id, "hour": hour.isoformat(), "channel": actor.channel}
    return told | {"request_id": actor.request_id, "address": actor.address, "token_id": actor.token_id}
