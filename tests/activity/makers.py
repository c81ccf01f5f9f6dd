"""Tickets and events without the services that usually make them."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.kinds import EventKind, kind_of
from app.activity.log import ActivityLog
from app.activity.models import TicketNote
from app.actor import SYSTEM, Actor
from app.clock import utc_now
from app.tickets.models import Ticket

HAPPENED = kind_of("example_happened") or EventKind("example_happened", "{actor} did {what}", "zap")
_numbers = count(900_001)


async def a_ticket(session: AsyncSession, *, creator: int = SYSTEM.id, **values: Any) -> Ticket:
    given = {"title": "Broken printer", "submitted_at": utc_now(), "requester_id": creator} | values
    ticket = Ticket(ticket_no=f"TIC-{next(_numbers)}", created_by=creator, updated_by=creator, **given)
    session.add(ticket)
    await session.flush()
    return ticket


async def happened(
    session: AsyncSession,
    ticket_id: int,
    what: Any,
    *,
    actor: Actor = SYSTEM,
    not_before: datetime | None = None,
) -> TicketNote:
    locked = select(Ticket).where(Ticket.id == ticket_id).with_for_update()
    ticket = (await session.execute(locked.execution_options(populate_existing=True))).scalar_one()
    return await ActivityLog(session, actor).record(HAPPENED, ticket, not_before=not_before, what=what)
