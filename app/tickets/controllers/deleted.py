"""Deleted tickets, for administrators."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.tickets.controllers.answering import AnyRequest
from app.tickets.restoring import Restoring
from app.web import params
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.transaction import Db, Who


class DeletedTickets(Controller):
    path = "/admin/deleted-tickets"
    opt = access(ADMIN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        words = request.query_params.get("q", "")[:200]
        found = await Restoring(db, actor).deleted(request.query_params.get("cursor"), words=words)
        asked = {"q": words, "cursor": found.next_cursor}
        next_url = f"{self.path}?{urlencode({k: v for k, v in asked.items() if v})}" if found.next_cursor else None
        return await page(
            request, "tickets/deleted/index", active="deleted", rows=found.rows, words=words, next_url=next_url
        )

    @post("/{ticket_no:str}/restoration", status_code=200)
    async def restore(self, request: AnyRequest, db: Db, actor: Who, ticket_no: FromPath[str]) -> Response[Any]:
        restoring = Restoring(db, actor)
        ticket = await restoring.lock(params.ticket_no(ticket_no))
        await restoring.restore(ticket)
        said = _("%(number)s is a draft again.") % {"number": ticket.ticket_no}
        return go(request, f"/tickets/{ticket.ticket_no}", say=said)
