"""What every verb on tickets shares: find, lock, ask the policy, move."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.log import ActivityLog
from app.activity.models import TicketNote
from app.actor import Actor
from app.clock import database_now
from app.db.constants import given
from app.errors import NotAllowed, NotPossible, TicketNotFound
from app.tickets import events
from app.tickets.lifecycle import FINAL, Move, step_for, targets
from app.tickets.mentions.reasons import Calls
from app.tickets.models import Ticket, TicketStatus
from app.tickets.policy import May
from app.tickets.visibility import may_see, visible
from app.web.i18n import N_

_NUMBERED = Ticket.ticket_no == bindparam("number", type_=Ticket.ticket_no.type)
_LOCKED = select(Ticket.id).where(_NUMBERED).with_for_update()
_AS_IT_IS_NOW = select(Ticket).where(Ticket.id == given("ticket")).execution_options(populate_existing=True)


@lru_cache(maxsize=1000)
def _seen(actor: Actor) -> Select[Ticket]:
    return select(Ticket).where(_NUMBERED, visible(actor))


class Desk:
    """Services of this package are desks: they act for one actor in one session."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self.accept_rewind = False
        """Who changes something was told which decisions that loses, and says so."""
        self.log = ActivityLog(session, actor)
        self.calls = Calls()

    async def find(self, ticket_no: str) -> Ticket:
        """For reading. Unknown, deleted and hidden are one answer."""
        ticket = (await self.session.execute(_seen(self.actor.rights), {"number": ticket_no})).scalar_one_or_none()
        if ticket is None:
            raise TicketNotFound
        return ticket

    async def lock(self, ticket_no: str) -> Ticket:
        """For changing: the row first, and what is decided upon by statements after it (approvals.md, rule 13)."""
        ticket_id = (await self.session.execute(_LOCKED, {"number": ticket_no})).scalar_one_or_none() or 0
        if not await may_see(self.session, self.actor, ticket_id):
            raise TicketNotFound
        return (await self.session.execute(_AS_IT_IS_NOW, {"ticket": ticket_id})).scalar_one()

    def may(self, ticket: Ticket) -> May:
        return May(self.actor, ticket)

    async def now(self) -> datetime:
        return await database_now(self.session)

    async def move(self, ticket: Ticket, move: Move, *, to: TicketStatus | None = None, reason: str = "") -> None:
        """One step of the life cycle with its event; refused where the table or the policy says no."""
        self.insist(ticket, move)
        step = step_for(ticket.status, move)
        if step is None:
            raise self.not_possible(ticket)
        note = await self.become(ticket, to or step.target, reason=reason)
        await self.calls.hear(self.session, note, reason)

    def insist(self, ticket: Ticket, move: Move) -> None:
        if step_for(ticket.status, move) is None:
            raise self.not_possible(ticket)
        if not self.may(ticket).make(move):
            raise NotAllowed(REFUSALS[move], possible=self.possible(ticket))

    def not_possible(self, ticket: Ticket) -> NotPossible:
        sentence = (
            N_("This ticket is closed for good. Start a new request that points to it.")
            if ticket.status in FINAL
            else N_("This is not possible in the state that the ticket is in now.")
        )
        return NotPossible(sentence, possible=self.possible(ticket), ticket_status=ticket.status)

    def possible(self, ticket: Ticket) -> list[str]:
        return targets(self.may(ticket).moves, ticket.status)

    async def become(
        self,
        ticket: Ticket,
        status: TicketStatus | str,
        *,
        reason: str = "",
        not_before: datetime | None = None,
        **facts: Any,
    ) -> TicketNote:
        """Sets the status and what depends on it."""
        at, old = await self.now(), ticket.status
        ticket.status, ticket.status_since = status, at
        if status == TicketStatus.RESOLVED:
            ticket.resolved_at = at
        elif status == TicketStatus.CLOSED:
            ticket.closed_at = at
        elif old == TicketStatus.RESOLVED:
            ticket.resolved_at = None
        ticket.touch(by=self.actor.id, at=at)
        told = {"old": str(old), "new": str(status), "reason": reason, **facts}
        return await self.log.record(events.STATUS_CHANGE, ticket, not_before=not_before, **told)


REFUSALS = {
    Move.SUBMIT: N_("Only who asks can submit this."),
    Move.WITHDRAW: N_("Only who asked can withdraw this."),
    Move.CANCEL: N_("You cannot cancel this. Who asked withdraws it, a manager cancels it."),
    Move.EDIT_AGAIN: N_("Only who asked can edit this again."),
    Move.CHANGE_APPROVED: N_("Only who asked or a manager can take this back to change what was approved."),
    Move.TAKE: N_("Only the assignee, members of the assigned role and managers can take this."),
    Move.RESOLVE: N_("Only the assignee can resolve this."),
    Move.HAND_BACK: N_("Only the assignee can hand this back."),
    Move.CONFIRM: N_("Only who asked can confirm this."),
    Move.SEND_BACK: N_("Only who asked can send this back."),
}
