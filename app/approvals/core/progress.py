"""How a process moves on by itself: a step closes, a stage is left, the next one opens, the end is reached."""

from app.approvals.core.context import Context
from app.approvals.core.counting import bar, count, standing_of
from app.approvals.core.definition import NothingApplies, OnReject, Step
from app.approvals.core.events import ProcessClosed, ProcessReturned, Rewound, StepClosed
from app.approvals.core.opening import begin, is_skipped
from app.approvals.core.state import ProcessStatus, RunStatus, State, StepRun
from app.approvals.core.tally import Standing
from app.approvals.core.turn import Turn


def judge(turn: Turn) -> None:
    """Closes what this command may close, where the tally says so."""
    while turn.closable:
        run = turn.run(turn.closable.pop())
        stands = standing_of(turn.state, turn.ctx, run)
        if stands is Standing.APPROVED:
            close(turn, run, RunStatus.APPROVED, "votes")
        elif stands is Standing.REJECTED:
            close(turn, run, RunStatus.REJECTED, "votes")


def close(
    turn: Turn, run: StepRun, status: RunStatus, because: str, *, forced: bool = False, reason: str | None = None
) -> None:
    counted, height = count(turn.state, turn.ctx, run), bar(turn.state, turn.ctx, run)
    facts = {"because": because, "count": counted, "bar": height, "forced": forced, "reason": reason}
    turn.happened(StepClosed, run=run.number, status=status, **facts)
    if status is RunStatus.REJECTED:
        _after_rejection(turn, run)


def _after_rejection(turn: Turn, run: StepRun) -> None:
    step = turn.ctx.flow.steps[run.step_key]
    if step.on_reject is OnReject.END:
        turn.happened(ProcessClosed, status=ProcessStatus.REJECTED, because="rejected")
        return
    stage = turn.ctx.flow.stage_of.get(step.back_to or "")
    if step.on_reject is OnReject.BACK and stage is not None and _asks_anybody(turn, stage, run.stage):
        turn.happened(Rewound, to_stage=stage, because="rejected")
        return
    turn.happened(ProcessReturned, because="rejected")


def _asks_anybody(turn: Turn, first: int, rejecting: int) -> bool:
    """Going back to steps that are all skipped would only ask the rejecting one again."""
    between = [step for stage in turn.ctx.flow.stages[first - 1 : rejecting - 1] for step in stage.steps]
    satisfied = {run.step_key for run in turn.state.live_runs if run.satisfied_by is not None}
    return any(not is_skipped(turn.ctx, step) and step.key not in satisfied for step in between)


def advance(turn: Turn) -> None:
    """Enters the next stage once nothing is open; past the last one the process ends, or waits with attention."""
    while turn.state.status is ProcessStatus.RUNNING and not turn.state.open_runs:
        found = _next_to_begin(turn)
        if found is None:
            finish(turn)
            return
        stage, steps = found
        for step in steps:
            begin(turn, step, stage)


def _next_to_begin(turn: Turn) -> tuple[int, list[Step]] | None:
    """What a resubmission kept is not asked again, and a stage of which it kept every step is passed by."""
    kept = {run.step_key for run in turn.state.live_runs}
    for number, stage in enumerate(turn.ctx.flow.stages, 1):
        steps = [step for step in stage.steps if step.key not in kept]
        if steps:
            return number, steps
    return None


def finish(turn: Turn) -> None:
    if any(run.status is RunStatus.APPROVED for run in turn.state.live_runs):
        turn.happened(ProcessClosed, status=ProcessStatus.APPROVED, because="approved")
    elif turn.ctx.flow.when_nothing_applies is NothingApplies.APPROVE:
        turn.happened(ProcessClosed, status=ProcessStatus.APPROVED, because="nothing_applies")


def nothing_applies(state: State, ctx: Context) -> bool:
    """Every step was skipped, and the flow does not say that this is an approval."""
    return (
        state.status is ProcessStatus.RUNNING
        and not state.open_runs
        and state.stage >= len(ctx.flow.stages)
        and not any(run.status is RunStatus.APPROVED for run in state.live_runs)
    )
