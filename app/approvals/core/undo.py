"""Taking back a vote (rule 7): what it closed is open again, what it opened is closed; both acts stay on record."""

from dataclasses import replace

from app.approvals.core.events import VoteRetracted
from app.approvals.core.state import RunStatus, Seat, SeatStatus, State, StepRun, VoidReason


def retracted(state: State, event: VoteRetracted) -> State:
    undo = state.undo
    if undo is None:
        raise ValueError("there is no vote to take back")
    now = {run.number: run for run in state.runs}
    restored = [
        _with_the_record(run, now[run.number], event) if run.number == event.run else run for run in undo.prior.runs
    ]
    known = {run.number for run in undo.prior.runs}
    opened = [_closed_again(run, event) for run in state.runs if run.number not in known]
    next_number = state.next_number if event.pending_as is None else event.pending_as + 1
    return replace(undo.prior, runs=(*restored, *opened), next_number=next_number)


def _with_the_record(before: StepRun, after: StepRun, event: VoteRetracted) -> StepRun:
    """The vote's row stays, void; beside it a new row waits, as the old one did before the vote."""
    vote = next(seat for seat in after.seats if seat.number == event.seat)
    record = replace(vote, status=SeatStatus.VOID, void_reason=VoidReason.RETRACTED, counted=False)
    seats = tuple(record if seat.number == event.seat else seat for seat in before.seats)
    if event.pending_as is None:
        return replace(before, seats=(*before.seats, record))
    waiting = next(seat for seat in before.seats if seat.number == event.seat)
    return replace(before, seats=(*seats, replace(waiting, number=event.pending_as)))


def _closed_again(run: StepRun, event: VoteRetracted) -> StepRun:
    def emptied(seat: Seat) -> Seat:
        if seat.status is SeatStatus.VOID and seat.void_reason is not VoidReason.STEP_CLOSED:
            return seat
        return replace(seat, status=SeatStatus.VOID, void_reason=VoidReason.RETRACTED)

    return replace(
        run,
        status=RunStatus.OBSOLETE,
        superseded=True,
        closed_at=event.at,
        closed_because="retracted",
        seats=tuple(emptied(seat) for seat in run.seats),
        timers=tuple(replace(timer, fired=True) for timer in run.timers),
    )
