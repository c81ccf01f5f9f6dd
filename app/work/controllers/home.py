"""My work: what waits for me, what is my turn, what I asked for, what I handle, and forms to ask with."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from litestar import Controller, Request, get
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.ticket_templates.gallery import Gallery
from app.ticket_templates.repository import OfferedTemplate
from app.tickets.filters import TicketFilters
from app.tickets.listing import ListedTicket, with_names
from app.tickets.repository import counts_of, page_of_tickets
from app.tickets.requesting import gallery_for
from app.tickets.trails import Trail, trails_of
from app.web.guards import SIGNED_IN, access
from app.web.pages import page
from app.web.paging import Count
from app.web.transaction import Db, Who
from app.work import repository
from app.work.repository import Waiting

MOST, MOST_FORMS = 5, 4


@dataclass(frozen=True, slots=True)
class Pile:
    """The first tickets of one list, with all of them behind a link."""

    filters: TicketFilters
    count: Count
    tickets: list[ListedTicket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.filters.url()


class Home(Controller):
    path = "/"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: Request[Any, Any, Any], db: Db, actor: Who) -> Template:
        now = utc_now()
        waiting = await _waiting(db, actor)
        piles = await _piles(db, actor, now)
        forms = _forms(await gallery_for(db, actor, ""))
        is_new = not waiting and not any(pile.tickets for pile in piles.values())
        trails = await _trails(db, waiting)
        return await page(
            request, "work/home", active="home", waiting=waiting, trails=trails, piles=piles, forms=forms, is_new=is_new
        )


async def _waiting(session: AsyncSession, actor: Actor) -> list[Waiting]:
    """The front of the inbox: my own first, then what I may decide for others."""
    mine = (await repository.waiting_page(session, actor, None, limit=MOST)).rows
    return [*mine, *await repository.waiting_as_proxy(session, actor, limit=MOST)][:MOST]


async def _trails(session: AsyncSession, waiting: list[Waiting]) -> dict[int, Trail]:
    return await trails_of(session, [row.ticket_id for row in waiting])


async def _piles(session: AsyncSession, actor: Actor, now: datetime) -> dict[str, Pile]:
    lists = _lists(actor)
    counts = await counts_of(session, actor, list(lists.values()), now=now)
    pages = [
        await page_of_tickets(session, actor, filters, now=now, size=MOST, count=count)
        for filters, count in zip(lists.values(), counts, strict=True)
    ]
    rows = [row for each in pages for row in each.rows]
    shown = {ticket.row.id: ticket for ticket in await with_names(session, rows)}
    return {
        name: Pile(filters, count, [shown[row.id] for row in each.rows])
        for (name, filters), count, each in zip(lists.items(), counts, pages, strict=True)
    }


def _lists(actor: Actor) -> dict[str, TicketFilters]:
    """`team` only for who is in a role: what nobody of it has taken."""
    lists = {
        "returned": TicketFilters(creator=("me",), status=("draft",), approval=("returned",), sort="-updated_at"),
        "resolved": TicketFilters(creator=("me",), status=("resolved",), sort="-updated_at"),
        "mine": TicketFilters(creator=("me",)),
        "assigned": TicketFilters(assignee=("me",), status=("open", "in_progress"), sort="due_at"),
    }
    if actor.role_ids:
        roles = tuple(str(role) for role in sorted(actor.role_ids))
        lists["team"] = TicketFilters(assigned_role=roles, assignee=("none",), status=("open",), sort="due_at")
    return lists


def _forms(gallery: Gallery) -> list[OfferedTemplate]:
    """Those this person uses most, then the first of each shelf."""
    firsts = [template for shelf in gallery.shelves for template in shelf.templates[:1]]
    others = [template for shelf in gallery.shelves for template in shelf.templates[1:]]
    return list({template.id: template for template in (*gallery.popular, *firsts, *others)}.values())[:MOST_FORMS]
