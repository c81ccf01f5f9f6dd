"""A text as its readers will see it, before it is sent."""

from litestar import Controller, post
from litestar.response import Template

from app.tickets.content import LONGEST_DESCRIPTION
from app.tickets.controllers.answering import AnyRequest, words
from app.tickets.mentions.repository import called_in
from app.web.forms import submitted
from app.web.guards import SIGNED_IN, access
from app.web.markdown import made_ready
from app.web.pages import partial
from app.web.transaction import Db, Who


class TextPreview(Controller):
    path = "/preview"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def show(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        """Made as every text is made. It knows of no ticket: a number in it is a word, whatever has that number."""
        text = words(await submitted(request), "text")[:LONGEST_DESCRIPTION]
        mentioned = tuple(sorted(set((await called_in(db, text)).values())))
        await made_ready([(text, (), mentioned)])
        return partial("tickets/preview", text=text, mentioned=mentioned)
