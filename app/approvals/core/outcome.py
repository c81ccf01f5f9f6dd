"""What a command means for the world around the process: the ticket, readers, timers, those to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.approvals.core.state import (
    ProcessStatus,
    Seat,
    SeatStatus,
    State,
    StepRun,
    TimerKind,
    VoidReason,
)


@dataclass(frozen=True, slots=True, order=True)
class SeatRef:
    """Somebody who is waited for: `user_id`, or with a pool every member of `role_id`."""

    run: int
    seat: int
    user_id: int | None
    role_id: int | None


@dataclass(frozen=True, slots=True, order=True)
class TimerRef:
    run: int
    kind: TimerKind
    ordinal: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """A row of `ticket_access`. `asked`: while the seat is pending (it reaches proxies); `was_asked`: after it;
    `deputy`: answers for somebody's seat because it is overdue, and for a deputy nobody else does."""

    reason: str
    user_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ticket_status` None: the ticket stays as it is. `retracted`: what the vote had put in the outbox is dropped."""

    ticket_status: str | None
    retracted: bool
    actionable: frozenset[SeatRef]
    left: frozenset[SeatRef]
    timers_set: frozenset[TimerRef]
    timers_cleared: frozenset[TimerRef]
    access_given: frozenset[Access]
    access_taken: frozenset[Access]
    closed_runs: tuple[int, ...]
    opened_runs: tuple[int, ...]


_TICKET_STATUS = {
    ProcessStatus.RUNNING: "waiting_approval",
    ProcessStatus.RETURNED: "draft",
    ProcessStatus.APPROVED: "open",
    ProcessStatus.REJECTED: "rejected",
    ProcessStatus.WITHDRAWN: "draft",
    ProcessStatus.CANCELLED: "cancelled",
}


def outcome(old: State, new: State) -> Outcome:
    """A withdrawal gives a draft; where a draft is cancelled or deleted, the shell knows better."""
    waited, waits = waiting(old), waiting(new)
    had, has = pending_timers(old), pending_timers(new)
    could, can = access(old), access(new)
    was_open = {run.number for run in old.open_runs}
    is_open = {run.number for run in new.open_runs}
    return Outcome(
        ticket_status=None if old.status is new.status else _TICKET_STATUS[new.status],
        retracted=_retractions(new) > _retractions(old),
        actionable=waits - waited,
        left=waited - waits,
        timers_set=has - had,
        timers_cleared=had - has,
        access_given=can - could,
        access_taken=could - can,
        closed_runs=tuple(sorted(was_open - is_open)),
        opened_runs=tuple(sorted(is_open - was_open)),
    )


def waiting(state: State) -> frozenset[SeatRef]:
    return frozenset(
        SeatRef(run.number, seat.number, seat.user_id, seat.role_id)
        for run in state.open_runs
        for seat in run.seats
        if seat.is_pending
    )


def pending_timers(state: State) -> frozenset[TimerRef]:
    return frozenset(
        TimerRef(run.number, timer.kind, timer.ordinal, timer.due_at)
        for run in state.open_runs
        for timer in run.timers
        if not timer.fired
    )


def access(state: State) -> frozenset[Access]:
    """Who may read the ticket because they were asked (promise L17), the whole set."""
    rows = {row for run in state.runs for row in _access_of(run)}
    strongest: dict[tuple[int | None, int | None], Access] = {}
    for row in sorted(rows, key=lambda row: _REASONS.index(row.reason)):
        strongest.setdefault((row.user_id, row.role_id), row)
    return frozenset(strongest.values())


def access_by_step(state: State) -> Mapping[str, frozenset[Access]]:
    """The same, by the key of the step that they were asked in."""
    found: dict[str, frozenset[Access]] = {}
    for run in state.runs:
        found[run.step_key] = found.get(run.step_key, frozenset()) | frozenset(_access_of(run))
    return found


_REASONS = ("asked", "deputy", "was_asked")


def _access_of(run: StepRun) -> list[Access]:
    rows = []
    for seat in run.seats:
        if seat.is_pending:
            rows += _access_while_pending(seat)
        elif seat.has_vote or seat.void_reason is VoidReason.RETRACTED:
            rows += [Access("was_asked", user_id=voter) for voter in _kept_by_a_vote(seat.acted_by, seat.user_id)]
        elif seat.status is SeatStatus.VOID and seat.void_reason is VoidReason.STEP_CLOSED and not seat.is_pool:
            rows.append(Access("was_asked", user_id=seat.user_id))
    return rows


def _access_while_pending(seat: Seat) -> list[Access]:
    rows = [Access("asked", user_id=seat.user_id, role_id=seat.role_id)]
    return rows + [Access("asked" if seat.is_pool else "deputy", user_id=deputy) for deputy in seat.deputies]


def _kept_by_a_vote(actor: int | None, holder: int | None) -> set[int]:
    return set() if actor is None else {person for person in (actor, holder) if person is not None}


def _retractions(state: State) -> int:
    return sum(seat.void_reason is VoidReason.RETRACTED for run in state.runs for seat in run.seats)
