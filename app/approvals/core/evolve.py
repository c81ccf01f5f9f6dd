"""What each event makes of the state. Needs no context, decides nothing, and never refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any

from app.approvals.core import events as e
from app.approvals.core.commands import Decision
from app.approvals.core.state import (
    Origin,
    ProcessStatus,
    RunStatus,
    Seat,
    SeatStatus,
    State,
    StepRun,
    Undo,
    VoidReason,
)
from app.approvals.core.undo import retracted

_VOTES = {
    Decision.APPROVE: SeatStatus.APPROVED,
    Decision.REJECT: SeatStatus.REJECTED,
    Decision.RETURN: SeatStatus.RETURNED,
    Decision.ABSTAIN: SeatStatus.ABSTAINED,
}


def evolve(state: State, event: e.Event) -> State:
    undo = state.undo if state.undo is not None and state.undo.turn == event.turn else None
    if isinstance(event, e.VoteRetracted):
        return replace(retracted(state, event), turn=event.turn)
    return _APPLY[type(event)](replace(state, turn=event.turn, undo=undo), event)


def fold(state: State, happened: list[e.Event]) -> State:
    return reduce(evolve, happened, state)


def _with_run(state: State, number: int, **changed: Any) -> State:
    runs = tuple(replace(run, **changed) if run.number == number else run for run in state.runs)
    return replace(state, runs=runs)


def _with_seat(state: State, run: int, number: int, **changed: Any) -> State:
    found = _run(state, run)
    seats = tuple(replace(seat, **changed) if seat.number == number else seat for seat in found.seats)
    return _with_run(state, run, seats=seats)


def _run(state: State, number: int) -> StepRun:
    return next(run for run in state.runs if run.number == number)


def _seat(state: State, run: int, number: int) -> Seat:
    return next(seat for seat in _run(state, run).seats if seat.number == number)


def _add_seat(state: State, run: int, seat: Seat) -> State:
    state = _with_run(state, run, seats=(*_run(state, run).seats, seat))
    return replace(state, next_number=max(state.next_number, seat.number + 1))


def _close_runs(state: State, at: datetime, chosen: Callable[[StepRun], bool]) -> State:
    return replace(state, runs=tuple(_obsolete(run, at) if chosen(run) else run for run in state.runs))


def _obsolete(run: StepRun, at: datetime) -> StepRun:
    return _emptied(replace(run, status=RunStatus.OBSOLETE, closed_at=at), VoidReason.STEP_CLOSED)


def _emptied(run: StepRun, reason: VoidReason) -> StepRun:
    seats = tuple(
        replace(seat, status=SeatStatus.VOID, void_reason=reason) if seat.is_pending else seat for seat in run.seats
    )
    return replace(run, seats=seats, timers=tuple(replace(timer, fired=True) for timer in run.timers))


def _process_started(state: State, event: e.ProcessStarted) -> State:
    return replace(
        state,
        status=ProcessStatus.RUNNING,
        creator_id=event.creator_id,
        requester_id=event.requester_id,
        flow_version=event.flow_version,
        flow_sha256=event.flow_sha256,
        reopens=event.reopens,
        opened_at=event.at,
    )


def _run_began(state: State, event: e.StepOpened | e.StepSkipped) -> State:
    last = max((seat.number for seat in event.run.seats), default=event.run.number)
    runs = (*state.runs, event.run)
    return replace(state, runs=runs, stage=max(state.stage, event.run.stage), next_number=last + 1)


def _step_opened(state: State, event: e.StepOpened) -> State:
    if event.reopens is not None:
        state = _with_run(state, event.reopens, superseded=True)
    return _run_began(state, event)


def _vote_cast(state: State, event: e.VoteCast) -> State:
    undo = Undo(event.run, event.seat, event.actor, event.at, event.turn, prior=state)
    if event.pool is not None:
        role = _seat(state, event.run, event.pool).role_id
        new = Seat(event.seat, event.holder, role, event.pool, origin=Origin.POOL_VOTE)
        state = _add_seat(state, event.run, new)
    state = _with_seat(
        state,
        event.run,
        event.seat,
        status=_VOTES[event.decision],
        acted_by=event.actor,
        on_behalf_of=event.on_behalf_of,
        proxy_id=event.proxy_id,
        comment=event.comment,
        decided_at=event.at,
        seen_hash=event.seen_hash,
        via=event.via,
        next_hashes=event.next_hashes,
    )
    return replace(state, undo=undo)


def _seat_voided(state: State, event: e.SeatVoided) -> State:
    return _with_seat(state, event.run, event.seat, status=SeatStatus.VOID, void_reason=event.reason)


def _seat_added(state: State, event: e.SeatAdded) -> State:
    return _add_seat(state, event.run, event.seat)


def _seat_replaced(state: State, event: e.SeatReplaced) -> State:
    old = _seat(state, event.run, event.old)
    state = _with_seat(
        state,
        event.run,
        event.old,
        status=SeatStatus.VOID,
        void_reason=old.void_reason or VoidReason.REPLACED,
        counted=False,
        replaced_by=event.seat.number,
    )
    return _add_seat(state, event.run, event.seat)


def _seat_let_go(state: State, event: e.SeatLetGo) -> State:
    gone = {"status": SeatStatus.VOID, "void_reason": VoidReason.LET_GO, "counted": False}
    return _with_seat(state, event.run, event.seat, **gone)


def _seat_delegated(state: State, event: e.SeatDelegated) -> State:
    seat = _seat(state, event.run, event.seat)
    chain = (*seat.delegated_from, event.giver)
    by_admin = event.actor != event.giver
    made = {"made_by": event.actor, "made_at": event.at} if by_admin else {"made_by": None, "made_at": None}
    return _with_seat(state, event.run, event.seat, user_id=event.to, delegated_from=chain, member_of=None, **made)


def _escalated(state: State, event: e.Escalated) -> State:
    seat = _seat(state, event.run, event.seat)
    return _with_seat(state, event.run, event.seat, deputies=(*seat.deputies, event.deputy))


def _escalation_failed(state: State, event: e.EscalationFailed) -> State:
    return _with_run(state, event.run, unescalated=True)


def _timer_spent(state: State, event: e.TimerSpent) -> State:
    timers = tuple(
        replace(timer, fired=True) if (timer.kind, timer.ordinal) == (event.timer, event.ordinal) else timer
        for timer in _run(state, event.run).timers
    )
    return _with_run(state, event.run, timers=timers)


def _deadline_moved(state: State, event: e.DeadlineMoved) -> State:
    return _with_run(state, event.run, timers=event.timers, unescalated=False)


def _unchanged(state: State, event: e.Event) -> State:
    return state


def _step_closed(state: State, event: e.StepClosed) -> State:
    run = _emptied(_run(state, event.run), VoidReason.STEP_CLOSED)
    closed = replace(run, status=event.status, closed_at=event.at, closed_because=event.because, forced=event.forced)
    return replace(state, runs=tuple(closed if one.number == event.run else one for one in state.runs))


def _rewound(state: State, event: e.Rewound) -> State:
    def goes(run: StepRun) -> bool:
        return not run.superseded and run.stage >= event.to_stage and run.number not in event.keeping

    state = _close_runs(state, event.at, lambda run: goes(run) and run.is_open)
    runs = tuple(replace(run, superseded=True) if goes(run) else run for run in state.runs)
    return replace(state, runs=runs, round=state.round + 1, stage=event.to_stage - 1)


def _process_returned(state: State, event: e.ProcessReturned) -> State:
    state = _close_runs(state, event.at, lambda run: run.is_open)
    return replace(state, status=ProcessStatus.RETURNED)


def _process_resumed(state: State, event: e.ProcessResumed) -> State:
    return replace(state, status=ProcessStatus.RUNNING, creator_id=event.creator_id, requester_id=event.requester_id)


def _process_closed(state: State, event: e.ProcessClosed) -> State:
    state = _close_runs(state, event.at, lambda run: run.is_open)
    return replace(state, status=event.status, closed_at=event.at, closed_because=event.because)


def _attention_changed(state: State, event: e.AttentionChanged) -> State:
    return replace(state, attention=event.attention)


def _flow_migrated(state: State, event: e.FlowMigrated) -> State:
    return replace(state, flow_version=event.flow_version, flow_sha256=event.flow_sha256)


_APPLY: dict[type[e.Event], Callable[[State, Any], State]] = {
    e.ProcessStarted: _process_started,
    e.StepOpened: _step_opened,
    e.StepSkipped: _run_began,
    e.VoteCast: _vote_cast,
    e.SeatVoided: _seat_voided,
    e.SeatAdded: _seat_added,
    e.SeatReplaced: _seat_replaced,
    e.SeatLetGo: _seat_let_go,
    e.SeatDelegated: _seat_delegated,
    e.Escalated: _escalated,
    e.EscalationFailed: _escalation_failed,
    e.TimerSpent: _timer_spent,
    e.DeadlineMoved: _deadline_moved,
    e.StepReResolved: _unchanged,
    e.StepClosed: _step_closed,
    e.Rewound: _rewound,
    e.ProcessReturned: _process_returned,
    e.ProcessResumed: _process_resumed,
    e.ProcessClosed: _process_closed,
    e.AttentionChanged: _attention_changed,
    e.FlowMigrated: _flow_migrated,
}
