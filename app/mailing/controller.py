"""Deciding by a link from an e-mail, and the mails that did not arrive."""

from dataclasses import replace
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template

from app.accounts.sign_in import sign_in_again
from app.actor import Actor, Channel, become
from app.approvals.email_links import mark_used
from app.errors import DomainError
from app.mailing.failures import failed_mails, send_again
from app.mailing.opened import Opened, open_link
from app.tickets.approving.deciding import Deciding, note_refusal
from app.tickets.controllers.answering import told
from app.web import params
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import ADMIN, SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.transaction import Db, Who
from app.work.controllers.decisions import DecisionForm

AnyRequest = Request[Any, Any, Any]


class EmailLinks(Controller):
    """The token shows the way and lets nobody in: whoever follows it is signed in, as the one it was sent to."""

    path = "/a/{token:str}"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: AnyRequest, db: Db, actor: Who, token: FromPath[str]) -> Template:
        return await _shown(request, await open_link(db, actor, token), token)

    @post(status_code=200)
    async def decide(
        self, request: AnyRequest, db: Db, actor: Who, state: State, token: FromPath[str]
    ) -> Template | Response[Any]:
        opened = await open_link(db, actor, token)
        form = DecisionForm(await submitted(request))
        typed = form.typed.get("comment") or ""
        if not opened.ballots:
            return await _shown(
                request, opened, token, typed="" if opened.vote else typed, status=200 if opened.vote else 409
            )
        if form.errors:
            said = next(iter(form.errors.values()))
            return await _shown(request, opened, token, refused=said, typed=typed, status=422)
        deciding = Deciding(db, _by_mail(actor))
        try:
            if form.password:
                token_of_session = visit_of(request).token
                actor = await sign_in_again(state.database, actor, token_of_session, form.password)
                deciding = Deciding(db, _by_mail(actor))
            async with db.begin_nested():
                await deciding.decide(opened.place, form.choice_made)
                await mark_used(db, opened.link)
        except DomainError as error:
            await note_refusal(state.database, deciding.actor, error, opened.place)
            return await _refused(request, db, actor, token, form, error)
        return go(request, f"/a/{token}", say=told("", deciding.desk.calls.unheard))


def _by_mail(actor: Actor) -> Actor:
    """The record says which door a decision came through."""
    by_mail = replace(actor, channel=Channel.EMAIL)
    become(by_mail)
    return by_mail


async def _refused(
    request: AnyRequest, db: Db, actor: Actor, token: str, form: DecisionForm, error: DomainError
) -> Template:
    """A second click that lost to the first is answered with what the first decided."""
    db.expire_all()
    opened = await open_link(db, actor, token)
    if opened.vote and not opened.ballots:
        return await _shown(request, opened, token)
    typed = form.typed.get("comment") or ""
    return await _shown(request, opened, token, refused=_(error.sentence), typed=typed, status=error.status_code)


async def _shown(
    request: AnyRequest, opened: Opened, token: str, *, refused: str = "", typed: str = "", status: int = 200
) -> Template:
    context: dict[str, Any] = {"opened": opened, "token": token, "refused": refused, "typed": typed}
    answer = await page(request, "mailing/decision", active="approvals", status=status, **context)
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


class UndeliveredMail(Controller):
    path = "/admin/mail"
    opt = access(ADMIN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who, state: State) -> Template:
        mails, sends = await failed_mails(db, actor), bool(state.settings.smtp_url)
        return await page(request, "mailing/undelivered", active="mail", mails=mails, sends=sends)

    @post("/{delivery_id:str}/delivery", status_code=200)
    async def send(self, request: AnyRequest, db: Db, actor: Who, delivery_id: FromPath[str]) -> Response[Any]:
        await send_again(db, actor, params.row_id(delivery_id))
        return go(request, "/admin/mail", say=_("It is on its way again."))
