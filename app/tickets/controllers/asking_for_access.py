"""What the page of a ticket that is not there for its reader offers: asking for access to it."""

from litestar import Controller, post

from app.tickets.asking_for_access.models import LONGEST_REASON
from app.tickets.asking_for_access.service import AccessRequests
from app.tickets.controllers.answering import Answer, AnyRequest
from app.web.forms import Form, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class AskingForAccess(Controller):
    path = "/access-requests"
    opt = access(SIGNED_IN)

    @post(status_code=200)
    async def ask(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """One answer, whatever the number in the body stands for."""
        form = Form(await submitted(request))
        number = canonical(form.text("ticket_no", limit=24))
        reason = form.text("reason", required=True, limit=LONGEST_REASON, multiline=True)
        if form.errors:
            sentence = _("Say why you need to see it, in at most 1,000 characters.")
            return await page(
                request,
                "errors/show",
                status=422,
                code=422,
                sentence=sentence,
                possible=(),
                asks_for=number,
                ticket_no="",
                reason=form.typed.get("reason"),
                errors=form.errors,
            )
        is_new = await AccessRequests(db, actor).ask(number, reason=reason)
        said = (
            _("If there is such a ticket, those who decide about it hear that you ask.")
            if is_new
            else _("You asked for access to %(number)s a moment ago; it was not sent again.") % {"number": number}
        )
        return go(request, "/", say=said)
