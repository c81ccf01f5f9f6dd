"""People to choose from after an `@`."""

from litestar import Controller, get
from litestar.response import Template

from app.tickets.controllers.answering import AnyRequest
from app.tickets.desk import Desk
from app.tickets.mentions.repository import LONGEST_NAME, people_like
from app.tickets.visibility import who_may_see
from app.web.guards import SIGNED_IN, access
from app.web.pages import partial
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class MentionChoices(Controller):
    path = "/mentions"
    opt = access(SIGNED_IN)

    @get()
    async def choices(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        """On a ticket with who of them could not see it; for a text that is no ticket's yet, without."""
        asked, number = request.query_params.get("q", ""), request.query_params.get("ticket")
        ticket = await Desk(db, actor).find(canonical(number)) if number else None
        words = " ".join(asked.replace("\0", "").split())[:LONGEST_NAME]
        rows = await people_like(db, words)
        seeing = await who_may_see(db, ticket.id, [row.id for row in rows]) if ticket else {row.id for row in rows}
        return partial("tickets/mention_choices", rows=rows, seeing=seeing)
