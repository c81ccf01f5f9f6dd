"""Asking for access as JSON: one answer, whatever the number stands for (api.md)."""

from typing import Annotated

from litestar import Controller, post
from msgspec import Meta, Struct

from app.errors import NotFound, Refused
from app.tickets.asking_for_access.models import LONGEST_REASON
from app.tickets.asking_for_access.service import AccessRequests
from app.web.api import AnyRequest, Json, Sent, answer, begin, cleaned, described
from app.web.guards import API, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class AccessRequestIn(Sent):
    ticket_no: Annotated[str, Meta(max_length=100)]
    reason: Annotated[str, Meta(max_length=LONGEST_REASON * 2)]


class AccessRequestOut(Struct):
    """`again`: you asked for the same number minutes ago, and it was not sent a second time."""

    ticket_no: str
    again: bool


class AccessRequestsApi(Controller):
    path = "/api/v1/access-requests"
    opt = access(API)

    @post(
        **described(
            "Ask to see a ticket: if there is one with this number, those who decide about it hear of it",
            takes=AccessRequestIn, gives=AccessRequestOut, status=202, refuses=(429,),
        )
    )  # fmt: skip
    async def ask(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, AccessRequestIn)
        number = _number(sent.ticket_no)
        reason = cleaned("reason", sent.reason, limit=LONGEST_REASON, multiline=True)
        is_new = await AccessRequests(db, actor).ask(number, reason=reason)
        return await command.keep(answer(AccessRequestOut(number, not is_new), status=202))


def _number(text: str) -> str:
    """What is no number of any ticket says so; nothing is looked up."""
    try:
        return canonical(text)
    except NotFound as error:
        raise Refused.at("ticket_no", _("A ticket’s number, like PUR-1042.")) from error
