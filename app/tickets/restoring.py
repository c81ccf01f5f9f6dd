"""Deleted tickets, for administrators: what there is, and bringing one back as a draft (approvals.md, rule 7)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from app.accounts.models import User
from app.activity.vocabulary import word
from app.errors import NotAllowed, NotFound, NotPossible
from app.tickets import events
from app.tickets.desk import Desk
from app.tickets.models import Ticket, TicketStatus
from app.tickets.visibility import deleted, visible
from app.web.paging import Page, cut, decode_cursor

PAGE = 50


@dataclass(frozen=True, slots=True)
class DeletedTicket:
    id: int
    ticket_no: str
    title: str
    status: str
    restricted: bool
    deleted_at: datetime
    by_id: int
    by: str

    @property
    def status_label(self) -> str:
        return word(self.status)


class Restoring(Desk):
    async def deleted(self, cursor: str | None = None, *, words: str = "", limit: int = PAGE) -> Page[DeletedTicket]:
        """The last ones first."""
        query = (
            select(
                Ticket.id, Ticket.ticket_no, Ticket.title, Ticket.status,
                (Ticket.visibility == "restricted").label("restricted"), Ticket.deleted_at,
                User.id.label("by_id"), User.name.label("by"),
            )
            .join(User, User.id == Ticket.deleted_by)
            .where(deleted(self.actor))
            .order_by(Ticket.deleted_at.desc(), Ticket.id.desc())
            .limit(limit + 1)
            .execution_options(include_deleted=True)
        )  # fmt: skip
        for part in words.split()[:8]:
            places = (Ticket.ticket_no, Ticket.title)
            query = query.where(or_(*(place.icontains(part, autoescape=True) for place in places)))
        if after := decode_cursor(cursor, (datetime, int)):
            query = query.where(func.row(Ticket.deleted_at, Ticket.id) < func.row(*after))
        rows = [DeletedTicket(**row) for row in (await self.session.execute(query)).mappings()]
        return cut(rows, limit, lambda row: [row.deleted_at, row.id])

    async def lock(self, ticket_no: str) -> Ticket:
        """Deleted or not, so that who sends a command twice hears what became of the first."""
        if not self.actor.is_admin:
            raise NotFound
        locked = select(Ticket.id).where(Ticket.ticket_no == ticket_no).with_for_update()
        ticket_id = (await self.session.execute(locked.execution_options(include_deleted=True))).scalar_one_or_none()
        known = or_(deleted(self.actor), visible(self.actor))
        query = select(Ticket).where(Ticket.id == (ticket_id or 0), known)
        options = {"include_deleted": True, "populate_existing": True}
        ticket = (await self.session.execute(query, execution_options=options)).scalar_one_or_none()
        if ticket is None:
            raise NotFound
        return ticket

    async def restore(self, ticket: Ticket) -> None:
        """A draft, whatever it was: its approval ended with it, and the next submission begins a new one."""
        if not self.actor.is_admin:
            raise NotAllowed("Only an administrator can restore a deleted ticket.")
        if ticket.deleted_at is None:
            raise NotPossible("This ticket is not deleted.")
        ticket.bring_back()
        await self.session.flush()
        await self.log.record(events.RESTORED, ticket)
        if ticket.status == TicketStatus.DRAFT:
            ticket.touch(by=self.actor.id, at=await self.now())
        else:
            await self.become(ticket, TicketStatus.DRAFT)
        ticket.resolved_at = ticket.closed_at = None
        await self.session.flush()
