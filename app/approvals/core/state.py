"""What runs: one process, its step runs, their seats. Immutable; only `evolve` makes a new one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.approvals.core.codec import from_plain, to_plain
from app.approvals.core.context import Verdict


class ProcessStatus(StrEnum):
    NEW = "new"
    """No process yet: what `Start` begins from. Never stored."""
    RUNNING = "running"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (self.APPROVED, self.REJECTED, self.WITHDRAWN, self.CANCELLED)


class RunStatus(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    OBSOLETE = "obsolete"


class SeatStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETURNED = "returned"
    ABSTAINED = "abstained"
    VOID = "void"


VOTED = frozenset(
    {
        SeatStatus.APPROVED,
        SeatStatus.REJECTED,
        SeatStatus.RETURNED,
        SeatStatus.ABSTAINED,
    }
)
DECIDED = VOTED - {SeatStatus.ABSTAINED}


class SeatKind(StrEnum):
    OWN = "own"
    """Tallied."""
    REQUIRED = "required"
    """Beside the tally: the step waits for its approval, which never counts towards the threshold."""
    ADVICE = "advice"
    """A comment, nothing else."""


class Origin(StrEnum):
    LINE = "line"
    FALLBACK = "fallback"
    MANAGER = "manager"
    ADDED = "added"
    REPLACEMENT = "replacement"
    ESCALATION = "escalation"
    RE_RESOLVED = "re_resolved"
    POOL_VOTE = "pool_vote"


class VoidReason(StrEnum):
    INACTIVE = "inactive"
    REQUESTER = "requester"
    REQUESTED_FOR = "requested_for"
    """Named as requester by somebody else: for an admin to look at, never a reason for the fallback."""
    EDITOR = "editor"
    DECIDED_ANOTHER_STEP = "decided_another_step"
    ALREADY_VOTED = "already_voted"
    LEFT_GROUP = "left_group"
    OWN_MAKING = "own_making"
    """The entry that leads here was made since the process began, by somebody with a stake in it."""
    NOBODY = "nobody"
    STEP_CLOSED = "step_closed"
    RETRACTED = "retracted"
    REPLACED = "replaced"
    LET_GO = "let_go"


@dataclass(frozen=True, slots=True)
class Seat:
    """One slot to fill; with `role_id` and no `user_id` a pool; with `pool` the vote of one of a pool's members."""

    number: int
    user_id: int | None = None
    role_id: int | None = None
    pool: int | None = None
    status: SeatStatus = SeatStatus.PENDING
    kind: SeatKind = SeatKind.OWN
    origin: Origin = Origin.LINE
    provenance: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    names_one: bool = False
    counted: bool = True
    """Whether the bar is measured by it: stays true for a seat void since the step opened, until let go or replaced."""
    void_reason: VoidReason | None = None
    replaced_by: int | None = None
    member_of: int | None = None
    """The role whose membership the seat rests on (each member)."""
    made_by: int | None = None
    made_at: datetime | None = None
    """Who made the role, manager or matrix entry that leads to this holder, and when."""
    delegated_from: tuple[int, ...] = ()
    deputies: tuple[int, ...] = ()
    """Escalation targets, who may answer for it too."""
    acted_by: int | None = None
    on_behalf_of: int | None = None
    proxy_id: int | None = None
    comment: str | None = None
    decided_at: datetime | None = None
    seen_hash: str | None = None
    via: str | None = None
    next_hashes: Mapping[str, str] = field(default_factory=dict)
    """What the next stage's self-satisfying steps watched when this vote was cast."""

    @property
    def is_pool(self) -> bool:
        return self.user_id is None and self.role_id is not None

    @property
    def is_pending(self) -> bool:
        return self.status is SeatStatus.PENDING

    @property
    def has_vote(self) -> bool:
        return self.status in VOTED

    @property
    def word(self) -> str:
        """The status on the wire."""
        return "not_needed" if self.void_reason is VoidReason.STEP_CLOSED else self.status.value

    @property
    def voters(self) -> frozenset[int]:
        """Whom the vote speaks for: it counts for its actor and for the person it was cast for."""
        return frozenset(person for person in (self.acted_by, self.on_behalf_of) if person is not None)


class TimerKind(StrEnum):
    REMIND = "remind"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Timer:
    kind: TimerKind
    ordinal: int
    due_at: datetime
    fired: bool = False


@dataclass(frozen=True, slots=True)
class StepRun:
    number: int
    step_key: str
    stage: int
    round: int
    status: RunStatus = RunStatus.OPEN
    superseded: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    closed_because: str | None = None
    forced: bool = False
    condition: Verdict | None = None
    watch_hash: str | None = None
    reads_hash: str | None = None
    seats: tuple[Seat, ...] = ()
    timers: tuple[Timer, ...] = ()
    unescalated: bool = False
    """Overdue, and its escalation found nobody."""
    satisfied_by: int | None = None
    """The earlier vote's seat, where the step was skipped because the same person had just approved."""

    @property
    def is_open(self) -> bool:
        return self.status is RunStatus.OPEN and not self.superseded

    @property
    def due_at(self) -> datetime | None:
        return next(
            (timer.due_at for timer in self.timers if timer.kind is TimerKind.DEADLINE),
            None,
        )

    @property
    def votes(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.has_vote)


@dataclass(frozen=True, slots=True)
class Attention:
    """Why an admin should look: see `attention.py` for the codes and their sentences."""

    code: str
    run: int | None = None
    step_key: str | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking back the last vote restores; gone with the next thing that happens."""

    run: int
    seat: int
    actor: int
    at: datetime
    turn: int
    prior: "State"


@dataclass(frozen=True, slots=True)
class State:
    """`next_number` gives runs and seats their identities: counted within the process, from 1."""

    status: ProcessStatus = ProcessStatus.NEW
    creator_id: int = 0
    requester_id: int = 0
    flow_version: int = 0
    flow_sha256: str = ""
    reopens: int | None = None
    stage: int = 0
    round: int = 1
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    closed_because: str | None = None
    runs: tuple[StepRun, ...] = ()
    attention: tuple[Attention, ...] = ()
    next_number: int = 1
    turn: int = 0
    undo: Undo | None = None

    @property
    def askers(self) -> frozenset[int]:
        """Creator and requester: both have the creator's rights, and neither may approve."""
        return frozenset({self.creator_id, self.requester_id})

    @property
    def live_runs(self) -> Iterator[StepRun]:
        return (run for run in self.runs if not run.superseded)

    @property
    def open_runs(self) -> tuple[StepRun, ...]:
        return tuple(run for run in self.runs if run.is_open)

    def run(self, number: int) -> StepRun | None:
        return next((run for run in self.runs if run.number == number), None)

    def seat(self, number: int) -> tuple[StepRun, Seat] | None:
        return next(
            ((run, seat) for run in self.runs for seat in run.seats if seat.number == number),
            None,
        )


def state_to_json(state: State) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(state)
    return plain


def state_from_json(plain: Mapping[str, Any]) -> State:
    state: State = from_plain(State, plain)
    return state
