"""A ticket's labels and categories, and to whom it is opened, as JSON."""

from litestar import Controller, delete, get, post, put
from litestar.params import FromPath

from app.tickets.api.answering import Told, names
from app.tickets.api.shapes import GrantOut, GrantsOut, NewGrant
from app.tickets.desk import Desk
from app.tickets.models import TicketViewPermission
from app.tickets.properties import Properties
from app.tickets.seers import permissions_of
from app.tickets.views import note_view
from app.web.api import AnyRequest, Json, answer, begin, described, nothing, query_of
from app.web.guards import API, access
from app.web.json_body import read
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class TicketLabelsApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/labels/{label_id:str}"
    opt = access(API)

    @put(**described("Put a label on", status=204, refuses=(412,)))
    async def add(
        self, request: AnyRequest, ticket_no: FromPath[str], label_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Properties(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await desk.label(ticket, row_id(label_id))
        return nothing(version=ticket.version)

    @delete(**described("Take a label off", status=204, refuses=(412,)))
    async def remove(
        self, request: AnyRequest, ticket_no: FromPath[str], label_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Properties(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await desk.unlabel(ticket, row_id(label_id))
        return nothing(version=ticket.version)


class TicketCategoriesApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/categories/{category_id:str}"
    opt = access(API)

    @put(**described("Put it under a category", status=204, refuses=(412,)))
    async def add(
        self, request: AnyRequest, ticket_no: FromPath[str], category_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Properties(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await desk.categorise(ticket, row_id(category_id))
        return nothing(version=ticket.version)

    @delete(**described("Take it out of a category", status=204, refuses=(412,)))
    async def remove(
        self, request: AnyRequest, ticket_no: FromPath[str], category_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Properties(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await desk.uncategorise(ticket, row_id(category_id))
        return nothing(version=ticket.version)


class TicketPermissionsApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/permissions"
    opt = access(API)

    @get(**described("To whom it is opened", gives=GrantsOut))
    async def index(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        rows = await permissions_of(db, ticket)
        persons = [one for row in rows for one in (row.user_id, row.created_by)]
        told = await names(db, persons, [row.role_id for row in rows])
        return answer(GrantsOut([_grant(row, told) for row in rows]))

    @post(**described("Open it to a person or a role", takes=NewGrant, gives=GrantOut, status=201, refuses=(412,)))
    async def grant(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Properties(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        sent = await read(request, NewGrant)
        row = await desk.grant(ticket, user_id=sent.user_id, role_id=sent.role_id)
        told = await names(db, [row.user_id, row.created_by], [row.role_id])
        location = f"/api/v1/tickets/{ticket.ticket_no}/permissions/{row.id}"
        return await command.keep(answer(_grant(row, told), status=201, location=location))

    @delete("/{permission_id:str}", **described("Close it to them again", status=204, refuses=(412,)))
    async def revoke(
        self, request: AnyRequest, ticket_no: FromPath[str], permission_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Properties(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        await begin(request, db, actor, ticket)
        await desk.revoke(ticket, row_id(permission_id))
        return nothing()


def _grant(row: TicketViewPermission, told: Told) -> GrantOut:
    return GrantOut(
        row.id, told.person(row.user_id), told.role(row.role_id), told.somebody(row.created_by), row.created_at
    )
