"""Decisions in place: on the ticket page and in the inbox, with the same partials."""

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template

from app.accounts.sign_in import sign_in_again
from app.actor import Actor
from app.approvals.core.commands import Decision
from app.approvals.core.state import SeatKind
from app.errors import DomainError, NotAllowed, NotPossible
from app.tickets.approving.changed import Changed, changed_since_seen, told
from app.tickets.approving.deciding import Choice, Deciding, SeatPlace, find_seat, note_refusal
from app.tickets.approving.desk import Running
from app.tickets.controllers import answering
from app.tickets.models import Ticket
from app.web import params
from app.web.door import visit_of
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.htmx import replace_url
from app.web.i18n import gettext as _
from app.web.i18n import labelled
from app.web.pages import go, page, partial, swap
from app.web.transaction import Db, Who
from app.work import repository
from app.work.filters import InboxFilters
from app.work.preview import Preview, preview_of
from app.work.what_follows import url_of, what_follows

DECISION_WORDS = {
    Decision.APPROVE: "Approved",
    Decision.RETURN: "Sent back",
    Decision.REJECT: "Rejected",
    Decision.ABSTAIN: "Abstained",
}


class DecisionForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.decision = self.choice("decision", [str(one) for one in Decision])
        self.comment = self.text("comment", limit=10_000, multiline=True)
        self.content_hash = self.text("content_hash", required=True, limit=64)
        self.on_behalf_of = self.row("on_behalf_of")
        self.key = self.text("command", limit=128)
        self.password = values.get("password") or ""
        self.from_inbox = values.get("from") == "inbox"

    @property
    def choice_made(self) -> Choice:
        return Choice(Decision(self.decision), self.content_hash, self.comment, self.on_behalf_of, self.key)


class Decisions(Controller):
    path = "/approvals/{seat_id:str}"
    opt = access(SIGNED_IN)

    @post("/decision", status_code=200)
    async def decide(
        self, request: Request[Any, Any, Any], db: Db, actor: Who, state: State, seat_id: FromPath[str]
    ) -> Template | Response[Any]:
        place = await find_seat(db, actor, params.row_id(seat_id))
        form = DecisionForm(await submitted(request))
        deciding = Deciding(db, actor)
        if form.errors:
            sentence = next(iter(form.errors.values()))
            return await _again(request, deciding, place, form, DomainError(sentence), status=422)
        try:
            if form.password:
                deciding = Deciding(
                    db, await sign_in_again(state.database, actor, visit_of(request).token, form.password)
                )
            async with db.begin_nested():
                ticket, running = await deciding.decide(place, form.choice_made)
        except DomainError as error:
            await note_refusal(state.database, actor, error, place)
            return await _again(request, deciding, place, form, error, status=error.status_code)
        return await _decided(request, deciding, form, place, ticket, running)

    @post("/retraction", status_code=200)
    async def take_back(
        self, request: Request[Any, Any, Any], db: Db, actor: Who, state: State, seat_id: FromPath[str]
    ) -> Template | Response[Any]:
        place = await find_seat(db, actor, params.row_id(seat_id))
        try:
            async with db.begin_nested():
                ticket = await Deciding(db, actor).take_back(place)
        except (NotAllowed, NotPossible) as error:
            await note_refusal(state.database, actor, error, place)
            if visit_of(request).htmx:
                raise
            ticket = await Deciding(db, actor).desk.find(place.ticket_no)
            return go(request, await _where_it_waits(request, db, actor, ticket), say=_(error.sentence))
        return go(
            request, await _where_it_waits(request, db, actor, ticket), say=_("Taken back. It waits for you again.")
        )


async def _where_it_waits(request: Request[Any, Any, Any], db: Db, actor: Actor, ticket: Ticket) -> str:
    """Back to where it was decided: at that request in the inbox, or on its page."""
    if request.query_params.get("from") != "inbox":
        return f"/tickets/{ticket.ticket_no}"
    seat = await repository.seat_waiting_on(db, actor, ticket.id)
    return InboxFilters.read(request.query_params).url(f"/approvals/{seat}" if seat else "/approvals")


async def _decided(
    request: Request[Any, Any, Any], deciding: Deciding, form: DecisionForm, place: SeatPlace, ticket: Ticket,
    running: Running | None,
) -> Template | Response[Any]:  # fmt: skip
    filters = InboxFilters.read(request.query_params)
    said = labelled(_said(form, place, running), ticket.ticket_no)
    say = answering.told(said, deciding.desk.calls.unheard)
    if not (form.from_inbox and visit_of(request).htmx):
        return go(request, filters.url() if form.from_inbox else f"/tickets/{ticket.ticket_no}", say=say)
    await deciding.session.flush()
    mine = await deciding.retractable(running, place) if running else None
    following = await what_follows(deciding.session, deciding.actor, place, filters, principal=form.on_behalf_of)
    undo = filters.url(f"/approvals/{mine}/retraction", **{"from": "inbox"}) if mine else ""
    answer = swap("work/decision", say=say, undo=undo, left=place.id, **following)
    replace_url(answer, url_of(following, filters))
    return answer


def _said(form: DecisionForm, place: SeatPlace, running: Running | None) -> str:
    found = running.state.seat(place.number) if running else None
    advised = found is not None and found[1].kind is SeatKind.ADVICE
    return _("Advice given") if advised else _(DECISION_WORDS[Decision(form.decision)])


async def _again(
    request: Request[Any, Any, Any],
    deciding: Deciding,
    place: SeatPlace,
    form: DecisionForm,
    error: DomainError,
    *,
    status: int,
) -> Template:
    """What is there now, with the refusal and what was typed."""
    ticket = await deciding.desk.lock(place.ticket_no)
    preview = await preview_of(deciding.session, deciding.actor, ticket, place.id)
    code = error.extra.get("code")
    changed = await _difference(deciding, ticket, place, form) if code == "stale" else None
    shown: dict[str, Any] = {
        "preview": preview, "refused": _(error.sentence), "typed": form.typed.get("comment"), "difference": changed,
        "intended": form.decision, "answered": await _answered(deciding, ticket, place, preview),
        "lacks_reason": code == "comment_required",
        "kept": InboxFilters.read(request.query_params).kept,
    }  # fmt: skip
    if not visit_of(request).htmx:
        return await page(request, "work/refused", active="approvals", status=status, **shown)
    if form.from_inbox:
        return partial("work/pane", status=status, **shown)
    return partial("tickets/approval", status=status, card=preview.card, **shown)


async def _answered(deciding: Deciding, ticket: Ticket, place: SeatPlace, preview: Preview) -> int | None:
    """The decision that now stands where theirs stood: a new round asks by another seat."""
    ballots = preview.card.ballots if preview.card else []
    running = await deciding.running(ticket)
    found = running.state.seat(place.number) if running else None
    same = [one for one in ballots if one.seat_id == place.id]
    same += [one for one in ballots if found is not None and one.step_key == found[0].step_key]
    return next((one.seat_id for one in (*same, *ballots)), None)


async def _difference(deciding: Deciding, ticket: Ticket, place: SeatPlace, form: DecisionForm) -> Changed | None:
    """Between what was on their screen and what is there now."""
    running = await deciding.running(ticket)
    if running is None:
        return None
    session, actor = deciding.session, deciding.actor
    changes = await changed_since_seen(
        session, actor, ticket, running, seat=place.number, seen_hash=form.content_hash
    )  # fmt: skip
    values = await told(session, actor, ticket, running.subject, changes)
    return Changed(_("Changed since you opened it"), values) if values else None
