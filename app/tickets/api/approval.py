"""The approval of a ticket as JSON: steps with who, why and how it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from litestar import Controller, get
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.context import ResolvedLine, Verdict
from app.approvals.core.counting import bar
from app.approvals.core.definition import Step
from app.approvals.core.explain import explain
from app.approvals.core.state import RunStatus, Seat, StepRun
from app.approvals.core.voting import SENTENCES as WHY_VOID
from app.errors import NotFound
from app.tickets.api.answering import Told, names
from app.tickets.api.shapes import ApprovalOut, ApproverOut, ReceiptsOut, StepOut
from app.tickets.approving.card_words import told_attention, why_not
from app.tickets.approving.deciding import rows_of_seats
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.approving.entitled import Entitled
from app.tickets.approving.receipts import receipts_of
from app.tickets.approving.shielding import Shield, shield_for
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.web.api import AnyRequest, Json, answer, described, query_of
from app.web.guards import API, access
from app.web.i18n import gettext as _
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class ApprovalApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/approval"
    opt = access(API)

    @get(**described("Its latest approval", gives=ApprovalOut))
    async def show(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = ApprovalDesk(db, actor)
        ticket = await desk.find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        return answer(await approval_out(db, desk, ticket))


class ReceiptsApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/receipts"
    opt = access(API)

    @get(**described("The signed receipts of its votes", gives=ReceiptsOut))
    async def index(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        """A vote's comes once it can't be taken back any more."""
        ticket = await ApprovalDesk(db, actor).find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        return answer(ReceiptsOut(items=list(await receipts_of(db, ticket))))


async def approval_out(session: AsyncSession, desk: ApprovalDesk, ticket: Ticket) -> ApprovalOut:
    running = await desk.running(ticket)
    if running is None:
        raise NotFound
    rows = await rows_of_seats(session, running.process.id)
    seats = [seat for run in running.state.live_runs for seat in run.seats]
    persons = [one for seat in seats for one in (seat.user_id, seat.acted_by, seat.on_behalf_of)]
    lines = [line for facts in running.context.steps.values() for line in facts.lines]
    persons += [one.user_id for line in lines for one in line.people]
    told = await names(session, persons, [*(seat.role_id for seat in seats), *(line.role_id for line in lines)])
    shield = await shield_for(session, desk.actor, ticket, running.subject)
    explanation = explain(running.state, desk.actor.id, running.context)
    said = "" if explanation.votes else why_not(desk.actor.id, running, explanation)
    return ApprovalOut(
        status=running.state.status, round=running.state.round, template=running.flow.key,
        template_version=running.state.flow_version, attention=" ".join(told_attention(running)) or None,
        why_not=said or None, steps=list(_Telling(running, told, rows, shield).steps()),
        unheard=list(dict.fromkeys(desk.calls.unheard)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Telling:
    running: Running
    told: Told
    rows: Mapping[int, int]
    shield: Shield

    def steps(self) -> Iterator[StepOut]:
        runs = {run.step_key: run for run in self.running.state.live_runs}
        for step in self.running.flow.steps.values():
            yield self._step(step, runs.get(step.key))

    def _step(self, step: Step, run: StepRun | None) -> StepOut:
        facts = self.running.context.facts(step.key)
        verdict = run.condition if run else facts.condition
        state, context = self.running.state, self.running.context
        return StepOut(
            key=step.key, name=step.name, stage=self.running.flow.stage_of[step.key],
            status=run.status.value if run else "waiting", mode=step.mode,
            needed=bar(state, context, run) if run and run.status is not RunStatus.SKIPPED else step.threshold or 1,
            why=self._why(step, run, verdict), since=run.opened_at if run else None, due_at=run.due_at if run else None,
            approvers=[self._seat(seat) for seat in run.seats] if run else list(self._foreseen(facts.lines)),
        )  # fmt: skip

    def _why(self, step: Step, run: StepRun | None, verdict: Verdict | None) -> str | None:
        if run is not None and run.status is RunStatus.SKIPPED:
            return self.shield.why_skipped(step, run)
        return self.shield.said(step, verdict) or None

    def _because(self, seat: Seat) -> str | None:
        """Why they are asked, or why they are not any more."""
        if seat.void_reason is not None:
            return _(WHY_VOID[seat.void_reason])
        return Entitled(self.running.subject, self.running.directory, self.shield).why(seat) or None

    def _seat(self, seat: Seat) -> ApproverOut:
        pool = self.told.role(seat.role_id) if seat.is_pool else None
        return ApproverOut(
            id=self.rows.get(seat.number), user=self.told.person(seat.user_id), role=pool, status=seat.word,  # type: ignore[arg-type]
            acted_by=self.told.person(seat.acted_by), on_behalf_of=self.told.person(seat.on_behalf_of),
            comment=seat.comment, decided_at=seat.decided_at, because=self._because(seat),
        )  # fmt: skip

    def _foreseen(self, lines: tuple[ResolvedLine, ...]) -> Iterator[ApproverOut]:
        """Whom a step would ask if it began now."""
        for line in lines:
            if line.is_pool:
                yield ApproverOut(None, None, self.told.role(line.role_id), "pending")
            else:
                yield from (ApproverOut(None, self.told.person(one.user_id), None, "pending") for one in line.people)
