"""What a ticket is linked to, on its page."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.clock import utc_now
from app.tickets.controllers.answering import Answer, AnyRequest, act_on
from app.tickets.controllers.properties import insist
from app.tickets.desk import Desk
from app.tickets.filters import TicketFilters
from app.tickets.linking.desk import Linking
from app.tickets.linking.models import Relation
from app.tickets.models import Ticket
from app.tickets.repository import page_of_tickets
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import partial
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

LONGEST_WORDS, MOST_CHOICES = 100, 8


class TicketLinks(Controller):
    path = "/tickets/{ticket_no:str}/links"
    opt = access(SIGNED_IN)

    @get("/choices")
    async def choices(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        """What its reader's own search finds, for what they have typed so far."""
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        words = request.query_params.get("ticket_no", "")[:LONGEST_WORDS].replace("\0", "").strip()
        found = await page_of_tickets(db, actor, TicketFilters(q=words), now=utc_now(), size=MOST_CHOICES)
        return partial("tickets/link_choices", ticket=ticket, rows=[row for row in found.rows if row.id != ticket.id])

    @post(status_code=200)
    async def create(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        await Desk(db, actor).find(canonical(ticket_no))
        sent = await submitted(request)
        return await act_on(request, Linking(db, actor, other_no=sent.get("ticket_no")), ticket_no, _link, form="links")

    @post("/{link_id:str}/removal", status_code=200)
    async def remove(
        self, request: AnyRequest, ticket_no: FromPath[str], link_id: FromPath[str], db: Db, actor: Who
    ) -> Answer:
        async def unlink(desk: Linking, ticket: Ticket, _sent: Submitted) -> str:
            await desk.unlink(ticket, row_id(link_id))
            return _("The link is off.")

        return await act_on(request, Linking(db, actor), ticket_no, unlink, form="links")


async def _link(desk: Linking, ticket: Ticket, sent: Submitted) -> str:
    form = Form(sent)
    chosen = form.choice("relation", tuple(Relation))
    insist(form)
    await desk.link(ticket, Relation(chosen))
    return _("Linked.")
