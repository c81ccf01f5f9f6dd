"""Rows of `ticket_access`: who may see a ticket that is not open to all, derived where the cause changes."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.models import AccessReason, Ticket, TicketAccess


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, or a role and with it its members."""

    user_id: int | None = None
    role_id: int | None = None


async def set_access(
    session: AsyncSession, ticket_id: int, reason: AccessReason, wanted: Iterable[Principal], *, source_id: int = 0
) -> None:
    """Makes the rows of one reason, and of one cause of it, exactly these."""
    query = select(TicketAccess.id, TicketAccess.user_id, TicketAccess.role_id)
    rows = (await session.execute(query.filter_by(ticket_id=ticket_id, reason=reason, source_id=source_id))).all()
    present = {Principal(row.user_id, row.role_id): row.id for row in rows}
    needed = set(wanted)
    if gone := [present[one] for one in present.keys() - needed]:
        await session.execute(delete(TicketAccess).where(TicketAccess.id.in_(gone)))
    if new := needed - present.keys():
        cause = {"ticket_id": ticket_id, "reason": reason, "source_id": source_id}
        values = [{**cause, "user_id": one.user_id, "role_id": one.role_id} for one in new]
        await session.execute(insert(TicketAccess).values(values).on_conflict_do_nothing())


async def derive_own(session: AsyncSession, ticket: Ticket) -> None:
    """Creator, requester and assignee: what the ticket's own columns say."""
    await set_access(session, ticket.id, AccessReason.CREATOR, [Principal(ticket.created_by)])
    await set_access(session, ticket.id, AccessReason.REQUESTER, [Principal(ticket.requester_id)])
    assignees = [Principal(user_id=ticket.assignee_id)] if ticket.assignee_id else []
    assignees += [Principal(role_id=ticket.assigned_role_id)] if ticket.assigned_role_id else []
    await set_access(session, ticket.id, AccessReason.ASSIGNEE, assignees)
