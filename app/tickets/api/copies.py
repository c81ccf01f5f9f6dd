"""Asking for the same again, as JSON."""

from litestar import Controller, post
from litestar.params import FromPath

from app.tickets.api.answering import the_ticket
from app.tickets.api.shapes import TicketOut
from app.tickets.copying import Copying
from app.tickets.views import note_view
from app.web.api import AnyRequest, Json, begin, described
from app.web.guards import API, access
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class CopiesApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/copies"
    opt = access(API)

    @post(**described("Start a draft of the same", gives=TicketOut, status=201, refuses=(409,)))
    async def create(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Copying(db, actor, request.app.state.storage, request.app.state.limits)
        ticket = await desk.find(canonical(ticket_no))
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        await note_view(db, actor, ticket)
        copy = await desk.copy(ticket)
        return await command.keep(
            await the_ticket(db, actor, copy, status=201, location=f"/api/v1/tickets/{copy.ticket_no}")
        )
