"""Who watches a ticket, and watching it oneself, as JSON."""

from litestar import Controller, delete, get, put
from litestar.params import FromPath

from app.tickets.api.shapes import WatchersOut
from app.tickets.desk import Desk
from app.tickets.views import note_view
from app.tickets.watchers.desk import Watching
from app.tickets.watchers.repository import watchers_of
from app.web.api import AnyRequest, Json, Named, answer, described, nothing, query_of
from app.web.guards import API, access
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class WatchersApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/watchers"
    opt = access(API)

    @get(**described("Who watches it", gives=WatchersOut))
    async def index(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        return answer(WatchersOut([Named(one.id, one.name) for one in await watchers_of(db, ticket)]))


class SubscriptionApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/subscription"
    opt = access(API)

    @put(**described("Watch it: the bell tells you what happens there", status=204))
    async def watch(self, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Watching(db, actor)
        await desk.watch(await desk.find(canonical(ticket_no)))
        return nothing()

    @delete(**described("Watch it no longer", status=204))
    async def unwatch(self, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Watching(db, actor)
        await desk.unwatch(await desk.find(canonical(ticket_no)))
        return nothing()
