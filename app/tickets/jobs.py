"""What happens to tickets without anybody at a page: views are put on record, resolved tickets close."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.log import ActivityLog
from app.activity.models import TicketNote
from app.actor import SYSTEM, Actor, Channel, acting_as
from app.clock import utc_now
from app.db.session import Database
from app.jobs.registry import job, periodic
from app.tickets import events
from app.tickets.draft_files import forget_old_draft_files
from app.tickets.handling import Handling
from app.tickets.models import Ticket, TicketStatus
from app.tickets.recent.repository import forget_visits
from app.tickets.views import RECORD_VIEW, RECORD_VIEWS

CLOSED_AFTER = timedelta(days=7)
"""Without a word from who asked."""
MOST_AT_ONCE = 500


@job(RECORD_VIEW)
async def record_view(database: Database, payload: Mapping[str, Any]) -> None:
    """In the name of who looked. It may run twice and writes once."""
    who = Actor(
        id=payload["user"], name="", channel=Channel(payload["channel"]), request_id=payload["request_id"],
        address=payload["address"], token_id=payload["token_id"],
    )  # fmt: skip
    with acting_as(who):
        async with database.in_its_own() as session:
            locked = select(Ticket).where(Ticket.id == payload["ticket"]).with_for_update()
            ticket = (await session.execute(locked)).scalar_one_or_none()
            if ticket is not None and not await _is_recorded(session, ticket, who, payload["hour"]):
                await ActivityLog(session, who).record(events.RESTRICTED_VIEWED, ticket, hour=payload["hour"])


@job(RECORD_VIEWS)
async def record_views(database: Database, payload: Mapping[str, Any]) -> None:
    """Of a file with many tickets: each as if it had been opened by itself."""
    for ticket_id in payload["tickets"]:
        await record_view(database, {**payload, "ticket": ticket_id})


async def _is_recorded(session: AsyncSession, ticket: Ticket, who: Actor, hour: str) -> bool:
    same = exists().where(
        TicketNote.ticket_id == ticket.id,
        TicketNote.event_type == events.RESTRICTED_VIEWED.code,
        TicketNote.created_by == who.id,
        TicketNote.event_details["hour"].astext == hour,
    )
    return bool((await session.execute(select(same))).scalar())


@periodic(600, name="tickets.close_after_silence")
async def close_after_silence(database: Database) -> None:
    """Each ticket in a transaction of its own, looked at again once it is locked."""
    before = utc_now() - CLOSED_AFTER
    async with database.session() as session:
        query = select(Ticket.ticket_no).where(Ticket.status == TicketStatus.RESOLVED, Ticket.resolved_at < before)
        numbers = (await session.execute(query.order_by(Ticket.resolved_at).limit(MOST_AT_ONCE))).scalars().all()
    for number in numbers:
        with acting_as(SYSTEM):
            async with database.in_its_own() as session:
                handling = Handling(session, SYSTEM)
                ticket = await handling.lock(number)
                if ticket.resolved_at is not None and ticket.resolved_at < before:
                    await handling.close_after_silence(ticket)


@periodic(3600, name="tickets.forget_visits")
async def forget_old_visits(database: Database) -> None:
    async with database.in_its_own() as session:
        await forget_visits(session, utc_now())


@periodic(3600, name="tickets.forget_draft_files")
async def forget_draft_files(database: Database) -> None:
    async with database.in_its_own() as session:
        await forget_old_draft_files(session)
