"""Tickets as JSON: the list and its count, one of them, its moves."""

from litestar import Controller, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath

from app.clock import utc_now
from app.tickets.api import intake
from app.tickets.api.answering import rows_out, the_ticket
from app.tickets.api.filtering import FILTERS, SORT, filters_in
from app.tickets.api.shapes import CountOut, NewTicket, TicketChange, TicketOut, TicketsOut, Transition
from app.tickets.desk import Desk
from app.tickets.drafting import Drafting
from app.tickets.moving import Moving
from app.tickets.repository import counts_of, page_of_tickets
from app.tickets.views import note_view
from app.web.api import (
    PAGED,
    AnyRequest,
    Json,
    answer,
    begin,
    cleaned,
    described,
    limit_of,
    nothing,
    query_of,
)
from app.web.errors import problem
from app.web.guards import API, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

LISTED = (*FILTERS, SORT, *PAGED)


class TicketsApi(Controller):
    path = "/api/v1/tickets"
    opt = access(API)

    @get(**described("Tickets that you may see", gives=TicketsOut, query=LISTED))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request, LISTED)
        filters, size = await filters_in(request, db, actor), limit_of(request)
        cursor = request.query_params.get("cursor")
        found = await page_of_tickets(db, actor, filters, now=utc_now(), cursor=cursor, size=size)
        return answer(TicketsOut(await rows_out(db, found.rows), found.next_cursor))

    @get("/count", **described("How many of them there are", gives=CountOut, query=FILTERS))
    async def count(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request, FILTERS)
        [count] = await counts_of(db, actor, [await filters_in(request, db, actor)], now=utc_now())
        return answer(CountOut(count.number, count.exact))

    @post(**described("Start a draft", takes=NewTicket, gives=TicketOut, status=201, refuses=(404,)))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        ticket = await intake.start(db, actor, await read(request, NewTicket))
        location = f"{self.path}/{ticket.ticket_no}"
        return await command.keep(await the_ticket(db, actor, ticket, status=201, location=location))


class TicketApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}"
    opt = access(API)

    @get(**described("One ticket", gives=TicketOut))
    async def show(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        return await the_ticket(db, actor, ticket)

    @patch(**described("Change a ticket", takes=TicketChange, gives=TicketOut, refuses=(409, 412, 428)))
    async def change(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Desk(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket, must_match=True)
        unheard = await intake.change(db, actor, ticket, await read(request, TicketChange))
        await note_view(db, actor, ticket)
        return await the_ticket(db, actor, ticket, unheard=unheard)

    @delete(**described("Delete a draft, or for administrators any", status=204, refuses=(409, 412)))
    async def delete(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        drafting = Drafting(db, actor)
        ticket = await drafting.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await drafting.delete(ticket)
        return nothing()

    @post("/transitions", **described("Move a ticket on", takes=Transition, gives=TicketOut, refuses=(409, 412)))
    async def move(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Moving(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        sent = await read(request, Transition)
        reason = cleaned("reason", sent.reason, limit=20_000, multiline=True, required=False)
        await desk.move_to(ticket, sent.to, reason=reason)
        return await command.keep(await the_ticket(db, actor, ticket, unheard=desk.calls.unheard))

    @post("/submission", **described("Submit a draft", gives=TicketOut, refuses=(409, 412)))
    async def submit(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who, state: State) -> Json:
        """When the form was republished the draft follows it, and that is kept though the submission is refused."""
        drafting = Drafting(db, actor)
        ticket = await drafting.lock(canonical(ticket_no))
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        submission = await drafting.submit(ticket)
        if submission.outdated:
            sentence = _("The form has changed since you started. Look it through, then submit it.")
            return await command.keep(problem(409, sentence, {"changed": list(submission.changed)}))
        return await command.keep(await the_ticket(db, actor, ticket, unheard=submission.unheard))
