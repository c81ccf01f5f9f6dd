"""Handing one's seat over, and asking somebody else too: a form in place of the buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template

from app.accounts.repository import people
from app.actor import Actor
from app.approvals.core.denied import Denied
from app.approvals.core.state import SeatKind
from app.approvals.core.voting import may_vote
from app.errors import DomainError, NotFound, Refused
from app.tickets.approving.deciding import SeatPlace, find_seat, note_refusal
from app.tickets.approving.desk import ApprovalDesk, refusal
from app.tickets.approving.handing_over import HandingOver, Wish
from app.tickets.approving.targets import Targets, targets_of
from app.tickets.controllers.answering import told
from app.tickets.models import Ticket
from app.web import params
from app.web.door import visit_of
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.htmx import is_fragment, replace_url, retarget
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial, swap
from app.web.transaction import Db, Who
from app.work.filters import InboxFilters
from app.work.what_follows import url_of, what_follows

AnyRequest = Request[Any, Any, Any]
KINDS = (SeatKind.ADVICE, SeatKind.REQUIRED)


class WishForm(Form):
    """Whom, and why."""

    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.to = self.row("to_user_id", required=True)
        self.reason = self.text("reason", limit=2_000, multiline=True)
        self.kind = self.choice("kind", [str(kind) for kind in KINDS], default=str(SeatKind.ADVICE))
        self.key = self.text("command", limit=128)
        self.from_inbox = values.get("from") == "inbox"

    @property
    def wish(self) -> Wish:
        return Wish(self.to or 0, self.reason, SeatKind(self.kind), self.key)


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the two forms: where it is sent, and what it offers."""

    noun: str
    partial: str

    def people(self, targets: Targets, seat: int) -> list[Any]:
        if self.noun == "delegation":
            return list(targets.for_delegation(seat))
        found = targets.running.state.seat(seat)
        return list(targets.for_addition(found[0].number, SeatKind.ADVICE)) if found else []


DELEGATION = Asked("delegation", "delegation")
FURTHER = Asked("approvers", "further_approver")


class Delegations(Controller):
    path = "/approvals/{seat_id:str}/delegation"
    opt = access(SIGNED_IN)

    @get()
    async def form(self, request: AnyRequest, db: Db, actor: Who, seat_id: FromPath[str]) -> Template:
        return await _fresh(request, db, actor, await find_seat(db, actor, params.row_id(seat_id)), DELEGATION)

    @post(status_code=200)
    async def hand_over(
        self, request: AnyRequest, db: Db, actor: Who, state: State, seat_id: FromPath[str]
    ) -> Template | Response[Any]:
        place = await find_seat(db, actor, params.row_id(seat_id))
        form = WishForm(await submitted(request))
        if form.errors:
            return await _form(request, db, actor, place, DELEGATION, form, status=422)
        handing = HandingOver(db, actor)
        try:
            async with db.begin_nested():
                ticket = await handing.delegate(place, form.wish)
        except DomainError as error:
            await note_refusal(state.database, actor, error, place)
            return await _refused(request, db, actor, place, DELEGATION, form, error)
        return await _handed_over(request, db, actor, place, ticket, form, handing.desk.calls.unheard)


class FurtherApprovers(Controller):
    path = "/approvals/{seat_id:str}/approvers"
    opt = access(SIGNED_IN)

    @get()
    async def form(self, request: AnyRequest, db: Db, actor: Who, seat_id: FromPath[str]) -> Template:
        return await _fresh(request, db, actor, await find_seat(db, actor, params.row_id(seat_id)), FURTHER)

    @post(status_code=200)
    async def ask_too(
        self, request: AnyRequest, db: Db, actor: Who, state: State, seat_id: FromPath[str]
    ) -> Template | Response[Any]:
        place = await find_seat(db, actor, params.row_id(seat_id))
        form = WishForm(await submitted(request))
        if form.errors:
            return await _form(request, db, actor, place, FURTHER, form, status=422)
        handing = HandingOver(db, actor)
        try:
            async with db.begin_nested():
                ticket = await handing.ask_too(place, form.wish)
        except DomainError as error:
            await note_refusal(state.database, actor, error, place)
            return await _refused(request, db, actor, place, FURTHER, form, error)
        back = f"/approvals/{place.id}" if form.from_inbox else f"/tickets/{ticket.ticket_no}"
        said = _("%(name)s is asked too.") % {"name": await _name(db, form.to)}
        return go(request, back, say=told(said, handing.desk.calls.unheard))


async def _handed_over(
    request: AnyRequest, db: Db, actor: Actor, place: SeatPlace, ticket: Ticket, form: WishForm,
    unheard: Sequence[str],
) -> Template | Response[Any]:  # fmt: skip
    said = _("%(number)s now waits for %(name)s.") % {"number": ticket.ticket_no, "name": await _name(db, form.to)}
    say = told(said, unheard)
    await db.flush()
    if form.from_inbox and visit_of(request).htmx:
        filters = InboxFilters.read(request.query_params)
        following = await what_follows(db, actor, place, filters)
        answer = swap("work/decision", say=say, left=place.id, **following)
        retarget(answer, "#pane")
        replace_url(answer, url_of(following, filters))
        return answer
    return go(request, "/approvals" if form.from_inbox else await _where_to(db, actor, ticket), say=say)


async def _where_to(db: Db, actor: Actor, ticket: Ticket) -> str:
    """Who gave away what they had not used may not read a restricted ticket any more (promise L17)."""
    try:
        await ApprovalDesk(db, actor).find(ticket.ticket_no)
    except NotFound:
        return "/approvals"
    return f"/tickets/{ticket.ticket_no}"


async def _name(db: Db, user_id: int | None) -> str:
    found = (await people(db, [user_id or 0])).get(user_id or 0)
    return found.name if found else ""


async def _fresh(request: AnyRequest, db: Db, actor: Actor, place: SeatPlace, asked: Asked) -> Template:
    source = "inbox" if request.query_params.get("from") == "inbox" else "ticket"
    form = WishForm.fresh(**{"from": source})
    return await _form(request, db, actor, place, asked, form)


async def _refused(
    request: AnyRequest, db: Db, actor: Actor, place: SeatPlace, asked: Asked, form: WishForm, error: DomainError
) -> Template:
    form.refuse(error if isinstance(error, Refused) else Refused(error.sentence))
    return await _form(request, db, actor, place, asked, form, status=error.status_code)


async def _form(
    request: AnyRequest, db: Db, actor: Actor, place: SeatPlace, asked: Asked, form: WishForm, *, status: int = 200
) -> Template:
    ticket = await ApprovalDesk(db, actor).find(place.ticket_no)
    targets = await targets_of(db, actor, ticket)
    found = targets.running.state.seat(place.number) if targets else None
    if targets is None or found is None:
        raise NotFound
    running, step = targets.running, found[0].step_key
    mine = may_vote(running.state, running.context, place.number, actor.id)
    shown: dict[str, Any] = {
        "seat_id": place.id, "ticket": ticket, "form": form, "people": asked.people(targets, place.number),
        "why_nobody": refusal(mine, running.directory).sentence if isinstance(mine, Denied) else "",
        "kept": InboxFilters.read(request.query_params).kept,
        "step_name": running.flow.steps[step].name,
    }  # fmt: skip
    if is_fragment(request):
        return partial(f"work/{asked.partial}", status=status, **shown)
    return await page(request, "work/handing_over", active="approvals", status=status, asked=asked.partial, **shown)
