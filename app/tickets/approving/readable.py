"""Which answers somebody reads on one ticket: whoever is asked reads what their step watches (approvals.md, rule 9)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, UserRole
from app.actor import Actor
from app.approvals.core.definition import Step
from app.approvals.core.outcome import Access, access_by_step
from app.approvals.core.state import state_from_json
from app.approvals.models import ApprovalProcess, ApprovalTemplateVersion
from app.approvals.repository import flow_of_content, known_flow
from app.ticket_templates import values
from app.ticket_templates.definition import FormDefinition
from app.tickets.approving.watching import reads_of
from app.tickets.models import Ticket
from app.tickets.seers import is_approver


async def readable_on(session: AsyncSession, actor: Actor, ticket: Ticket, form: FormDefinition) -> frozenset[str]:
    """Costs no query where the form keeps nothing from this person."""
    own = actor.id in {ticket.created_by, ticket.requester_id}
    by_role = values.readable(form, role_ids=actor.role_ids, own=own)
    every = frozenset(one.key for one in form.fields)
    if by_role == every or not await is_approver(session, actor, ticket):
        return by_role
    return every if actor.is_admin else by_role | every & await _watched(session, actor, ticket, form)


async def _watched(session: AsyncSession, actor: Actor, ticket: Ticket, form: FormDefinition) -> frozenset[str]:
    """By the steps that this person was asked in, or whoever they stand in for is asked in now."""
    process, version = ApprovalProcess, ApprovalTemplateVersion
    query = (
        select(process.state, process.definition_sha256, version.definition)
        .join(version, version.id == process.template_version_id)
        .where(process.ticket_id == ticket.id)
    )
    principals_roles = await _roles_of(session, actor.principal_ids) if actor.principal_ids else frozenset[int]()
    found = frozenset[str]()
    for state, sha256, definition in await session.execute(query):
        flow = known_flow(sha256) or flow_of_content(sha256, definition)
        for key, rows in access_by_step(state_from_json(state)).items():
            if any(_is_theirs(row, actor, principals_roles) for row in rows):
                found |= watched_by(flow.steps[key], form)
    return found


def watched_by(step: Step, form: FormDefinition) -> frozenset[str]:
    reads = reads_of(step)
    return values.watched(form, read_by_flow=reads) if step.watches is None else frozenset(step.watches) | reads


def _is_theirs(row: Access, actor: Actor, principals_roles: frozenset[int]) -> bool:
    if row.user_id == actor.id or row.role_id in actor.role_ids:
        return True
    return row.reason == "asked" and (row.user_id in actor.principal_ids or row.role_id in principals_roles)


async def _roles_of(session: AsyncSession, people: frozenset[int]) -> frozenset[int]:
    query = (
        select(UserRole.role_id)
        .join(Role, Role.id == UserRole.role_id)
        .where(UserRole.user_id.in_(people), UserRole.deleted_at.is_(None), Role.archived_at.is_(None))
    )
    return frozenset((await session.execute(query)).scalars())
