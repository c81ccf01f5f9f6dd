"""Watching a ticket from its page."""

from litestar import Controller, post
from litestar.params import FromPath

from app.tickets.controllers.answering import Answer, AnyRequest, act_on
from app.tickets.models import Ticket
from app.tickets.watchers.desk import Watching
from app.web.forms import Submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.transaction import Db, Who


class TicketSubscription(Controller):
    path = "/tickets/{ticket_no:str}/subscription"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def watch(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Watching(db, actor), ticket_no, _watch, form="subscription")

    @post("/removal", status_code=200)
    async def unwatch(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Watching(db, actor), ticket_no, _unwatch, form="subscription")


async def _watch(desk: Watching, ticket: Ticket, _sent: Submitted) -> str:
    await desk.watch(ticket)
    return _("You watch this: the bell tells you what happens here.")


async def _unwatch(desk: Watching, ticket: Ticket, _sent: Submitted) -> str:
    await desk.unwatch(ticket)
    return _("You no longer watch this.")
