"""The work on an open ticket: take, hand back, resolve, confirm, send back; and the ways out."""

from app.errors import Refused
from app.tickets import events
from app.tickets.access import derive_own
from app.tickets.desk import Desk
from app.tickets.lifecycle import Move
from app.tickets.models import Ticket, TicketStatus
from app.web.i18n import N_

LONGEST_REASON = 4_000


class Handling(Desk):
    async def take(self, ticket: Ticket) -> None:
        """Without an assignee, who takes it becomes it; a manager who takes somebody's ticket leaves it theirs."""
        await self.move(ticket, Move.TAKE)
        if ticket.assignee_id is None:
            old_role = ticket.assigned_role_id
            ticket.assignee_id = self.actor.id
            await derive_own(self.session, ticket)
            await self.log.record(
                events.ASSIGNEE_CHANGE, ticket, to=self.actor.id, old=None, role=old_role, old_role=old_role
            )

    async def hand_back(self, ticket: Ticket, *, reason: str = "") -> None:
        await self.move(ticket, Move.HAND_BACK, reason=_short(reason))

    async def resolve(self, ticket: Ticket, *, resolution: str) -> None:
        ticket.resolution = _needed(resolution, N_("Say how it was resolved."), field="resolution")
        await self.move(ticket, Move.RESOLVE, reason=ticket.resolution)

    async def confirm(self, ticket: Ticket) -> None:
        await self.move(ticket, Move.CONFIRM)

    async def send_back(self, ticket: Ticket, *, reason: str) -> None:
        await self.move(ticket, Move.SEND_BACK, reason=_needed(reason, N_("Say what is still missing.")))

    async def edit_again(self, ticket: Ticket) -> None:
        """The next submission of a rejected request is a new process."""
        await self.move(ticket, Move.EDIT_AGAIN)

    async def change_approved(self, ticket: Ticket, *, reason: str) -> None:
        """The approval stays on record for what it covered."""
        await self.move(ticket, Move.CHANGE_APPROVED, reason=_needed(reason, N_("Say why it has to change.")))

    async def cancel_without_approval(self, ticket: Ticket, *, reason: str = "") -> None:
        """Where no process waits; otherwise it is cancelled with its approval (`ApprovalDesk.cancel`)."""
        needed = ticket.status in {TicketStatus.OPEN, TicketStatus.IN_PROGRESS}
        text = _needed(reason, N_("Say why this is cancelled.")) if needed else _short(reason)
        await self.move(ticket, Move.CANCEL, reason=text)

    async def close_after_silence(self, ticket: Ticket) -> None:
        """By itself, days after it was resolved; the job that asks acts as the system."""
        if ticket.status == TicketStatus.RESOLVED:
            await self.become(ticket, TicketStatus.CLOSED)


def _needed(text: str, sentence: str, *, field: str = "reason") -> str:
    text = text.strip()
    if not text:
        raise Refused(sentence, {field: sentence})
    return _short(text, field=field)


def _short(text: str, *, field: str = "reason") -> str:
    if len(text) > LONGEST_REASON:
        raise Refused("This is too long: at most 4,000 characters.", {field: "At most 4,000 characters."})
    return text.strip()
