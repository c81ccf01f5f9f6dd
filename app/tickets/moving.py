"""A move by where it leads to, as a script means it; submitting has a call of its own."""

from app.errors import NotAllowed
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.handling import Handling
from app.tickets.lifecycle import Move, move_between
from app.tickets.models import Ticket, TicketStatus


class Moving(ApprovalDesk):
    async def move_to(self, ticket: Ticket, target: TicketStatus, *, reason: str) -> None:
        move = move_between(ticket.status, target)
        if move is None:
            raise self.not_possible(ticket)
        if not self.may(ticket).make(move):
            raise NotAllowed("This move is not yours to make.", possible=self.possible(ticket))
        if move is Move.WITHDRAW:
            await self.withdraw(ticket, reason=reason)
        elif move is Move.CANCEL:
            await self._cancel(ticket, reason)
        else:
            await self._handle(ticket, move, reason)

    async def _cancel(self, ticket: Ticket, reason: str) -> None:
        """An approval that waits or was returned ends with the ticket."""
        is_returned = ticket.approval == "returned"
        if ticket.status == TicketStatus.WAITING_APPROVAL or (is_returned and not self.may(ticket).is_owner):
            await self.cancel(ticket, reason=reason)
            return
        if is_returned:
            await self.withdraw(ticket, reason=reason)
        await self._by_hand().cancel_without_approval(ticket, reason=reason)

    async def _handle(self, ticket: Ticket, move: Move, reason: str) -> None:
        handling = self._by_hand()
        verbs = {
            Move.TAKE: lambda: handling.take(ticket),
            Move.HAND_BACK: lambda: handling.hand_back(ticket, reason=reason),
            Move.RESOLVE: lambda: handling.resolve(ticket, resolution=reason),
            Move.CONFIRM: lambda: handling.confirm(ticket),
            Move.SEND_BACK: lambda: handling.send_back(ticket, reason=reason),
            Move.EDIT_AGAIN: lambda: handling.edit_again(ticket),
            Move.CHANGE_APPROVED: lambda: handling.change_approved(ticket, reason=reason),
        }
        await verbs[move]()

    def _by_hand(self) -> Handling:
        """Of the same act: whom its reason calls is called once."""
        handling = Handling(self.session, self.actor)
        handling.calls = self.calls
        return handling
