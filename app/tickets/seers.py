"""Who can see a restricted ticket, each with the reasons; for everybody who can see it themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import administrators, members_of, people, role_names
from app.actor import Actor
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalProxy,
)
from app.db.constants import given
from app.tickets.models import AccessReason, Ticket, TicketAccess, TicketViewPermission, Visibility
from app.tickets.visibility import asked_on, asked_themselves, opened_by_proxy, who_may_see
from app.web.i18n import gettext as _
from app.web.i18n import series

_GRANTS = select(TicketViewPermission).where(TicketViewPermission.ticket_id == given("ticket"))


@dataclass(slots=True)
class Seer:
    person: UserCard
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Grant:
    """A ticket opened to one person or one role."""

    id: int
    person: UserCard | None
    role: str | None


async def is_approver(session: AsyncSession, actor: Actor, ticket: Ticket) -> bool:
    """Who reads and writes comments for approvers only: those asked, their proxies, admins; never who asked."""
    if actor.id in {ticket.created_by, ticket.requester_id}:
        return False
    if actor.is_admin:
        return True
    return (await session.execute(_asked(actor.rights), {"ticket": ticket.id})).first() is not None


@lru_cache(maxsize=1000)
def _asked(actor: Actor) -> Select[int]:
    """The ticket was found for them; without anybody whom they stand in for, who was asked says it by itself."""
    if actor.principal_ids:
        return select(Ticket.id).where(Ticket.id == given("ticket"), asked_on(actor))
    return select(TicketAccess.id).where(TicketAccess.ticket_id == given("ticket"), *asked_themselves(actor))


async def seers_of(session: AsyncSession, ticket: Ticket) -> list[Seer]:
    rows = (
        await session.execute(
            select(TicketAccess.user_id, TicketAccess.role_id, TicketAccess.reason).filter_by(ticket_id=ticket.id)
        )
    ).all()
    members = await members_of(session, [row.role_id for row in rows if row.role_id], in_use=True)
    roles = await role_names(session, [row.role_id for row in rows])
    persons = await people(session, [row.user_id for row in rows])
    found: dict[int, Seer] = {}
    for row in sorted(rows, key=lambda row: _ORDER.index(row.reason)):
        several = members.get(row.role_id, []) if row.role_id else [persons[row.user_id]]
        _add(found, several, _why(row.reason, roles.get(row.role_id)))
    for principal, proxy in await _proxies(session, ticket):
        _add(found, [proxy], _("stands in for %(person)s") % {"person": principal.name})
    _add(found, (await people(session, await administrators(session))).values(), _("administrator"))
    return sorted(found.values(), key=lambda seer: seer.person.name)


def _add(found: dict[int, Seer], several: Iterable[UserCard], reason: str) -> None:
    for person in several:
        seer = found.setdefault(person.id, Seer(person)) if person.is_active else None
        if seer is not None and reason not in seer.reasons:
            seer.reasons.append(reason)


_ORDER = tuple(AccessReason)


def _why(reason: str, role: str | None) -> str:
    said = {
        AccessReason.CREATOR: _("asked for it"),
        AccessReason.REQUESTER: _("it is for them"),
        AccessReason.ASSIGNEE: _("works on it"),
        AccessReason.ASKED: _("is asked to approve"),
        AccessReason.DEPUTY: _("answers for an approver who is overdue"),
        AccessReason.WAS_ASKED: _("was asked to approve"),
        AccessReason.ACTED: _("decided on it"),
        AccessReason.GRANTED: _("it was opened to them"),
    }[AccessReason(reason)]
    return _("%(reason)s, as a member of %(role)s") % {"reason": said, "role": role} if role else said


async def _proxies(session: AsyncSession, ticket: Ticket) -> list[tuple[UserCard, UserCard]]:
    """(principal, proxy) for those asked now."""
    query = (
        select(ApprovalProxy.principal_id, ApprovalProxy.proxy_id)
        .select_from(Ticket)
        .join(TicketAccess, TicketAccess.ticket_id == Ticket.id)
        .join(ApprovalProxy, opened_by_proxy())
        .where(Ticket.id == ticket.id)
        .distinct()
    )
    pairs = (await session.execute(query)).all()
    persons = await people(session, [one for pair in pairs for one in pair])
    return [(persons[pair[0]], persons[pair[1]]) for pair in pairs]


async def grants_of(session: AsyncSession, ticket: Ticket) -> list[Grant]:
    rows = (await session.execute(_GRANTS, {"ticket": ticket.id})).scalars().all()
    persons = await people(session, [row.user_id for row in rows if row.user_id])
    roles = await role_names(session, [row.role_id for row in rows if row.role_id])
    return [Grant(row.id, persons.get(row.user_id or 0), roles.get(row.role_id or 0)) for row in rows]


async def permissions_of(session: AsyncSession, ticket: Ticket) -> Sequence[TicketViewPermission]:
    query = select(TicketViewPermission).filter_by(ticket_id=ticket.id).order_by(TicketViewPermission.id)
    return (await session.execute(query.limit(1000))).scalars().all()


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether one person sees a ticket, and why; told to admins."""

    person: UserCard
    sees: bool
    reasons: list[str]


async def sight_of(session: AsyncSession, ticket: Ticket, person: UserCard) -> Sight:
    """The predicate itself decides; the words only tell what it went by."""
    if not person.is_active:
        return Sight(person, False, [_("This account is deactivated: nobody signs in with it.")])
    if not await who_may_see(session, ticket.id, [person.id]):
        return Sight(person, False, await _why_not(session, ticket, person))
    if ticket.open_to_all:
        return Sight(person, True, [_("It is open to everybody who is signed in.")])
    found = next((seer for seer in await seers_of(session, ticket) if seer.person.id == person.id), Seer(person))
    return Sight(person, True, found.reasons)


async def _why_not(session: AsyncSession, ticket: Ticket, person: UserCard) -> list[str]:
    opened = [each.person.name if each.person else each.role or "" for each in await grants_of(session, ticket)]
    restricted = ticket.visibility == Visibility.RESTRICTED
    draft = _("It is a draft that was never submitted, which only those involved see.")
    said = [
        _("It is restricted to those involved.") if restricted else draft,
        _("They did not ask for it, do not work on it, and neither approve it nor stand in for anybody who does."),
    ]
    nobody = _("It is opened to nobody else, neither by name nor by role.")
    others = _("It is opened to %(names)s, but not to them.") % {"names": series(opened)}
    said.append(others if opened else nobody)
    if await _had_a_seat(session, ticket, person):
        said.append(_("They were to approve it once, but never could: that opens nothing."))
    return said


async def _had_a_seat(session: AsyncSession, ticket: Ticket, person: UserCard) -> bool:
    seat, step, process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess
    query = select(seat.id).join(step, step.id == seat.step_id).join(process, process.id == step.process_id)
    query = query.where(process.ticket_id == ticket.id, seat.user_id == person.id).limit(1)
    return (await session.execute(query)).first() is not None
