"""What moves an approval without anybody at a page: a change in the directory, and time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserRole
from app.actor import SYSTEM, acting_as
from app.approvals.core.state import TimerKind
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalTimer,
)
from app.clock import database_now
from app.db.session import Database
from app.errors import DomainError
from app.jobs.registry import job, periodic
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.models import Ticket

MOST_AT_ONCE = 500


@job("approvals.directory_changed")
async def directory_changed(database: Database, payload: Mapping[str, Any]) -> None:
    """Voids who may no longer vote, ticket by ticket, each under its own lock; it may run twice."""
    async with database.session() as session:
        numbers = await _concerned(session, int(payload["user_id"]))
    for ticket_no in numbers:
        with acting_as(SYSTEM):
            async with database.in_its_own() as session:
                desk = ApprovalDesk(session, SYSTEM)
                await desk.settle(await desk.lock(ticket_no))


async def _concerned(session: AsyncSession, user_id: int) -> list[str]:
    """Tickets that wait for this person, for a role they are or were in, or that are back with them."""
    roles = select(UserRole.role_id).where(UserRole.user_id == user_id).execution_options(include_deleted=True)
    seat = ApprovalProcessStepApprover
    asked = (
        select(ApprovalProcess.ticket_id)
        .join(ApprovalProcessStep, ApprovalProcessStep.process_id == ApprovalProcess.id)
        .join(seat, seat.step_id == ApprovalProcessStep.id)
        .where(ApprovalProcessStep.status == "open", seat.status == "pending")
        .where(or_(seat.user_id == user_id, seat.role_id.in_(roles)))
    )
    returned = select(ApprovalProcess.ticket_id).where(ApprovalProcess.status == "returned")
    theirs = or_(Ticket.created_by == user_id, Ticket.requester_id == user_id)
    query = (
        select(Ticket.ticket_no).where(or_(Ticket.id.in_(asked), theirs & Ticket.id.in_(returned))).order_by(Ticket.id)
    )
    return list((await session.execute(query)).scalars())


@periodic(20, name="approvals.timers")
async def fire_timers(database: Database) -> None:
    """Reminders and deadlines that have come; the engine says whether each still means anything."""
    async with database.session() as session:
        due = await _due(session)
    for timer_id, ticket_no in due:
        with acting_as(SYSTEM):
            async with database.in_its_own() as session:
                await _fire(session, timer_id, ticket_no)


async def _due(session: AsyncSession) -> list[tuple[int, str]]:
    query = (
        select(ApprovalTimer.id, Ticket.ticket_no)
        .join(ApprovalProcessStep, ApprovalProcessStep.id == ApprovalTimer.step_id)
        .join(ApprovalProcess, ApprovalProcess.id == ApprovalProcessStep.process_id)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(ApprovalTimer.fired_at.is_(None), ApprovalTimer.cleared_at.is_(None), Ticket.deleted_at.is_(None))
        .where(ApprovalTimer.due_at <= await database_now(session))
        .order_by(ApprovalTimer.due_at, ApprovalTimer.id)
        .limit(MOST_AT_ONCE)
    )
    return [(row.id, row.ticket_no) for row in await session.execute(query)]


async def _fire(session: AsyncSession, timer_id: int, ticket_no: str) -> None:
    """Under the ticket's lock, so that two workers fire it once; a denial is no news and leaves no trace."""
    desk = ApprovalDesk(session, SYSTEM)
    ticket = await desk.lock(ticket_no)
    timer = await session.get(ApprovalTimer, timer_id, populate_existing=True)
    if timer is None or timer.fired_at is not None or timer.cleared_at is not None:
        return
    now = await desk.now()
    if timer.due_at > now:
        return  # the clock was set back since it was found: it is still to come
    step = await session.get_one(ApprovalProcessStep, timer.step_id)
    timer.fired_at = now
    try:
        async with session.begin_nested():
            await desk.fire(
                ticket, run=step.number, kind=TimerKind(timer.kind), ordinal=timer.ordinal, due_at=timer.due_at
            )
    except DomainError:
        return
