"""What is due before the viewer's day ends, overdue included, and who holds it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import people, role_names
from app.activity.vocabulary import shown_status, status_word
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.filters import TicketFilters
from app.tickets.matching import OPEN_STEP, matching
from app.tickets.models import Ticket

MOST = 6
Step, Seat = ApprovalProcessStep, ApprovalProcessStepApprover


@dataclass(frozen=True, slots=True)
class AtRisk:
    ticket_no: str
    title: str
    status: str
    status_label: str
    is_restricted: bool
    due_at: datetime
    held_by: str
    """A step, a team or a person, in words; empty where nobody has it."""
    person: UserCard | None


def at_risk(scope: Scope) -> TicketFilters:
    return scope.tickets(due=("risk",))


async def most_urgent(session: AsyncSession, scope: Scope) -> list[AtRisk]:
    """By what is due first: the ticket, or a step of its that is open."""
    rows = (await session.execute(planned_each_time(_rows(scope)))).all()
    steps = await _open_steps(session, [row.id for row in rows])
    seats = [seat for held in steps.values() for seat in held]
    persons = await people(session, [*(seat.user_id for seat in seats), *(row.assignee_id for row in rows)])
    roles = await role_names(session, [row.assigned_role_id for row in rows])
    return [_at_risk(row, steps.get(row.id, []), persons, roles) for row in rows]


def _rows(scope: Scope) -> Any:
    step_due = (
        select(func.min(Step.due_at))
        .join(ApprovalProcess, ApprovalProcess.id == Step.process_id)
        .where(ApprovalProcess.ticket_id == Ticket.id, *OPEN_STEP)
        .correlate(Ticket)
        .scalar_subquery()
    )
    due = func.least(Ticket.due_at, step_due).label("due")
    return (
        select(
            Ticket.id, Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.approval, Ticket.visibility,
            Ticket.assignee_id, Ticket.assigned_role_id, due,
        )
        .where(*matching(at_risk(scope), scope.actor, scope.now))
        .order_by(due, Ticket.id)
        .limit(MOST)
    )  # fmt: skip


async def _open_steps(session: AsyncSession, ticket_ids: Sequence[int]) -> dict[int, list[Any]]:
    """By ticket: its open steps with whom each still waits for."""
    if not ticket_ids:
        return {}
    query = (
        select(ApprovalProcess.ticket_id, Step.name, Seat.user_id)
        .join(Step, Step.process_id == ApprovalProcess.id)
        .join(Seat, Seat.step_id == Step.id)
        .where(ApprovalProcess.ticket_id.in_(ticket_ids), Seat.status == "pending", *OPEN_STEP)
        .order_by(Step.opened_at, Step.id, Seat.id)
    )
    found: dict[int, list[Any]] = {}
    for row in (await session.execute(query)).all():
        found.setdefault(row.ticket_id, []).append(row)
    return found


def _at_risk(
    row: Row[Any], steps: Sequence[Row[Any]], persons: Mapping[int, UserCard], roles: Mapping[int, str]
) -> AtRisk:
    if steps:
        held_by, person = steps[0].name, persons.get(steps[0].user_id)
    else:
        person = persons.get(row.assignee_id)
        held_by = person.name if person else roles.get(row.assigned_role_id, "")
    return AtRisk(
        row.ticket_no, row.title, shown_status(row.status, row.approval), status_word(row.status, row.approval),
        row.visibility == "restricted", row.due, held_by, person,
    )  # fmt: skip
