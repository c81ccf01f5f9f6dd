"""The one predicate that decides who sees a ticket. Every query on tickets, and on what hangs on them, begins here."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole
from app.actor import Actor, Capability
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover, ApprovalProxy
from app.approvals.repository import not_barred, not_voted
from app.db.constants import given, one_of, these
from app.tickets.models import AccessReason, Ticket, TicketAccess

APPROVING = (AccessReason.ASKED, AccessReason.DEPUTY, AccessReason.WAS_ASKED, AccessReason.ACTED)


def visible(actor: Actor) -> ColumnElement[bool]:
    """A condition on `Ticket`: not deleted, and open to all or open to this person for a reason of their own."""
    return _visible(actor.rights)


@lru_cache(maxsize=1000)
def _visible(actor: Actor) -> ColumnElement[bool]:
    """Made once per person and rights: to make it costs as much as a small query."""
    if actor.is_admin or actor.is_system:
        return Ticket.deleted_at.is_(None)
    return and_(Ticket.deleted_at.is_(None), or_(Ticket.open_to_all, _opened_to(actor)))


def deleted(actor: Actor) -> ColumnElement[bool]:
    """A condition on `Ticket`, and the only way to what is gone: for administrators, who may bring it back."""
    return Ticket.deleted_at.is_not(None) if actor.is_admin else false()


def access_candidates(actor: Actor) -> Select[int]:
    """All tickets that may be opened to this person, and some more: to find them by index, beside `visible`."""
    people = [actor.id, *sorted(actor.principal_ids)]
    roles: list[Any] = [TicketAccess.role_id == func.any(these(actor.role_ids))]
    if actor.principal_ids:
        theirs = select(UserRole.role_id).where(UserRole.user_id.in_(people), UserRole.deleted_at.is_(None))
        roles.append(TicketAccess.role_id.in_(theirs))
    return select(TicketAccess.ticket_id).where(or_(TicketAccess.user_id.in_(people), *roles))


def opened_ids(actor: Actor) -> Select[int]:
    """All tickets that are not open to all and that this person may see, of thousands: from the rows that open them.

    Without anybody whom they stand in for, these rows are the predicate; each ticket is not asked again.
    """
    closed = select(Ticket.id).where(~Ticket.open_to_all, Ticket.deleted_at.is_(None))
    if actor.is_admin or actor.is_system:
        return closed
    opened = closed.where(Ticket.id.in_(access_candidates(actor)))
    return opened.where(visible(actor)) if actor.principal_ids else opened


def visible_ids(actor: Actor) -> Select[int]:
    """For what hangs on tickets: `where(TicketNote.ticket_id.in_(visible_ids(actor)))`."""
    return select(Ticket.id).where(visible(actor))


def asked_on(actor: Actor) -> ColumnElement[bool]:
    """A condition on `Ticket`: this person is or was one of its approvers, or stands in for one now (L17)."""
    return _asked_on(actor.rights)


@lru_cache(maxsize=1000)
def _asked_on(actor: Actor) -> ColumnElement[bool]:
    own = exists().where(TicketAccess.ticket_id == Ticket.id, *asked_themselves(actor))
    return or_(own, _opened_to_principals(actor)) if actor.principal_ids else own


def asked_themselves(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Conditions on `TicketAccess`: what `asked_on` asks of whoever stands in for nobody."""
    mine = or_(TicketAccess.user_id == actor.id, TicketAccess.role_id == func.any(these(actor.role_ids)))
    return one_of(TicketAccess.reason, APPROVING), mine


def _opened_to(actor: Actor) -> ColumnElement[bool]:
    mine = or_(TicketAccess.user_id == actor.id, TicketAccess.role_id == func.any(these(actor.role_ids)))
    own = _probed(select(TicketAccess.id).where(TicketAccess.ticket_id == Ticket.id, mine))
    return or_(own, _opened_to_principals(actor)) if actor.principal_ids else own


def _probed(rows: Select[int]) -> ColumnElement[bool]:
    """For each ticket that is not open to all; without `OFFSET 0` a plan would hash all that a role may see first."""
    return rows.correlate(Ticket).offset(literal_column("0")).exists()


def _opened_to_principals(actor: Actor) -> ColumnElement[bool]:
    """What those are asked now for whom this person is proxy now, in the templates they are proxy for (L17)."""
    return exists().where(TicketAccess.ticket_id == Ticket.id, ApprovalProxy.proxy_id == actor.id, opened_by_proxy())


def opened_by_proxy() -> ColumnElement[bool]:
    """A condition on `Ticket`, `TicketAccess` and `ApprovalProxy`: the principal is asked now, and the proxy holds."""
    return and_(TicketAccess.reason == AccessReason.ASKED, active_proxy(func.now()), in_scope(), _asks_principal())


def _asks_principal() -> ColumnElement[bool]:
    """By name, or as a member of a role in use who has not spoken yet, on what others ask for; who is not here any more
    is asked nothing, and nobody for them."""
    principal = ApprovalProxy.principal_id
    is_here = exists().where(User.id == principal, User.deactivated_at.is_(None))
    member = TicketAccess.role_id.in_(_roles_of(principal).correlate(ApprovalProxy))
    others = and_(Ticket.created_by != principal, Ticket.requester_id != principal)
    asked = or_(TicketAccess.user_id == principal, and_(member, others, _waits_for(principal)))
    return and_(is_here.correlate(ApprovalProxy), asked)


def _waits_for(principal: Any) -> ColumnElement[bool]:
    """A pool of the role is open in which this person has a say and no vote yet: one person is one vote."""
    seat, step, process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess
    return (
        select(seat.id)
        .join(step, step.id == seat.step_id)
        .join(process, process.id == step.process_id)
        .where(process.ticket_id == Ticket.id, seat.role_id == TicketAccess.role_id, seat.queue_due.is_not(None))
        .where(not_voted(seat.step_id, principal), not_barred(step, principal))
        .correlate(Ticket, TicketAccess, ApprovalProxy)
        .exists()
    )


def active_proxy(now: Any, proxy: Any = ApprovalProxy) -> ColumnElement[bool]:
    """`[starts_at, ends_at)`, not revoked."""
    return and_(
        proxy.revoked_at.is_(None), proxy.deleted_at.is_(None), proxy.starts_at <= now, proxy.ends_at > now
    )  # fmt: skip


def in_scope(proxy: Any = ApprovalProxy) -> ColumnElement[bool]:
    """The proxy's scope names this ticket's template, or everything."""
    templates = proxy.scope["templates"]
    return or_(proxy.scope.is_(None), templates.op("@>")(cast(func.to_jsonb(Ticket.template_id), JSONB)))


async def who_may_see(session: AsyncSession, ticket_id: int, user_ids: Iterable[int]) -> set[int]:
    """Of these people, the active ones who may see the ticket now: for mentions, notifications, pickers."""
    candidates = set(user_ids)
    if not candidates:
        return set()
    query = select(User.id).join(Ticket, Ticket.id == ticket_id).where(User.id.in_(candidates), seen_by_user())
    return set((await session.execute(query)).scalars())


@lru_cache
def seen_by_user() -> ColumnElement[bool]:
    """A condition on `Ticket` and `User`: this person is active and may see the ticket now."""
    is_open = or_(Ticket.open_to_all, _is_admin(), _has_access(), _is_proxy_of_asked())
    return and_(User.deactivated_at.is_(None), Ticket.deleted_at.is_(None), is_open)


def approver_of(actor: Actor) -> ColumnElement[bool]:
    """A condition on `Ticket`: this person reads what its approvers write to each other (product.md, section 2).

    Those asked so far, their proxies who may act, and admins; never its creator or requester, whatever else they are.
    """
    return _approver_of(actor.rights)


@lru_cache(maxsize=1000)
def _approver_of(actor: Actor) -> ColumnElement[bool]:
    nobody_asking = and_(Ticket.created_by != actor.id, Ticket.requester_id != actor.id)
    if actor.is_admin:
        return nobody_asking
    return and_(nobody_asking, asked_on(actor))


async def approvers_among(session: AsyncSession, ticket_id: int, user_ids: Iterable[int]) -> set[int]:
    """Of these people, those who read what the ticket's approvers write to each other."""
    candidates = set(user_ids)
    if not candidates:
        return set()
    theirs = or_(TicketAccess.user_id == User.id, TicketAccess.role_id.in_(_roles_of(User.id).correlate(User)))
    asked = exists().where(TicketAccess.ticket_id == Ticket.id, one_of(TicketAccess.reason, APPROVING), theirs)
    query = (
        select(User.id)
        .join(Ticket, Ticket.id == ticket_id)
        .where(User.id.in_(candidates), User.deactivated_at.is_(None), Ticket.deleted_at.is_(None))
        .where(User.id != Ticket.created_by, User.id != Ticket.requester_id)
        .where(or_(asked, _is_admin(), _is_proxy_of_asked()))
    )
    return set((await session.execute(query)).scalars())


def _roles_of(person: Any) -> Select[int]:
    """A column with a person's id; archived roles give nobody anything."""
    return (
        select(UserRole.role_id)
        .join(Role, Role.id == UserRole.role_id)
        .where(
            UserRole.user_id == person,
            UserRole.deleted_at.is_(None),
            Role.archived_at.is_(None),
            Role.deleted_at.is_(None),
        )
    )


def _is_admin() -> ColumnElement[bool]:
    return _roles_of(User.id).where(Role.capabilities.contains([Capability.ADMIN])).correlate(User).exists()


def _has_access() -> ColumnElement[bool]:
    theirs = or_(TicketAccess.user_id == User.id, TicketAccess.role_id.in_(_roles_of(User.id).correlate(User)))
    return exists().where(TicketAccess.ticket_id == Ticket.id, theirs)


def _is_proxy_of_asked() -> ColumnElement[bool]:
    return exists().where(TicketAccess.ticket_id == Ticket.id, ApprovalProxy.proxy_id == User.id, opened_by_proxy())


async def may_see(session: AsyncSession, actor: Actor, ticket_id: int) -> bool:
    """A statement of its own, for after the lock: what a lock statement saw may be past (approvals.md, rule 13)."""
    return bool((await session.execute(_sees(actor.rights), {"ticket": ticket_id})).scalar())


@lru_cache(maxsize=1000)
def _sees(actor: Actor) -> Select[bool]:
    return select(true()).where(Ticket.id == given("ticket"), visible(actor))


def seen_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
