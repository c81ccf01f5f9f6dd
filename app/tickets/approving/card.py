"""The approval as people see it: steps with who and why, and the decision where it is mine to make."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor, hue_of, initials_of
from app.approvals.core.context import ResolvedLine
from app.approvals.core.counting import count, would_complete
from app.approvals.core.definition import Source, Step
from app.approvals.core.explain import Explanation, PossibleVote, explain, still_needed
from app.approvals.core.proceedings import TAKE_BACK_SECONDS
from app.approvals.core.staffing import seated_people
from app.approvals.core.state import RunStatus, Seat, SeatKind, SeatStatus, StepRun
from app.approvals.core.voting import asks_to_sign_in
from app.approvals.models import ApprovalProcessStep, ApprovalProcessStepApprover
from app.db.constants import given
from app.tickets.approving.card_words import WITHOUT_VOTES, beside, listed, progress, told_attention, why_not
from app.tickets.approving.changed import Changed, changed_for
from app.tickets.approving.desk import Running
from app.tickets.approving.entitled import Entitled
from app.tickets.approving.facts import StepReader
from app.tickets.approving.nudges import Nudge, nudges_for
from app.tickets.approving.shielding import NOTHING_HIDDEN, Shield, shield_for
from app.tickets.approving.stand_ins import StandIn, ends_of, stand_ins
from app.tickets.models import Ticket
from app.web.formats import amounts, day
from app.web.i18n import gettext as _
from app.web.i18n import own_words

_ROW_IDS = (
    select(ApprovalProcessStepApprover.number, ApprovalProcessStepApprover.id)
    .join(ApprovalProcessStep, ApprovalProcessStep.id == ApprovalProcessStepApprover.step_id)
    .where(ApprovalProcessStep.process_id == given("process"))
)


@dataclass(frozen=True, slots=True)
class Face:
    """A person beside a step; `mark` is `ok`, `wait`, `no` or nothing."""

    id: int
    name: str
    mark: str = ""

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def hue(self) -> int:
        return hue_of(self.id)


@dataclass(frozen=True, slots=True)
class CardStep:
    """`state` is how it is drawn: `done`, `now`, `wait`, `skip`, `no` or `returned`; `number` is its stage's, which
    steps that run side by side share."""

    key: str
    name: str
    number: int
    state: str
    first: str
    second: str = ""
    why: str = ""
    """Why the step is there, though it could have been skipped."""
    at: datetime | None = None
    since: datetime | None = None
    """How long it has waited."""
    because: list[str] = field(default_factory=list)
    """Who is awaited, and what led to them."""
    faces: list[Face] = field(default_factory=list)
    due_at: datetime | None = None
    quotes: list[tuple[str, str]] = field(default_factory=list)
    """(name, comment) of the votes that came with one."""
    stand_ins: list[StandIn] = field(default_factory=list)
    nudge: Nudge | None = None
    beside: str = ""
    """With which others it runs at the same time."""
    is_joined: bool = False
    """The next one is of the same stage: nothing leads from this one to it."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A labelled condition that the admin set on the step (ux.md, Settled, 5)."""

    label: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """One decision this viewer may make; `seat_id` is the row's, as in URLs and the API."""

    seat_id: int
    step_key: str
    step_name: str
    step_number: int
    content_hash: str
    decisions: frozenset[str]
    for_whom: Face | None
    sentence: str
    needs_comment_to_approve: bool
    checks: list[CheckLine]
    due_at: datetime | None
    may_delegate: bool = False
    takes_more: bool = False
    """The step lets its approvers ask somebody else too."""
    signs_in_again: bool = False
    """The step wants to know once more who decides."""
    asks_password: bool = False
    """And it was too long ago that this browser was told."""
    advises: bool = False
    """Asked for a comment, which decides nothing."""


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    ticket: Ticket
    flow_name: str
    version: int
    round: int
    status: str
    steps: list[CardStep]
    ballots: list[Ballot]
    why_not: str
    attention: list[str]
    retractable: int | None
    """The row id of my own vote while I can take it back."""
    seconds_left: int = 0
    """How long that is."""
    may_rescue: bool = False
    changed: Changed | None = None

    dom_name = "approval"

    @property
    def id(self) -> int:
        return self.ticket.id

    @property
    def current(self) -> CardStep | None:
        return next((step for step in self.steps if step.state == "now"), None)

    @property
    def has_votes(self) -> bool:
        return any(face.mark in {"ok", "no"} for step in self.steps for face in step.faces)

    @property
    def due_at(self) -> datetime | None:
        return min((step.due_at for step in self.steps if step.state == "now" and step.due_at), default=None)

    @property
    def segments(self) -> list[str]:
        """For the trail: `done`, `now`, `wait`, `skip`, `no`."""
        return ["no" if step.state in {"no", "returned"} else step.state for step in self.steps]


async def card_for(session: AsyncSession, actor: Actor, ticket: Ticket, running: Running) -> ApprovalCard:
    rows = await _row_ids(session, running.process.id)
    explanation = explain(running.state, actor.id, running.context)
    nudges = await nudges_for(session, actor, ticket, running)
    shield = await shield_for(session, actor, ticket, running.subject)
    drawing = _Drawing(actor, running, explanation, rows, nudges, shield)
    undo = explanation.retractable
    return ApprovalCard(
        ticket=ticket,
        flow_name=running.flow.name,
        version=running.state.flow_version,
        round=running.state.round,
        status=running.state.status,
        steps=drawing.steps(),
        ballots=[drawing.ballot(vote) for vote in explanation.votes],
        why_not=drawing.why_not(),
        attention=told_attention(running),
        retractable=rows.get(undo) if undo is not None else None,
        seconds_left=_seconds_left(running),
        may_rescue=actor.is_admin and not running.state.status.is_final,
        changed=await changed_for(session, actor, ticket, running, explanation),
    )


def steps_of(actor: Actor, running: Running) -> list[CardStep]:
    """The steps alone, also of an approval that is only imagined."""
    return _Drawing(actor, running, explain(running.state, actor.id, running.context), {}, {}).steps()


def _seconds_left(running: Running) -> int:
    undo = running.state.undo
    passed = (running.context.now - undo.at).total_seconds() if undo else TAKE_BACK_SECONDS
    return max(1, ceil(TAKE_BACK_SECONDS - passed))


async def _row_ids(session: AsyncSession, process_id: int) -> dict[int, int]:
    """From the engine's seat numbers to the ids that URLs and the API use."""
    return {row.number: row.id for row in await session.execute(_ROW_IDS, {"process": process_id})}


@dataclass(frozen=True, slots=True)
class _Drawing:
    actor: Actor
    running: Running
    explanation: Explanation
    rows: Mapping[int, int]
    nudges: Mapping[int, Nudge]
    shield: Shield = NOTHING_HIDDEN

    def steps(self) -> list[CardStep]:
        runs = {run.step_key: run for run in self.running.state.live_runs}
        drawn: list[CardStep] = []
        for number, stage in enumerate(self.running.flow.stages, 1):
            for place, step in enumerate(stage.steps, 1):
                one = self._run(number, step, runs[step.key]) if step.key in runs else self._to_come(number, step)
                told = beside(stage, step) if one.state in {"now", "wait"} else ""
                drawn.append(replace(one, beside=told, is_joined=place < len(stage.steps)))
        return drawn

    def _run(self, number: int, step: Step, run: StepRun) -> CardStep:
        draw = {
            RunStatus.OPEN: self._open,
            RunStatus.APPROVED: self._approved,
            RunStatus.SKIPPED: self._skipped,
        }.get(run.status, self._ended)
        return draw(number, step, run)

    def _open(self, number: int, step: Step, run: StepRun) -> CardStep:
        state, context = self.running.state, self.running.context
        needed, _may_vote = still_needed(state, context, run)
        approved = count(state, context, run).approved
        return CardStep(
            step.key, step.name, number, "now", progress(step, approved, needed), self._waits_for(run),
            why=self.shield.why_there(step, run.condition), since=run.opened_at,
            because=Entitled(self.running.subject, self.running.directory, self.shield).told(run),
            faces=self._faces(run), due_at=run.due_at, quotes=self._quotes(run),
            stand_ins=stand_ins(self.running, run), nudge=self.nudges.get(run.number),
        )  # fmt: skip

    def _approved(self, number: int, step: Step, run: StepRun) -> CardStep:
        names = [self._voter(seat) for seat in run.seats if seat.status is SeatStatus.APPROVED]
        first = _("Approved by %(names)s") % {"names": listed(names)}
        if run.forced or not names:
            first = _("Approved by an administrator’s force, not by votes")
        return CardStep(
            step.key, step.name, number, "done", first, at=run.closed_at, faces=self._faces(run),
            quotes=self._quotes(run),
        )  # fmt: skip

    def _skipped(self, number: int, step: Step, run: StepRun) -> CardStep:
        why = self.shield.why_skipped(step, run)
        return CardStep(step.key, step.name, number, "skip", _("Skipped: %(why)s") % {"why": why})

    def _ended(self, number: int, step: Step, run: StepRun) -> CardStep:
        """Rejected, sent back, or closed by something else."""
        if run.status is RunStatus.REJECTED and run.closed_because in WITHOUT_VOTES:
            told = _(WITHOUT_VOTES[run.closed_because])
            return CardStep(step.key, step.name, number, "no", told, at=run.closed_at, quotes=self._quotes(run))
        for status, word in (
            (SeatStatus.REJECTED, _("Rejected by %(names)s")),
            (SeatStatus.RETURNED, _("Sent back by %(names)s")),
        ):
            names = [self._voter(seat) for seat in run.seats if seat.status is status]
            if names:
                state = "no" if status is SeatStatus.REJECTED else "returned"
                return CardStep(
                    step.key, step.name, number, state, word % {"names": listed(names)}, at=run.closed_at,
                    faces=self._faces(run), quotes=self._quotes(run),
                )  # fmt: skip
        return CardStep(step.key, step.name, number, "wait", _("No longer needed"), at=run.closed_at)

    def _to_come(self, number: int, step: Step) -> CardStep:
        if self.running.state.status.is_final:
            return CardStep(step.key, step.name, number, "wait", _("Not asked: it ended before"))
        facts = self.running.context.facts(step.key)
        who = listed([self._line(line) for line in facts.lines]) or _("Nobody yet")
        if facts.condition is None:
            return CardStep(step.key, step.name, number, "wait", who)
        if facts.condition.skips:
            why = self.shield.said(step, facts.condition)
            return CardStep(step.key, step.name, number, "skip", _("Not needed: %(why)s") % {"why": why})
        return CardStep(step.key, step.name, number, "wait", self.shield.why_there(step, facts.condition), who)

    def _line(self, line: ResolvedLine) -> str:
        if line.role_id and line.is_pool:
            return self._role(line.role_id)
        if line.source is Source.PREVIOUS_MANAGER:
            return _("the previous approver's manager")
        return listed([self._name(one.user_id) for one in line.people])

    def _waits_for(self, run: StepRun) -> str:
        if any(vote.run == run.number for vote in self.explanation.votes):
            return _("Waiting for you")
        pending = [seat for seat in run.seats if seat.is_pending and seat.kind is not SeatKind.ADVICE]
        names = [
            self._role(seat.role_id) if seat.is_pool and seat.role_id else self._name(seat.user_id) for seat in pending
        ]
        return _("Waiting for %(names)s") % {"names": listed(names)} if names else _("Nobody can decide this now")

    def _faces(self, run: StepRun) -> list[Face]:
        marks = {
            SeatStatus.APPROVED: "ok", SeatStatus.REJECTED: "no", SeatStatus.RETURNED: "no", SeatStatus.PENDING: "wait",
        }  # fmt: skip
        seats = [seat for seat in run.seats if seat.status in marks and (seat.is_pending is False or run.is_open)]
        faces = [Face(who, self._name(who), marks[seat.status]) for seat in seats if (who := _shown(seat))]
        known = {face.id for face in faces}
        for seat in seats:
            for member in self.running.context.members.get(seat.role_id or 0, ()) if seat.is_pool else ():
                if member.user_id not in known and run.is_open and self.running.context.person(member.user_id).active:
                    known.add(member.user_id)
                    faces.append(Face(member.user_id, self._name(member.user_id), "wait"))
        return faces[:8]

    def _quotes(self, run: StepRun) -> list[tuple[str, str]]:
        return [(self._voter(seat), seat.comment) for seat in run.votes if seat.comment]

    def ballot(self, vote: PossibleVote) -> Ballot:
        flow, state, context = self.running.flow, self.running.state, self.running.context
        step = flow.steps[vote.step_key]
        found = state.seat(vote.seat)
        run, seat = found if found else (None, None)
        completes = run is not None and seat is not None and would_complete(state, context, run, seat)
        advises = seat is not None and seat.kind is SeatKind.ADVICE
        principal = vote.on_behalf_of
        return Ballot(
            seat_id=self.rows[vote.seat],
            step_key=step.key,
            step_name=step.name,
            step_number=flow.stage_of[step.key],
            content_hash=vote.content_hash,
            decisions=frozenset(str(decision) for decision in vote.decisions),
            for_whom=Face(principal, self._name(principal)) if principal else None,
            sentence=self._advising() if advises else self._signing(principal, completes=completes),
            advises=advises,
            needs_comment_to_approve=step.comment_on_approve,
            checks=self._checks(step),
            due_at=run.due_at if run else None,
            may_delegate=principal is None and self._is_own(vote.seat),
            takes_more=step.ad_hoc and run is not None and self.actor.id in seated_people(state, context, run),
            signs_in_again=step.reauthenticate,
            asks_password=asks_to_sign_in(step, context.now, self.actor.signed_in_at),
        )

    def _is_own(self, number: int) -> bool:
        """A request to a whole group cannot be handed over."""
        found = self.running.state.seat(number)
        return found is not None and found[1].user_id == self.actor.id

    def _signing(self, principal: int | None, *, completes: bool) -> str:
        if principal:
            told = _("You sign as %(me)s for %(principal)s.") % {
                "me": self.actor.name,
                "principal": self._name(principal),
            }
            if until := ends_of(self.running, principal, self.actor.id):
                told = f"{told} {_('You are their proxy until %(day)s.') % {'day': day(until)}}"
        else:
            told = _("You sign as %(me)s.") % {"me": self.actor.name}
        return f"{told} {_('Your approval completes this step.') if completes else _('Others sign this step too.')}"

    def _advising(self) -> str:
        return _("You are asked for advice as %(me)s: a comment, which decides nothing.") % {"me": self.actor.name}

    def _checks(self, step: Step) -> list[CheckLine]:
        reader = StepReader(self.running.subject, self.running.directory, self.running.context.now)
        verdicts = [(check.label, reader.verdict(check.condition)) for check in step.checks]
        return [
            CheckLine(label, verdict.holds, amounts(own_words(verdict.sentence, verdict.elsewhere)))
            for label, verdict in verdicts
        ]

    def why_not(self) -> str:
        return "" if self.explanation.votes else why_not(self.actor.id, self.running, self.explanation)

    def _name(self, user_id: int | None) -> str:
        return self.running.directory.names.get(user_id or 0, _("somebody"))

    def _voter(self, seat: Seat) -> str:
        """Both names where somebody spoke for somebody else."""
        if seat.on_behalf_of is None:
            return self._name(seat.acted_by)
        both = {"proxy": self._name(seat.acted_by), "principal": self._name(seat.on_behalf_of)}
        return _("%(proxy)s for %(principal)s") % both

    def _role(self, role_id: int) -> str:
        return self.running.directory.role_names.get(role_id, _("a role"))


def _shown(seat: Seat) -> int | None:
    return seat.acted_by or seat.user_id
