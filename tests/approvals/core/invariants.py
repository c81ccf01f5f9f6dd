"""Rule 16, as far as it is the engine's, with the votes counted here and not by the engine."""

from collections import Counter
from dataclasses import dataclass, field, replace
from math import ceil

from app.approvals.core import commands as c
from app.approvals.core.context import Context
from app.approvals.core.definition import Flow, Mode, Step, WhenRequester
from app.approvals.core.denied import Denied
from app.approvals.core.engine import decide, fold
from app.approvals.core.events import Event, VoteCast
from app.approvals.core.explain import explain
from app.approvals.core.state import ProcessStatus, RunStatus, SeatKind, SeatStatus, State, StepRun, VoidReason
from tests.approvals.core.office import EVERYBODY

STANDING = {RunStatus.OPEN, RunStatus.APPROVED, RunStatus.SKIPPED}
DECISIVE = ("approve", "reject", "return")


@dataclass(frozen=True)
class LedgerVote:
    run: int
    step_key: str
    actor: int
    holder: int
    decision: str
    tallied: bool


@dataclass
class Ledger:
    """What the test saw being accepted."""

    flow: Flow
    votes: list[LedgerVote] = field(default_factory=list)
    seats: dict[int, int] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    """Of each run, as it was defined when it began: a later version of the flow may not have it."""
    before_vote: State | None = None

    def record(self, command: c.Command, before: State, happened: list[Event], after: State, ctx: Context) -> None:
        if isinstance(command, c.Decide):
            self._record_vote(command, before, ctx)
            cast = next(number for number, event in enumerate(happened) if isinstance(event, VoteCast))
            self.before_vote = fold(before, happened[:cast])
        elif isinstance(command, c.Retract):
            assert self.before_vote is not None
            self.votes.pop()
            _assert_undone(self.before_vote, fold(before, happened[:1]), command.seat)
        new = [run for run in after.runs if run.number not in self.steps]
        self.steps |= {run.number: self.flow.steps[run.step_key] for run in new}
        if isinstance(command, c.Migrate):
            self._assert_it_stands(before, after)
        self._bar_never_sank(command, after)

    def _record_vote(self, command: c.Decide, before: State, ctx: Context) -> None:
        found = before.seat(command.seat)
        assert found is not None
        run, seat = found
        step = self.flow.steps[run.step_key]
        holder = command.on_behalf_of or seat.user_id or command.actor
        assert holder in (command.actor, command.on_behalf_of)
        for person in (command.actor, holder):
            assert ctx.person(person).active
            assert person not in before.askers or step.requester is WhenRequester.ALLOW
            assert person not in ctx.editors or person in before.askers or step.editors_may_approve
        here = [vote for vote in self.votes if vote.run == run.number]
        assert command.actor not in {person for vote in here for person in (vote.actor, vote.holder)}
        tallied = seat.kind is SeatKind.OWN
        self.votes.append(LedgerVote(run.number, run.step_key, command.actor, holder, command.decision.value, tallied))

    def _assert_it_stands(self, before: State, after: State) -> None:
        """A migration loses no vote and invents none, and every step that counts is the one that was asked."""
        was = {run.number: {seat.number: seat for seat in run.votes} for run in before.runs}
        for run in after.runs:
            assert {seat.number: seat for seat in run.votes} == was.get(run.number, {})
            assert run.superseded or self.flow.steps[run.step_key] == self.steps[run.number]

    def _bar_never_sank(self, command: c.Command, state: State) -> None:
        for run in state.runs:
            seats = sum(seat.counted and seat.kind is SeatKind.OWN and not seat.is_pool for seat in run.seats)
            was = self.seats.get(run.number, 0)
            own_votes_go = isinstance(command, c.Retract) and self.steps[run.number].mode is Mode.COUNT
            assert seats >= was or isinstance(command, c.GoOnWithout | c.Retract) or own_votes_go
            self.seats[run.number] = seats

    def check(self, state: State) -> None:
        for run in state.runs:
            self._check_run(run)
        _assert_shape(state)
        self._check_whole(state)
        self._check_duties(state)

    def _check_run(self, run: StepRun) -> None:
        if run.status is RunStatus.APPROVED and not run.forced:
            votes = [vote for vote in self.votes if vote.run == run.number and vote.tallied]
            approving = {vote.actor for vote in votes if vote.decision == "approve"}
            abstained = sum(vote.decision == "abstain" for vote in votes)
            assert len(approving) >= self._configured(run, abstained), run
        if run.status is not RunStatus.OPEN or run.superseded:
            assert not any(seat.is_pending for seat in run.seats)
            assert all(timer.fired for timer in run.timers)

    def _configured(self, run: StepRun, abstained: int) -> int:
        step, seats = self.steps[run.number], self.seats[run.number]
        share = ceil((step.threshold or 0) * seats / 100)
        wanted = {"any": 1, "all": seats - abstained, "count": step.threshold or 0, "percent": share}
        return max(1, wanted[step.mode.value])

    def _check_whole(self, state: State) -> None:
        if state.status is ProcessStatus.APPROVED:
            approved = any(run.status is RunStatus.APPROVED for run in state.live_runs)
            assert approved or self.flow.when_nothing_applies.value == "approve"
            live = {run.step_key: run.status for run in state.live_runs}
            assert live.keys() == self.flow.steps.keys()
            assert set(live.values()) <= {RunStatus.APPROVED, RunStatus.SKIPPED}
        if state.status is ProcessStatus.RUNNING:
            assert state.open_runs or state.attention
            assert {run.status for run in state.live_runs} <= STANDING
        else:
            assert not state.open_runs

    def _check_duties(self, state: State) -> None:
        """Separation of duties, over all steps at once."""
        live = {run.number for run in state.live_runs}
        deciders: dict[str, set[int]] = {}
        for vote in self.votes:
            if vote.run in live and vote.decision in DECISIVE:
                deciders.setdefault(vote.step_key, set()).update({vote.actor, vote.holder})
        for one, step in self.flow.steps.items():
            for other in self.flow.steps:
                if other != one and (step.distinct_from_all or other in step.distinct_from):
                    assert not deciders.get(one, set()) & deciders.get(other, set())


def _assert_undone(before: State, after: State, seat: int) -> None:
    """Every seat, step and timer that the vote had closed is as before, the voter's new row apart."""
    assert (before.status, before.stage, before.round) == (after.status, after.stage, after.round)
    restored = {run.number: run for run in after.runs}
    for run in before.runs:
        now = restored[run.number]
        plain = [one for one in run.seats if one.number != seat]
        assert [one for one in now.seats if one.number in {was.number for was in plain}] == plain
        assert replace(now, seats=()) == replace(run, seats=())
    for run in after.runs:
        if run.number not in {one.number for one in before.runs}:
            assert run.status is RunStatus.OBSOLETE
            assert run.superseded


def _assert_shape(state: State) -> None:
    numbers = Counter(seat.number for run in state.runs for seat in run.seats)
    numbers.update(run.number for run in state.runs)
    assert all(times == 1 for times in numbers.values())
    assert max(numbers, default=0) < state.next_number
    for run in state.runs:
        holders = Counter(seat.user_id for seat in run.seats if seat.status is not SeatStatus.VOID and not seat.is_pool)
        actors = Counter(seat.acted_by for seat in run.votes)
        assert all(times == 1 for times in (*holders.values(), *actors.values()))
        assert all((seat.void_reason is None) == (seat.status is not SeatStatus.VOID) for seat in run.seats)
        assert all(seat.status is SeatStatus.VOID for seat in run.seats if seat.void_reason is VoidReason.RETRACTED)


def check_explanation(state: State, ctx: Context, user_id: int) -> None:
    """`explain` says yes if and only if `decide` accepts."""
    told = explain(state, user_id, ctx)
    offered = {(vote.seat, vote.on_behalf_of, decision) for vote in told.votes for decision in vote.decisions}
    principals = [None, *EVERYBODY]
    for run in state.runs:
        seen = ctx.facts(run.step_key).watch_hash
        for seat in run.seats:
            for behalf in principals:
                if behalf is not None and seat.user_id not in (None, behalf):
                    continue
                for decision in c.Decision:
                    answer = decide(state, c.Decide(user_id, seat.number, decision, seen, "why", behalf), ctx)
                    assert ((seat.number, behalf, decision) in offered) == (not isinstance(answer, Denied))
    for told_yes, command in (
        (told.may_withdraw, c.Withdraw(user_id)),
        (told.may_cancel, c.Cancel(user_id, "why")),
        (told.may_resubmit, c.Resubmit(user_id)),
    ):
        assert told_yes == (not isinstance(decide(state, command, ctx), Denied))


def check_nobody_is_forgotten(state: State, ctx: Context) -> None:
    """Every open step has somebody who may approve it, or carries attention."""
    for run in state.open_runs:
        flagged = any(one.run == run.number for one in state.attention)
        assert flagged or any(_may_approve(state, ctx, run, person) for person in EVERYBODY), run


def _may_approve(state: State, ctx: Context, run: StepRun, person: int) -> bool:
    seen = ctx.facts(run.step_key).watch_hash
    seats = [seat for seat in run.seats if seat.is_pending and (seat.is_pool or seat.user_id == person)]
    votes = [c.Decide(person, seat.number, c.Decision.APPROVE, seen, "why") for seat in seats]
    return any(not isinstance(decide(state, vote, ctx), Denied) for vote in votes)
