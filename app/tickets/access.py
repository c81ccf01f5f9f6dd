"""Rows of `ticket_access`: who may see a ticket that is not open to all, derived where the cause changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.constants import among, given, given_rows, plain_write, table_of
from app.tickets.models import AccessReason, Ticket, TicketAccess


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, or a role and with it its members."""

    user_id: int | None = None
    role_id: int | None = None


_ROWS = select(TicketAccess.id, TicketAccess.reason, TicketAccess.user_id, TicketAccess.role_id).where(
    TicketAccess.ticket_id == given("ticket"),
    TicketAccess.source_id == given("source"),
    among(TicketAccess.reason, "reasons", of=Text),
)


_TABLE = table_of(TicketAccess)
_TAKE = plain_write(delete(_TABLE).where(among(_TABLE.c.id)))
_NEW = given_rows(why=Text, person=BigInteger, role=BigInteger)
_GIVE = plain_write(
    insert(_TABLE)
    .from_select(
        ["ticket_id", "source_id", "reason", "user_id", "role_id"],
        select(given("ticket"), given("source"), *_NEW.c),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
)


async def set_access(
    session: AsyncSession, ticket_id: int, wanted: Mapping[AccessReason, Iterable[Principal]], *, source_id: int = 0
) -> None:
    """Makes the rows of these reasons, and of one cause of them, exactly these."""
    asked = {"ticket": ticket_id, "source": source_id, "reasons": [str(reason) for reason in wanted]}
    rows = (await session.execute(_ROWS, asked)).all()
    present = {(AccessReason(row.reason), Principal(row.user_id, row.role_id)): row.id for row in rows}
    needed = {(reason, one) for reason, several in wanted.items() for one in several}
    if gone := [present[one] for one in present.keys() - needed]:
        await session.execute(_TAKE, {"ids": gone})
    if new := list(needed - present.keys()):
        people, roles = [one.user_id for _why, one in new], [one.role_id for _why, one in new]
        opened = {"why": [str(why) for why, _one in new], "person": people, "role": roles}
        await session.execute(_GIVE, {"ticket": ticket_id, "source": source_id, **opened})


async def derive_own(session: AsyncSession, ticket: Ticket) -> None:
    """Creator, requester and assignee: what the ticket's own columns say."""
    assignees = [Principal(user_id=ticket.assignee_id)] if ticket.assignee_id else []
    assignees += [Principal(role_id=ticket.assigned_role_id)] if ticket.assigned_role_id else []
    own = {
        AccessReason.CREATOR: [Principal(ticket.created_by)],
        AccessReason.REQUESTER: [Principal(ticket.requester_id)],
        AccessReason.ASSIGNEE: assignees,
    }
    await set_access(session, ticket.id, own)
