"""Watching a ticket, and no longer."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.tickets.desk import Desk
from app.tickets.models import Ticket
from app.tickets.watchers.models import TicketWatcher


class Watching(Desk):
    """For oneself only. Nothing of the ticket changes: its timeline and its version know nothing of it."""

    async def watch(self, ticket: Ticket) -> None:
        mine = insert(TicketWatcher).values(ticket_id=ticket.id, user_id=self.actor.id, since=await self.now())
        await self.session.execute(mine.on_conflict_do_nothing())

    async def unwatch(self, ticket: Ticket) -> None:
        mine = (TicketWatcher.ticket_id == ticket.id, TicketWatcher.user_id == self.actor.id)
        await self.session.execute(delete(TicketWatcher).where(*mine))
