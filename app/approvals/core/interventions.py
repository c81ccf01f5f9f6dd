"""What an admin may do to a step or to the whole, with a reason that stays on record."""

from app.approvals.core.commands import ExtendDeadline, ForceClose, OpenStep, ReturnToRequester
from app.approvals.core.context import Context
from app.approvals.core.denied import N_, Denied, conflict
from app.approvals.core.events import DeadlineMoved, ProcessReturned, StepOpened
from app.approvals.core.opening import opened_run
from app.approvals.core.progress import close
from app.approvals.core.seating import opening_seats
from app.approvals.core.staffing import why_not_admin, why_not_open
from app.approvals.core.state import ProcessStatus, RunStatus, State, Timer, TimerKind
from app.approvals.core.turn import Turn


def check_open_step(state: State, ctx: Context, command: OpenStep) -> Denied | None:
    run = state.run(command.run)
    if state.status is not ProcessStatus.RUNNING or run is None:
        return conflict("not_running", N_("This approval is not running."))
    if run.superseded or run.status is not RunStatus.SKIPPED:
        return conflict("not_skipped", N_("Only a step that was skipped can be opened."))
    return why_not_admin(state, ctx, command.actor, command.reason)


def open_step(turn: Turn, command: OpenStep) -> None:
    skipped = turn.run(command.run)
    step = turn.ctx.flow.steps[skipped.step_key]
    seats = opening_seats(turn.state, turn.ctx, step, turn.state.next_number + 1)
    run = opened_run(turn, step, skipped.stage, seats)
    turn.happened(StepOpened, run=run, reopens=skipped.number, reason=command.reason)


def check_extend(state: State, ctx: Context, command: ExtendDeadline) -> Denied | None:
    denied = why_not_open(state, command.run) or why_not_admin(state, ctx, command.actor, command.reason)
    if denied is None and command.due_at <= ctx.now:
        return conflict("in_the_past", N_("A deadline lies in the future."))
    return denied


def extend(turn: Turn, command: ExtendDeadline) -> None:
    reminders = [Timer(TimerKind.REMIND, number, at) for number, at in enumerate(command.remind_at, 1)]
    timers = (*reminders, Timer(TimerKind.DEADLINE, 0, command.due_at))
    turn.happened(DeadlineMoved, run=command.run, timers=timers, reason=command.reason)


def check_return(state: State, ctx: Context, command: ReturnToRequester) -> Denied | None:
    if state.status is not ProcessStatus.RUNNING:
        return conflict("not_running", N_("This approval is not running."))
    return why_not_admin(state, ctx, command.actor, command.reason)


def send_back(turn: Turn, command: ReturnToRequester) -> None:
    turn.happened(ProcessReturned, because="admin", reason=command.reason)


def check_force(state: State, ctx: Context, command: ForceClose) -> Denied | None:
    if not ctx.flow.force_close:
        return conflict("no_force", N_("This approval flow does not let an administrator decide."))
    if command.outcome not in (RunStatus.APPROVED, RunStatus.REJECTED):
        return conflict("no_outcome", N_("A step is forced to approved or to rejected."))
    return why_not_open(state, command.run) or why_not_admin(state, ctx, command.actor, command.reason)


def force(turn: Turn, command: ForceClose) -> None:
    close(turn, turn.run(command.run), command.outcome, "forced", forced=True, reason=command.reason)
