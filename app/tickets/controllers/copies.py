"""Asking for the same again, from a ticket's page."""

from litestar import Controller, post
from litestar.params import FromPath

from app.attachments.limits import TooLarge
from app.errors import NotAllowed, NotPossible, Refused
from app.tickets.about import Refusal
from app.tickets.commands import CommandBook, request_sha256
from app.tickets.controllers.answering import Answer, AnyRequest, command_of, refused
from app.tickets.copying import Copying
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.web.forms import submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class TicketCopies(Controller):
    path = "/tickets/{ticket_no:str}/copies"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def create(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        number = canonical(ticket_no)
        desk = Copying(db, actor, request.app.state.storage, request.app.state.limits)
        ticket = await desk.find(number)
        key = command_of(await submitted(request))
        try:
            copy = await _copied(desk, ticket, key)
        except (Refused, NotAllowed, NotPossible, TooLarge) as error:
            await db.rollback()
            return await refused(request, desk, number, Refusal.of("copies", error, {}), error.status_code)
        said = _("%(copy)s is your draft of the same. Comments and approvals did not come along.")
        return go(request, f"/tickets/{copy}/edit", say=said % {"copy": copy})


async def _copied(desk: Copying, ticket: Ticket, key: str) -> str:
    """The draft's number; the same form sent twice makes one."""
    await note_view(desk.session, desk.actor, ticket)
    book = CommandBook(desk.session, desk.actor)
    if key:
        sha = request_sha256("POST", f"/tickets/{ticket.ticket_no}/copies", "")
        first = await book.first_answer(key, kind="copies", request_sha=sha, ticket_id=ticket.id)
        if first is not None:
            return str(first["ticket_no"])
    copy = await desk.copy(ticket)
    if key:
        await book.keep_answer(key, {"ticket_no": copy.ticket_no})
    return copy.ticket_no
