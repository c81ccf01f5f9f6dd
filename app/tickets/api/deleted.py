"""Deleted tickets as JSON, for administrators."""

from datetime import datetime

from litestar import Controller, get, post
from litestar.params import FromPath
from msgspec import Struct

from app.tickets.api.answering import the_ticket
from app.tickets.api.shapes import TicketOut
from app.tickets.models import TicketStatus
from app.tickets.restoring import Restoring
from app.web.api import PAGED, AnyRequest, Json, Named, answer, begin, described, limit_of, query_of
from app.web.guards import API_ADMIN, access
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class DeletedTicketOut(Struct):
    """`status`: as it was when it was deleted."""

    ticket_no: str
    title: str
    status: TicketStatus
    deleted_at: datetime
    deleted_by: Named


class DeletedTicketsOut(Struct):
    items: list[DeletedTicketOut]
    next_cursor: str | None


class DeletedTicketsApi(Controller):
    path = "/api/v1/deleted-tickets"
    opt = access(API_ADMIN)

    @get(**described("Deleted tickets, the last ones first", gives=DeletedTicketsOut, query=PAGED))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        cursor = query_of(request, PAGED).get("cursor")
        found = await Restoring(db, actor).deleted(cursor, limit=limit_of(request))
        rows = [
            DeletedTicketOut(
                row.ticket_no, row.title, TicketStatus(row.status), row.deleted_at, Named(row.by_id, row.by)
            )
            for row in found.rows
        ]
        return answer(DeletedTicketsOut(rows, found.next_cursor))

    @post(
        "/{ticket_no:str}/restoration",
        **described("Bring one back as a draft", gives=TicketOut, refuses=(409, 412)),
    )
    async def restore(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        restoring = Restoring(db, actor)
        ticket = await restoring.lock(canonical(ticket_no))
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        await restoring.restore(ticket)
        return await command.keep(await the_ticket(db, actor, ticket))
