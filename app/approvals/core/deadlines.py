"""Rule 10: reminders, escalation and rejection when a step's time has come. Nothing is ever approved by a clock."""

from dataclasses import replace

from app.approvals.core.commands import FireTimer
from app.approvals.core.context import Candidate, Context, ResolvedLine
from app.approvals.core.counting import placed
from app.approvals.core.definition import OnDeadline, Source
from app.approvals.core.denied import N_, Denied, conflict
from app.approvals.core.eligibility import Entry, ineligible
from app.approvals.core.events import Escalated, EscalationFailed, SeatReplaced, TimerSpent
from app.approvals.core.progress import close
from app.approvals.core.seating import free_candidates, manager_of, seat_for
from app.approvals.core.staffing import why_not_open
from app.approvals.core.state import Origin, RunStatus, Seat, SeatKind, State, Timer, TimerKind
from app.approvals.core.turn import Turn


def check_fire(state: State, ctx: Context, command: FireTimer) -> Denied | None:
    """Firing twice is harmless, and an extended deadline is another timer."""
    run = state.run(command.run)
    closed = why_not_open(state, command.run)
    if closed is not None or run is None:
        return closed
    if Timer(command.kind, command.ordinal, command.due_at) not in run.timers:
        return conflict("no_such_timer", N_("That deadline was met or moved."))
    if command.due_at > ctx.now:
        return conflict("not_due", N_("It is not due yet."))
    return None


def fire(turn: Turn, command: FireTimer) -> None:
    then = _then(turn, command)
    turn.happened(
        TimerSpent,
        run=command.run,
        timer=command.kind,
        ordinal=command.ordinal,
        due_at=command.due_at,
        reminds=then is OnDeadline.REMIND,
    )
    if then is OnDeadline.REJECT:
        close(turn, turn.run(command.run), RunStatus.REJECTED, "deadline")
    elif then in (OnDeadline.ESCALATE, OnDeadline.REPLACE):
        _escalate(turn, command.run, then)


def _then(turn: Turn, command: FireTimer) -> OnDeadline:
    rule = turn.ctx.flow.steps[turn.run(command.run).step_key].deadline
    return rule.then if rule and command.kind is TimerKind.DEADLINE else OnDeadline.REMIND


def _escalate(turn: Turn, number: int, then: OnDeadline) -> None:
    overdue = [seat for seat in turn.run(number).seats if seat.is_pending and seat.kind is not SeatKind.ADVICE]
    found = [_escalate_seat(turn, number, seat, then) for seat in overdue]
    if not all(found):
        turn.happened(EscalationFailed, run=number)


def _escalate_seat(turn: Turn, number: int, seat: Seat, then: OnDeadline) -> bool:
    target = _target(turn, number, seat)
    if target is None:
        return False
    line, candidate = target
    if then is OnDeadline.ESCALATE:
        turn.happened(Escalated, run=number, seat=seat.number, deputy=candidate.user_id)
    else:
        new = seat_for(line, candidate, turn.state.next_number, Origin.ESCALATION)
        passed_on = replace(new, kind=seat.kind, line=seat.line, names_one=seat.names_one)
        turn.happened(SeatReplaced, run=number, old=seat.number, seat=passed_on)
    return True


def _target(turn: Turn, number: int, seat: Seat) -> tuple[ResolvedLine, Candidate] | None:
    """The holder's manager, else the flow's escalation line: the first eligible person without a place here."""
    run = turn.run(number)
    boss = manager_of(turn.ctx, seat.user_id) if seat.user_id is not None else None
    if boss is not None and boss.user_id not in placed(turn.state, turn.ctx, run):
        step = turn.ctx.flow.steps[run.step_key]
        if ineligible(turn.state, turn.ctx, step, run, boss.user_id, Entry(boss.made_by, boss.made_at)) is None:
            why = {"source": "manager", "of": seat.user_id}
            return ResolvedLine(0, Source.MANAGER, provenance=why), boss
    lines = turn.ctx.facts(run.step_key).escalation
    return next(free_candidates(turn.state, turn.ctx, run, lines), None)
