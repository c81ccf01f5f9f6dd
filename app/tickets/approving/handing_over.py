"""Seats that their holders pass on, and approvers whom they ask to come in beside them; each by its seat's id."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.state import SeatKind
from app.errors import NotPossible, Refused
from app.tickets.approving.deciding import SeatPlace
from app.tickets.approving.rescue import RescueDesk
from app.tickets.commands import CommandBook, request_sha256
from app.tickets.models import Ticket
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Wish:
    """Who should come in, and why; `key` makes a double click one act."""

    user_id: int
    reason: str = ""
    kind: SeatKind = SeatKind.ADVICE
    key: str = ""


class HandingOver:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self.desk = RescueDesk(session, actor)

    async def delegate(self, place: SeatPlace, wish: Wish) -> Ticket:
        ticket = await self.desk.lock(place.ticket_no)
        if not await self._was_done(place, wish, ticket, "delegation"):
            await self.desk.delegate(ticket, seat=place.number, to=wish.user_id, reason=wish.reason)
        return ticket

    async def ask_too(self, place: SeatPlace, wish: Wish) -> Ticket:
        """Somebody beside the step's own approvers: for advice, or required besides them (approvals.md, rule 12)."""
        if wish.kind is SeatKind.OWN:
            raise Refused.at("kind", _("Choose one of the options."))
        ticket = await self.desk.lock(place.ticket_no)
        if not await self._was_done(place, wish, ticket, "approvers"):
            step = await self._step_of(place, ticket)
            await self.desk.add_approver(ticket, step=step, user_id=wish.user_id, kind=wish.kind, reason=wish.reason)
        return ticket

    async def _step_of(self, place: SeatPlace, ticket: Ticket) -> str:
        running = await self.desk.running(ticket)
        found = running.state.seat(place.number) if running and running.process.id == place.process_id else None
        if found is None or not found[0].is_open:
            raise NotPossible(_("This step is closed: it no longer waits for a decision."))
        return found[0].step_key

    async def _was_done(self, place: SeatPlace, wish: Wish, ticket: Ticket, noun: str) -> bool:
        if not wish.key:
            return False
        sha = request_sha256("POST", f"/approvals/{place.id}/{noun}", [wish.user_id, wish.reason, str(wish.kind)])
        book = CommandBook(self.session, self.actor)
        return await book.first_answer(wish.key, kind=noun, request_sha=sha, ticket_id=ticket.id) is not None
