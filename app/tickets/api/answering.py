"""A ticket, or several, as the wire has them, in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import people, role_names
from app.actor import Actor
from app.ticket_templates.repository import form_of
from app.tickets.api.shapes import LabelRef, TicketOut, TicketRow
from app.tickets.approving.readable import readable_on
from app.tickets.models import Ticket
from app.tickets.policy import May
from app.tickets.repository import Placement, placements_of
from app.tickets.seers import is_approver
from app.web.api import Json, Named, answer


@dataclass(frozen=True, slots=True)
class Told:
    """Names for the ids of these tickets."""

    persons: Mapping[int, UserCard]
    roles: Mapping[int, str]
    placed: Mapping[int, Placement] = field(default_factory=dict)

    def person(self, user_id: int | None) -> Named | None:
        found = self.persons.get(user_id or 0)
        return Named(found.id, found.name) if found else None

    def somebody(self, user_id: int) -> Named:
        return self.person(user_id) or Named(user_id, "")

    def role(self, role_id: int | None) -> Named | None:
        return Named(role_id, self.roles[role_id]) if role_id and role_id in self.roles else None


async def names(session: AsyncSession, persons: Iterable[int | None], roles: Iterable[int | None] = ()) -> Told:
    return Told(
        await people(session, [one for one in persons if one]), await role_names(session, [one for one in roles if one])
    )


async def told_of(session: AsyncSession, tickets: Sequence[Any]) -> Told:
    """`tickets`: rows of the list or whole tickets."""
    ids = [one for row in tickets for one in (row.created_by, row.requester_id, row.assignee_id)]
    known = await names(session, ids, [row.assigned_role_id for row in tickets])
    return Told(known.persons, known.roles, await placements_of(session, [row.id for row in tickets]))


async def rows_out(session: AsyncSession, tickets: Sequence[Any]) -> list[TicketRow]:
    told = await told_of(session, tickets)
    return [TicketRow(**_common(row, told)) for row in tickets]


async def ticket_out(session: AsyncSession, actor: Actor, ticket: Ticket, unheard: Sequence[str] = ()) -> TicketOut:
    may, told = May(actor, ticket), await told_of(session, [ticket])
    version = told.placed[ticket.id].version
    fields: dict[str, Any] = dict(ticket.custom_fields_data)
    own = may.is_owner
    if version is not None:
        own = own or await is_approver(session, actor, ticket)
        readable = await readable_on(session, actor, ticket, form_of(version))
        fields = {key: value for key, value in fields.items() if key in readable}
    return TicketOut(
        **_common(ticket, told), description=ticket.description, fields=fields, resolution=ticket.resolution,
        picks=ticket.picks if own else {}, may=may.words, unheard=list(dict.fromkeys(unheard)),
    )  # fmt: skip


async def the_ticket(
    session: AsyncSession,
    actor: Actor,
    ticket: Ticket,
    *,
    unheard: Sequence[str] = (),
    status: int = 200,
    location: str = "",
) -> Json:
    """With its ETag."""
    await session.flush()
    return answer(
        await ticket_out(session, actor, ticket, unheard), status=status, version=ticket.version, location=location
    )  # fmt: skip


def _common(row: Any, told: Told) -> dict[str, Any]:
    placed = told.placed[row.id]
    return {
        "ticket_no": row.ticket_no, "title": row.title, "status": row.status, "priority": row.priority,
        "visibility": row.visibility, "template": placed.template, "template_version": placed.template_version,
        "assignee": told.person(row.assignee_id), "assigned_role": told.role(row.assigned_role_id),
        "due_at": row.due_at, "categories": [Named(one.id, one.name) for one in placed.categories],
        "labels": [LabelRef(one.id, one.name, one.color) for one in placed.labels],
        "requester": told.somebody(row.requester_id), "created_by": told.somebody(row.created_by),
        "created_at": row.created_at, "updated_at": row.updated_at, "version": row.version,
    }  # fmt: skip
