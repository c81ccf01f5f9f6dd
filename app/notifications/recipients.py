"""Whom a rule means for one event, before anybody asks whether they may know."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole
from app.activity.models import TicketNote
from app.actor import SYSTEM_ID, Capability
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.notifications.rule_repository import RuleRecipients
from app.notifications.words import ADMINS, ADMITTED, APPROVERS, ASSIGNEE, CREATOR, ROLE, USER, WATCHERS
from app.tickets.asking_for_access.repository import askers_among
from app.tickets.models import Ticket
from app.tickets.watchers.repository import ids_of_watchers


async def meant_by(session: AsyncSession, named: RuleRecipients, note: TicketNote, ticket: Ticket) -> Mapping[int, str]:
    """People by id with the part of the rule that names them first; the nearest part is asked first."""
    parts: list[tuple[str, Iterable[int]]] = []
    if APPROVERS in named.rule.recipients:
        parts.append((APPROVERS, await _approvers(session, note)))
    if ADMITTED in named.rule.recipients:
        parts.append((ADMITTED, await _admitted(session, note, ticket)))
    if ASSIGNEE in named.rule.recipients:
        parts.append((ASSIGNEE, await _assignees(session, ticket)))
    if ADMINS in named.rule.recipients:
        parts.append((ADMINS, await _admins(session, note)))
    if CREATOR in named.rule.recipients:
        parts.append((CREATOR, (ticket.requester_id, ticket.created_by)))
    if WATCHERS in named.rule.recipients:
        parts.append((WATCHERS, await ids_of_watchers(session, ticket)))
    parts += [(USER, named.user_ids), (ROLE, await members(session, named.role_ids))]
    meant: dict[int, str] = {}
    for reason, people in parts:
        for person in people:
            meant.setdefault(person, reason)
    meant.pop(note.created_by, None)
    meant.pop(SYSTEM_ID, None)
    return meant


async def members(session: AsyncSession, role_ids: Iterable[int]) -> set[int]:
    """Active people in roles that are in use."""
    wanted = list(role_ids)
    if not wanted:
        return set()
    query = (
        select(UserRole.user_id)
        .join(User, User.id == UserRole.user_id)
        .join(Role, Role.id == UserRole.role_id)
        .where(UserRole.role_id.in_(wanted), Role.archived_at.is_(None), User.deactivated_at.is_(None))
    )
    return set((await session.execute(query)).scalars())


async def _assignees(session: AsyncSession, ticket: Ticket) -> set[int]:
    """The person, or the role's members as long as nobody of them has taken it."""
    if ticket.assignee_id:
        return {ticket.assignee_id}
    return await members(session, [ticket.assigned_role_id] if ticket.assigned_role_id else [])


async def _admitted(session: AsyncSession, note: TicketNote, ticket: Ticket) -> set[int]:
    """The person to whom it was opened; of a role only those who had asked for it."""
    facts = note.event_details or {}
    if user := facts.get("user"):
        return {user}
    role = facts.get("role")
    return await askers_among(session, ticket.ticket_no, list(await members(session, [role] if role else [])))


async def _admins(session: AsyncSession, note: TicketNote) -> set[int]:
    """Nobody has to look where it is over."""
    if (note.event_details or {}).get("resolved"):
        return set()
    query = select(Role.id).where(Role.capabilities.contains([Capability.ADMIN]), Role.archived_at.is_(None))
    return await members(session, (await session.execute(query)).scalars())


async def _approvers(session: AsyncSession, note: TicketNote) -> set[int]:
    """Those who still have to decide: in the step that the event is about, or else in all open steps."""
    facts = note.event_details or {}
    if isinstance(newcomer := facts.get(_NEWCOMER.get(note.event_type or "", "")), int):
        return {newcomer}
    seat, step, process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess
    open_here = [process.ticket_id == note.ticket_id, process.status == "running", step.status == "open"]
    if (run := _run_number(facts)) is not None:
        open_here += [process.id == facts.get("process"), step.number == run]
    pending = (
        select(seat.user_id, seat.role_id, seat.deputy_ids)
        .join(step, step.id == seat.step_id)
        .join(process, process.id == step.process_id)
        .where(*open_here, seat.status == "pending")
    )
    rows = (await session.execute(pending)).all()
    pools = await members(session, {row.role_id for row in rows if row.role_id})
    deputies = {one for row in rows for one in row.deputy_ids}
    return {row.user_id for row in rows if row.user_id} | deputies | pools


_NEWCOMER = {
    "approval_delegated": "to", "approval_seat_added": "holder", "approval_seat_replaced": "holder",
    "approval_escalated": "deputy",
}  # fmt: skip
"""Where an event gives one person a seat, only they are told: the fact that names them."""


def _run_number(facts: Mapping[str, Any]) -> int | None:
    run = (facts.get("engine") or facts).get("run")
    if isinstance(run, Mapping):
        run = run.get("number")
    return run if isinstance(run, int) else None
