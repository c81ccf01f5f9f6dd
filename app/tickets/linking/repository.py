"""Links as their reader may know them: of a ticket that is hidden from them, they have none."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.vocabulary import status_word, word
from app.actor import Actor
from app.db.constants import given
from app.tickets.linking.models import LinkKind, Relation, TicketLink
from app.tickets.models import Ticket
from app.tickets.visibility import visible


@dataclass(frozen=True, slots=True)
class Linked:
    """One link of a ticket, and the ticket at its other end."""

    link: TicketLink
    other: Ticket

    @property
    def relation(self) -> Relation:
        return Relation.of(self.link.kind, from_target=self.link.source_id == self.other.id)

    @property
    def label(self) -> str:
        return word(self.relation)

    @property
    def status(self) -> str:
        is_returned = self.other.status == "draft" and self.other.approval == "returned"
        return "returned" if is_returned else str(self.other.status)

    @property
    def status_label(self) -> str:
        return status_word(self.other.status, self.other.approval)


async def links_of(session: AsyncSession, actor: Actor, ticket: Ticket, *, link_id: int | None = None) -> list[Linked]:
    """In the order of their kinds; the ticket was found for this actor, its other ends are asked for here."""
    query = _links(actor.rights)
    if link_id is not None:
        query = query.where(TicketLink.id == link_id)
    rows = (await session.execute(query, {"ticket": ticket.id})).all()
    order = list(Relation)
    return sorted((Linked(row[0], row[1]) for row in rows), key=lambda one: order.index(one.relation))


@lru_cache(maxsize=1000)
def _links(actor: Actor) -> Select[TicketLink, Ticket]:
    this = given("ticket")
    other = case((TicketLink.source_id == this, TicketLink.target_id), else_=TicketLink.source_id)
    query = select(TicketLink, Ticket).join(Ticket, Ticket.id == other)
    ends = or_(TicketLink.source_id == this, TicketLink.target_id == this)
    return query.where(ends, visible(actor)).order_by(TicketLink.id)


async def leads_to(session: AsyncSession, actor: Actor, kind: LinkKind, *, start: int, goal: int) -> bool:
    """Along links of one kind, through tickets that this person may see: a refusal tells of no other."""
    seen, edge = {start}, {start}
    while edge:
        query = (
            select(TicketLink.target_id)
            .join(Ticket, Ticket.id == TicketLink.target_id)
            .where(TicketLink.source_id.in_(edge), TicketLink.kind == kind, visible(actor))
        )
        edge = set((await session.execute(query)).scalars()) - seen
        if goal in edge:
            return True
        seen |= edge
    return False


async def numbers_of(session: AsyncSession, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """What the tickets among these are called that this person may see."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(Ticket.id, Ticket.ticket_no).where(Ticket.id.in_(wanted), visible(actor))
    return {row.id: row.ticket_no for row in (await session.execute(query)).all()}
