"""A ticket's links as JSON: of tickets that its reader may not see, there are none."""

from collections.abc import Iterable

from litestar import Controller, delete, get, post
from litestar.params import FromPath

from app.tickets.api.answering import Told, names
from app.tickets.api.shapes import LinkEnd, LinkOut, LinksOut, NewLink
from app.tickets.desk import Desk
from app.tickets.linking.desk import Linking
from app.tickets.linking.repository import Linked, links_of
from app.tickets.models import TicketStatus
from app.tickets.views import note_view
from app.web.api import AnyRequest, Json, answer, begin, described, nothing, query_of
from app.web.guards import API, access
from app.web.json_body import read
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class LinksApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/links"
    opt = access(API)

    @get(**described("Tickets that it is linked to", gives=LinksOut))
    async def index(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        links = await links_of(db, actor, ticket)
        told = await names(db, _authors(links))
        return answer(LinksOut([_link(one, told) for one in links]))

    @post(**described("Link it to another ticket", takes=NewLink, gives=LinkOut, status=201, refuses=(412,)))
    async def create(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        """A first answer names the other end, so it is given again only to who still may see that."""
        number = canonical(ticket_no)
        await Desk(db, actor).find(number)
        sent = await read(request, NewLink)
        desk = Linking(db, actor, other_no=sent.ticket_no)
        ticket = await desk.lock(number)
        await desk.other_end()
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        linked = await desk.link(ticket, sent.relation)
        told = await names(db, _authors([linked]))
        location = f"/api/v1/tickets/{ticket.ticket_no}/links/{linked.link.id}"
        return await command.keep(answer(_link(linked, told), status=201, location=location))

    @delete("/{link_id:str}", **described("Take the link off", status=204, refuses=(412,)))
    async def remove(
        self, request: AnyRequest, ticket_no: FromPath[str], link_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Linking(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await desk.unlink(ticket, row_id(link_id))
        return nothing()


def _authors(links: Iterable[Linked]) -> list[int | None]:
    return [one.link.created_by for one in links]


def _link(one: Linked, told: Told) -> LinkOut:
    end = LinkEnd(one.other.ticket_no, one.other.title, TicketStatus(one.other.status))
    return LinkOut(one.link.id, one.relation, end, told.somebody(one.link.created_by), one.link.created_at)
