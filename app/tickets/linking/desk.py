"""Linking tickets, and taking links off; told on the ticket where it was done."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.errors import NotAllowed, NotFound, Refused
from app.tickets import events
from app.tickets.desk import Desk
from app.tickets.linking.models import LinkKind, Relation, TicketLink
from app.tickets.linking.repository import Linked, leads_to, links_of
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.i18n import N_
from app.web.params import ticket_no as canonical


class Linking(Desk):
    """`other_no`: the ticket at the other end, as somebody typed it."""

    def __init__(self, session: AsyncSession, actor: Actor, *, other_no: str = "") -> None:
        super().__init__(session, actor)
        self.other_no = _number(other_no)

    async def lock(self, ticket_no: str) -> Ticket:
        """Both ends, the older first, so that two people who link the same two never wait for each other.

        Of the other end only what may be seen is locked: nobody waits for a ticket that they know nothing of.
        """
        if await self._seen_other() is not None:
            both = select(Ticket.id).where(Ticket.ticket_no.in_([ticket_no, self.other_no])).order_by(Ticket.id)
            await self.session.execute(both.with_for_update())
        return await super().lock(ticket_no)

    async def other_end(self) -> Ticket:
        """Hidden, deleted and never used are one answer."""
        other = await self._seen_other()
        if other is None:
            sentence = N_("There is no ticket with this number.")
            raise Refused(sentence, {"ticket_no": sentence})
        return other

    async def link(self, ticket: Ticket, relation: Relation) -> Linked:
        self._insist(ticket)
        other = await self.other_end()
        if other.id == ticket.id:
            sentence = N_("A ticket cannot be linked to itself.")
            raise Refused(sentence, {"ticket_no": sentence})
        source, target = _ends(ticket, other, relation)
        known = await self._known(source, target, relation.kind)
        if known is not None:
            return Linked(known, other)
        await self._insist_on_order(source, target, relation.kind)
        link = TicketLink(source_id=source.id, target_id=target.id, kind=relation.kind)
        self.session.add(link)
        await self.session.flush()
        await self.log.record(events.LINK_ADD, ticket, relation=str(relation), linked=other.id)
        return Linked(link, other)

    async def unlink(self, ticket: Ticket, link_id: int) -> None:
        """Who does not see the other end does not see the link."""
        found = await links_of(self.session, self.actor, ticket, link_id=link_id)
        if not found:
            raise NotFound
        self._insist(ticket)
        one = found[0]
        one.link.delete_softly(at=await self.now())
        await self.session.flush()
        await self.log.record(events.LINK_REMOVE, ticket, relation=str(one.relation), linked=one.other.id)

    async def _seen_other(self) -> Ticket | None:
        query = select(Ticket).where(Ticket.ticket_no == self.other_no, visible(self.actor))
        return (await self.session.execute(query)).scalar_one_or_none()

    async def _known(self, source: Ticket, target: Ticket, kind: LinkKind) -> TicketLink | None:
        query = select(TicketLink).filter_by(source_id=source.id, target_id=target.id, kind=kind)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def _insist_on_order(self, source: Ticket, target: Ticket, kind: LinkKind) -> None:
        """One at a time for each kind: four people could close a circle, each with two tickets of their own."""
        if not kind.has_an_order:
            return
        await self.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"ticket_links {kind}"))))
        if await leads_to(self.session, self.actor, kind, start=target.id, goal=source.id):
            sentence = N_("This would go round in a circle.")
            raise Refused(sentence, {"ticket_no": sentence})

    def _insist(self, ticket: Ticket) -> None:
        if not self.may(ticket).edit_properties:
            raise NotAllowed(self.may(ticket).who_may_edit)


def _number(typed: str) -> str:
    """What is no number is one that was never used."""
    try:
        return canonical(typed.strip().upper())
    except NotFound:
        return ""


def _ends(ticket: Ticket, other: Ticket, relation: Relation) -> tuple[Ticket, Ticket]:
    is_backward = other.id < ticket.id if relation == Relation.RELATES else relation.is_seen_from_target
    return (other, ticket) if is_backward else (ticket, other)
