"""Why somebody sees a ticket or does not: for administrators."""

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Template

from app.accounts.repository import active_people, people
from app.tickets.controllers.answering import AnyRequest
from app.tickets.desk import Desk
from app.tickets.seers import sight_of
from app.web.guards import ADMIN, access
from app.web.pages import page
from app.web.params import optional_row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class TicketSight(Controller):
    path = "/admin/sight/{ticket_no:str}"
    opt = access(ADMIN)

    @get()
    async def show(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        chosen = optional_row_id(request.query_params.get("user_id"))
        person = (await people(db, [chosen] if chosen else [])).get(chosen or 0)
        sight = await sight_of(db, ticket, person) if person else None
        everybody = [{"value": row.id, "label": row.name} for row in await active_people(db)]
        return await page(request, "tickets/sight", active="tickets", ticket=ticket, sight=sight, everybody=everybody)
