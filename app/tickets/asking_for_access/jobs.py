"""Looks whether there is a ticket that the asker can't see, and puts it on that ticket's record."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.recognise import person_acting
from app.activity.log import ActivityLog
from app.activity.models import TicketNote
from app.actor import SYSTEM, acting_as
from app.db.session import Database
from app.errors import NotFound
from app.jobs.registry import job
from app.tickets import events
from app.tickets.asking_for_access.models import AccessRequest
from app.tickets.asking_for_access.service import LOOK
from app.tickets.desk import Desk
from app.tickets.models import Ticket
from app.tickets.visibility import may_see


@job(LOOK)
async def look_at_access_request(database: Database, payload: Mapping[str, Any]) -> None:
    """It may run twice and writes once. Whoever is told is told by the rules for this event."""
    async with database.in_its_own() as session:
        asked = await session.get_one(AccessRequest, payload["request"])
        asker = await person_acting(session, asked.user_id)
        ticket = await _locked(session, asked.ticket_no)
        if asker is None or ticket is None or await may_see(session, asker, ticket.id):
            return
        if await _is_told(session, ticket, asked):
            return
        who = replace(asker, request_id=payload["request_id"], address=payload["address"])
        with acting_as(who):
            log = ActivityLog(session, who)
            await log.record(events.ACCESS_REQUESTED, ticket, request=asked.id, reason=asked.reason)


async def _locked(session: AsyncSession, ticket_no: str) -> Ticket | None:
    try:
        return await Desk(session, SYSTEM).lock(ticket_no)
    except NotFound:
        return None


async def _is_told(session: AsyncSession, ticket: Ticket, asked: AccessRequest) -> bool:
    same = exists().where(
        TicketNote.ticket_id == ticket.id,
        TicketNote.event_type == events.ACCESS_REQUESTED.code,
        TicketNote.event_details["request"].as_integer() == asked.id,
    )
    return bool((await session.execute(select(same))).scalar())
