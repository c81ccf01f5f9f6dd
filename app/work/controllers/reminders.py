"""Reminding those a step waits for, from the dashboard and from the ticket."""

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.params import FromPath
from litestar.response import Template

from app.tickets.approving.reminding import Reminding
from app.web import params
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, swap
from app.web.transaction import Db, Who


class Reminders(Controller):
    path = "/approvals/{seat_id:str}/reminders"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def remind(
        self, request: Request[Any, Any, Any], db: Db, actor: Who, seat_id: FromPath[str]
    ) -> Template | Response[Any]:
        """Here the id is a step's: what is under /approvals shares one name for it."""
        reminding = Reminding(db, actor)
        place = await reminding.find_step(params.row_id(seat_id))
        ticket = await reminding.remind(place)
        said = _("The approvers of %(step)s were reminded.") % {"step": place.name}
        if visit_of(request).htmx:
            return swap("work/reminder", say=said, step_id=place.id, whom="", reminded=True)
        from_ticket = (await submitted(request)).get("from") == "ticket"
        return go(request, f"/tickets/{ticket.ticket_no}" if from_ticket else "/dashboards/operations", say=said)
