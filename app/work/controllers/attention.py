"""The administrators' queue of approvals that are stuck, and what they may do about each."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template

from app.actor import Actor
from app.approvals.core.attention import SENTENCES
from app.approvals.core.state import RunStatus, SeatKind
from app.errors import DomainError, Refused
from app.tickets.about import Refusal
from app.tickets.approving.deciding import note_refused
from app.tickets.approving.rescue import RescueDesk
from app.tickets.approving.rescue_acts import Help, perform
from app.tickets.controllers.answering import told
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.web import params
from app.web.formats import zone_of
from app.web.forms import Form, Submitted, submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.i18n import labelled
from app.web.pages import go, page
from app.web.transaction import Db, Who
from app.work.attention_repository import Needing, needing_page
from app.work.rescue import rescue_of

AnyRequest = Request[Any, Any, Any]
OUTCOMES = (RunStatus.APPROVED, RunStatus.REJECTED)


class HelpForm(Form):
    """Every act's fields; each act says itself what it needs."""

    def __init__(self, values: Submitted, time_zone: str = "UTC") -> None:
        super().__init__(values)
        self.given = Help(
            reason=self.text("reason", required=True, limit=2_000, multiline=True), step=values.get("step"),
            seat=self.row("seat"), user_id=self.row("user_id"), due_at=self.moment("due_at", zone_of(time_zone)),
            kind=self._kind(), outcome=self._outcome(),
        )  # fmt: skip

    def insist(self) -> None:
        if self.errors:
            raise Refused(next(iter(self.errors.values())), self.errors)

    def _outcome(self) -> RunStatus | None:
        said = self.choice("outcome", ["", *map(str, OUTCOMES)])
        return RunStatus(said) if said in OUTCOMES else None

    def _kind(self) -> SeatKind:
        said = self.choice("kind", [str(kind) for kind in SeatKind], default=str(SeatKind.OWN))
        return SeatKind(said) if said in set(SeatKind) else SeatKind.OWN


class AttentionQueue(Controller):
    path = "/admin/attention"
    opt = access(ADMIN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        found = await needing_page(db, actor, request.query_params.get("cursor"))
        why = {row.process_id: reasons(row) for row in found.rows}
        next_url = f"{self.path}?cursor={found.next_cursor}" if found.next_cursor else None
        return await page(request, "work/attention", active="attention", rows=found.rows, why=why, next_url=next_url)

    @get("/{ticket_no:str}")
    async def show(self, request: AnyRequest, db: Db, actor: Who, ticket_no: FromPath[str]) -> Template:
        ticket = await RescueDesk(db, actor).find(params.ticket_no(ticket_no))
        return await _page(request, db, actor, ticket)

    @post("/{ticket_no:str}/{noun:str}", status_code=200)
    async def act(
        self, request: AnyRequest, db: Db, actor: Who, state: State, ticket_no: FromPath[str], noun: FromPath[str]
    ) -> Template | Response[Any]:
        desk = RescueDesk(db, actor)
        ticket = await desk.lock(params.ticket_no(ticket_no))
        form = HelpForm(await submitted(request), actor.time_zone)
        try:
            form.insist()
            async with db.begin_nested():
                await perform(desk, ticket, noun, form.given)
        except DomainError as error:
            await note_refused(state.database, actor, error, ticket=ticket.id)
            place = "-".join(part for part in (noun, form.given.step) if part)
            return await _page(request, db, actor, ticket, Refusal.of(place, error, form.typed.values), error)
        running = await desk.running(ticket)
        still = running is not None and bool(running.state.attention)
        said = told(_("%(number)s goes on.") % {"number": ticket.ticket_no}, desk.calls.unheard)
        return go(request, f"{self.path}/{ticket.ticket_no}" if still else self.path, say=said)


async def _page(
    request: AnyRequest, db: Db, actor: Actor, ticket: Ticket, refusal: Refusal | None = None,
    error: DomainError | None = None,
) -> Template:  # fmt: skip
    await note_view(db, actor, ticket)
    rescue = await rescue_of(db, actor, ticket)
    status = error.status_code if error else 200
    return await page(
        request, "work/rescue", active="attention", status=status, ticket=ticket, rescue=rescue,
        refusal=refusal or Refusal(),
    )  # fmt: skip


def reasons(row: Needing) -> list[str]:
    """In words, with the step's name where it is about one."""
    told = [(_(SENTENCES.get(code, code)), step) for code, step in row.why]
    return [labelled(step, sentence) if step else sentence for sentence, step in told]
