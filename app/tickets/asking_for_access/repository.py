"""Who waits for a ticket to be opened to them: those who asked and still do not see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.activity.models import TicketNote
from app.tickets import events
from app.tickets.asking_for_access.models import AccessRequest
from app.tickets.models import Ticket
from app.tickets.visibility import who_may_see

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Asker:
    person: User
    reason: str
    at: datetime


async def askers_of(session: AsyncSession, ticket: Ticket) -> list[Asker]:
    """Each with what they wrote last, the newest first. Whoever it was closed to since has been answered."""
    newest = (
        select(func.max(TicketNote.id))
        .where(TicketNote.ticket_id == ticket.id, TicketNote.event_type == events.ACCESS_REQUESTED.code)
        .group_by(TicketNote.created_by)
    )
    later = aliased(TicketNote)
    is_closed_again = exists().where(
        later.ticket_id == ticket.id, later.event_type == events.PERMISSION_REVOKE.code, later.id > TicketNote.id,
        later.event_details["user"].astext == cast(TicketNote.created_by, Text),
    )  # fmt: skip
    query = (
        select(TicketNote, User)
        .join(User, User.id == TicketNote.created_by)
        .where(TicketNote.id.in_(newest), User.deactivated_at.is_(None), ~is_closed_again)
        .order_by(TicketNote.id.desc())
        .limit(MOST_SHOWN)
    )
    rows = (await session.execute(query)).all()
    seeing = await who_may_see(session, ticket.id, [user.id for _note, user in rows])
    return [
        Asker(user, str((note.event_details or {}).get("reason", "")), note.created_at)
        for note, user in rows
        if user.id not in seeing
    ]


async def askers_among(session: AsyncSession, ticket_no: str, user_ids: Sequence[int]) -> set[int]:
    """Of these people, those who asked for this number."""
    if not user_ids:
        return set()
    query = select(AccessRequest.user_id).where(
        AccessRequest.ticket_no == ticket_no, AccessRequest.user_id.in_(user_ids)
    )
    return set((await session.execute(query)).scalars())
