"""Who may no longer vote leaves, and whom the step names for that case comes in. Closes nothing."""

from dataclasses import replace

from app.approvals.core.context import ResolvedLine
from app.approvals.core.counting import bar, count, placed
from app.approvals.core.definition import Mode, Source, Step
from app.approvals.core.eligibility import Entry, ineligible, why_void
from app.approvals.core.events import SeatAdded, SeatReplaced, SeatVoided
from app.approvals.core.seating import free_candidates, manager_of, pool_for, seat_for
from app.approvals.core.state import Origin, Seat, SeatKind, SeatStatus, StepRun, VoidReason
from app.approvals.core.turn import Turn


def void_the_ineligible(turn: Turn) -> None:
    for run in turn.state.open_runs:
        for seat in run.seats:
            reason = why_void(turn.state, turn.ctx, run, seat) if seat.is_pending else None
            if reason is not None:
                turn.happened(SeatVoided, run=run.number, seat=seat.number, reason=reason)


def seat_managers_of_the_inactive(turn: Turn) -> None:
    for run in turn.state.open_runs:
        step = turn.ctx.flow.steps[run.step_key]
        if not step.replace_inactive:
            continue
        for seat in run.seats:
            if seat.void_reason is VoidReason.INACTIVE and seat.replaced_by is None:
                _seat_the_manager(turn, run.number, step, seat)


def _seat_the_manager(turn: Turn, run: int, step: Step, seat: Seat) -> None:
    manager = manager_of(turn.ctx, seat.user_id) if seat.user_id is not None else None
    here = turn.run(run)
    if manager is None or manager.user_id in placed(turn.state, turn.ctx, here):
        return
    entry = Entry(manager.made_by, manager.made_at)
    if ineligible(turn.state, turn.ctx, step, here, manager.user_id, entry) is None:
        provenance = {"source": "manager", "of": seat.user_id}
        line = ResolvedLine(seat.line or 0, Source.MANAGER, names_one=seat.names_one, provenance=provenance)
        new = seat_for(line, manager, turn.state.next_number, Origin.MANAGER)
        turn.happened(SeatReplaced, run=run, old=seat.number, seat=replace(new, kind=seat.kind))


def call_the_fallback(turn: Turn) -> None:
    for run in turn.state.open_runs:
        if not turn.ctx.facts(run.step_key).fallback:
            continue
        if turn.ctx.flow.steps[run.step_key].mode is Mode.ALL:
            _fill_each_gap(turn, run.number)
        elif _is_short(turn, run):
            _fill_gaps_while_short(turn, run.number)


def gaps(run: StepRun) -> list[Seat]:
    """Void seats of the tally in whose place somebody could come, the requested-for apart: that is for an admin."""
    return [
        seat
        for seat in run.seats
        if seat.status is SeatStatus.VOID
        and seat.kind is SeatKind.OWN
        and seat.replaced_by is None
        and seat.void_reason not in (VoidReason.REQUESTED_FOR, *_SETTLED)
    ]


_SETTLED = (VoidReason.LET_GO, VoidReason.RETRACTED, VoidReason.STEP_CLOSED, VoidReason.REPLACED)


def _is_short(turn: Turn, run: StepRun) -> bool:
    """Those who approved and those who still may are fewer than are needed. Naming an approver as requester must not
    call the fallback, so such a seat counts as if it still waited."""
    counted = count(turn.state, turn.ctx, run)
    shut_out = sum(seat.void_reason is VoidReason.REQUESTED_FOR for seat in run.seats)
    return counted.approved + counted.pending + shut_out < bar(turn.state, turn.ctx, run)


def _fill_each_gap(turn: Turn, number: int) -> None:
    run = turn.run(number)
    if not any(seat.counted for seat in run.seats if seat.kind is SeatKind.OWN):
        if not _only_requested_for(run):
            _add_everybody(turn, number)
        return
    for gap in [seat for seat in gaps(run) if seat.counted]:
        _fill(turn, number, gap)


def _fill_gaps_while_short(turn: Turn, number: int) -> None:
    step = turn.ctx.flow.steps[turn.run(number).step_key]
    if step.mode is Mode.PERCENT:
        for gap in [seat for seat in gaps(turn.run(number)) if seat.counted]:
            if _is_short(turn, turn.run(number)):
                _fill(turn, number, gap)
    if step.mode is not Mode.PERCENT or not any(seat.counted for seat in turn.run(number).seats):
        _add_everybody(turn, number)


def _only_requested_for(run: StepRun) -> bool:
    reasons = {seat.void_reason for seat in run.seats}
    return reasons == {VoidReason.REQUESTED_FOR}


def _fill(turn: Turn, number: int, gap: Seat) -> None:
    run = turn.run(number)
    fallback = turn.ctx.facts(run.step_key).fallback
    found = next(free_candidates(turn.state, turn.ctx, run, fallback), None)
    if found is not None:
        seat = replace(seat_for(*found, turn.state.next_number, Origin.FALLBACK), names_one=gap.names_one)
        turn.happened(SeatReplaced, run=number, old=gap.number, seat=seat)


def _add_everybody(turn: Turn, number: int) -> None:
    run = turn.run(number)
    lines = turn.ctx.facts(run.step_key).fallback
    present = {seat.role_id for seat in run.seats if seat.is_pool and seat.is_pending}
    for line in lines:
        if line.is_pool and line.role_id not in present:
            pool = pool_for(line, turn.state.next_number, Origin.FALLBACK)
            turn.happened(SeatAdded, run=number, seat=pool)
    people = [line for line in lines if not line.is_pool]
    for line, candidate in list(free_candidates(turn.state, turn.ctx, run, people)):
        seat = seat_for(line, candidate, turn.state.next_number, Origin.FALLBACK)
        turn.happened(SeatAdded, run=number, seat=seat)
