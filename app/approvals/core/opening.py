"""How a step begins: it is skipped, or it opens with its seats, timers and the hashes that it is bound to."""

from app.approvals.core.context import Context
from app.approvals.core.definition import Step
from app.approvals.core.events import StepOpened, StepSkipped
from app.approvals.core.seating import opening_seats
from app.approvals.core.state import RunStatus, Seat, SeatKind, SeatStatus, StepRun, Timer, TimerKind
from app.approvals.core.tally import Count, Standing, standing
from app.approvals.core.turn import Turn


def begin(turn: Turn, step: Step, stage: int) -> None:
    if is_skipped(turn.ctx, step):
        turn.happened(StepSkipped, run=_skipped(turn, step, stage, "condition"))
        return
    seats = opening_seats(turn.state, turn.ctx, step, turn.state.next_number + 1)
    earlier = _satisfying_vote(turn, step, stage, seats) if step.auto_satisfy else None
    if earlier is not None:
        turn.happened(StepSkipped, run=_skipped(turn, step, stage, "auto_satisfy", earlier.number))
        return
    turn.happened(StepOpened, run=opened_run(turn, step, stage, seats))


def opened_run(turn: Turn, step: Step, stage: int, seats: tuple[Seat, ...]) -> StepRun:
    facts = turn.ctx.facts(step.key)
    return StepRun(
        turn.state.next_number,
        step.key,
        stage,
        turn.state.round,
        opened_at=turn.ctx.now,
        condition=facts.condition,
        watch_hash=facts.watch_hash,
        reads_hash=facts.reads_hash,
        seats=seats,
        timers=timers(turn, step),
    )


def timers(turn: Turn, step: Step) -> tuple[Timer, ...]:
    facts = turn.ctx.facts(step.key)
    if facts.due_at is None:
        return ()
    reminders = [Timer(TimerKind.REMIND, number, at) for number, at in enumerate(facts.remind_at, 1)]
    return (*reminders, Timer(TimerKind.DEADLINE, 0, facts.due_at))


def _skipped(turn: Turn, step: Step, stage: int, because: str, satisfied_by: int | None = None) -> StepRun:
    facts = turn.ctx.facts(step.key)
    return StepRun(
        turn.state.next_number,
        step.key,
        stage,
        turn.state.round,
        status=RunStatus.SKIPPED,
        opened_at=turn.ctx.now,
        closed_at=turn.ctx.now,
        closed_because=because,
        condition=facts.condition,
        watch_hash=facts.watch_hash,
        reads_hash=facts.reads_hash,
        satisfied_by=satisfied_by,
    )


def is_skipped(ctx: Context, step: Step) -> bool:
    """A condition whose result is missing skips nothing."""
    verdict = ctx.facts(step.key).condition
    return step.condition is not None and verdict is not None and verdict.skips


def _satisfying_vote(turn: Turn, step: Step, stage: int, seats: tuple[Seat, ...]) -> Seat | None:
    """Their own vote in the stage directly before, unless what this step watches changed since."""
    sole = [seat for seat in seats if seat.status is SeatStatus.PENDING]
    if len(sole) != 1 or not _one_vote_is_enough(step, seats):
        return None
    votes = [
        seat
        for run in turn.state.live_runs
        if run.stage == stage - 1
        for seat in run.seats
        if seat.kind is SeatKind.OWN and seat.status is SeatStatus.APPROVED
    ]
    seen = turn.ctx.facts(step.key).watch_hash
    return next(
        (
            vote
            for vote in votes
            if vote.acted_by == sole[0].user_id and vote.on_behalf_of is None and vote.next_hashes.get(step.key) == seen
        ),
        None,
    )


def _one_vote_is_enough(step: Step, seats: tuple[Seat, ...]) -> bool:
    counted = sum(seat.counted for seat in seats)
    after = Count(seats=counted, approved=1, rejected=0, abstained=0, pending=0)
    return standing(step.mode, step.threshold, step.reject, step.wait_all, after) is Standing.APPROVED
