"""The page of one ticket."""

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Template

from app.clock import utc_now
from app.tickets.about import Refusal, about
from app.tickets.controllers.answering import AnyRequest, in_place, ticket_page
from app.tickets.desk import Desk
from app.tickets.live import news_since
from app.tickets.presence.repository import others_here
from app.tickets.recent.repository import note_visit
from app.tickets.timeline import ACTIVITIES
from app.tickets.views import note_view
from app.tickets.walking import walk_from
from app.web.guards import SIGNED_IN, access
from app.web.htmx import is_fragment
from app.web.markdown import made_ready
from app.web.pages import page, partial, swap
from app.web.params import optional_row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

MOST_PRINTED = 2_000


class TicketPages(Controller):
    path = "/tickets/{ticket_no:str}"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        desk = Desk(db, actor)
        ticket = await desk.find(canonical(ticket_no))
        asked = request.query_params.get("activity", "all")
        activity = asked if asked in ACTIVITIES else "all"
        before = optional_row_id(request.query_params.get("before"))
        if is_fragment(request):
            return await in_place(desk, ticket)
        await note_visit(db, actor, ticket, utc_now())
        around = optional_row_id(request.query_params.get("note"))
        walk = await walk_from(db, actor, ticket, request.query_params.get("list"), now=utc_now())
        return await ticket_page(request, desk, ticket, activity=activity, before=before, around=around, walk=walk)

    @get("/print")
    async def on_paper(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        """All of it, as its reader may read it now, for paper."""
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        await note_view(db, actor, ticket)
        this = await about(db, actor, ticket, size=MOST_PRINTED)
        await made_ready([(ticket.description, (), this.mentioned.description)])  # on paper without its pictures
        return await page(request, "tickets/print", this=this, printed_by=actor.name, printed_at=utc_now())

    @get("/presence")
    async def presence(self, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        """Who else looks at it now."""
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        return partial("tickets/presence", ticket=ticket, others=await others_here(db, actor, ticket.id))

    @get("/news")
    async def news(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        """How much of others has come since this reader looked."""
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        after = optional_row_id(request.query_params.get("after")) or 0
        return partial("tickets/news", ticket=ticket, after=after, number=await news_since(db, actor, ticket, after))

    @get("/state")
    async def state(self, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        """What follows by itself. A card that waits for this reader's vote stays as it was read until they ask."""
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        return swap("tickets/state", this=await about(db, actor, ticket), refusal=Refusal())
