"""What happened, each with every input that was used: folding them rebuilds the state with no other context."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from app.approvals.core.codec import from_plain, to_plain
from app.approvals.core.commands import Decision
from app.approvals.core.state import (
    Attention,
    ProcessStatus,
    RunStatus,
    Seat,
    StepRun,
    Timer,
    TimerKind,
    VoidReason,
)
from app.approvals.core.tally import Count


@dataclass(frozen=True, kw_only=True)
class Event:
    """`turn` counts the commands of this process: events of one turn were set off by one command."""

    code: ClassVar[str] = ""
    at: datetime
    actor: int
    turn: int

    @property
    def kind(self) -> str:
        """The timeline's `event_type`."""
        return self.code


@dataclass(frozen=True, kw_only=True)
class ProcessStarted(Event):
    code = "approval_submitted"
    creator_id: int
    requester_id: int
    flow_version: int
    flow_sha256: str
    reopens: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepOpened(Event):
    """`run.seats` are the resolved approvers with their provenance; `run.condition` why it opened."""

    code = "approval_step_started"
    run: StepRun
    reopens: int | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class StepSkipped(Event):
    code = "approval_step_skipped"
    run: StepRun


@dataclass(frozen=True, kw_only=True)
class VoteCast(Event):
    """`seat` is the row that carries the vote; on a pool a new one, and `pool` says which. `signed_in_at`: of a step
    that asks to sign in again, when that was."""

    code = "approval_vote"
    run: int
    seat: int
    pool: int | None = None
    holder: int
    decision: Decision
    on_behalf_of: int | None = None
    proxy_id: int | None = None
    comment: str | None = None
    seen_hash: str
    via: str | None = None
    signed_in_at: datetime | None = None
    next_hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return _VOTE_CODES[self.decision]


_VOTE_CODES = {
    Decision.APPROVE: "approval_approved",
    Decision.REJECT: "approval_rejected",
    Decision.RETURN: "approval_returned",
    Decision.ABSTAIN: "approval_abstained",
}


@dataclass(frozen=True, kw_only=True)
class VoteRetracted(Event):
    """`pending_as`: the seat that waits again; None on a pool, which never stopped waiting."""

    code = "approval_retracted"
    run: int
    seat: int
    pending_as: int | None = None


@dataclass(frozen=True, kw_only=True)
class SeatVoided(Event):
    code = "approval_seat_voided"
    run: int
    seat: int
    reason: VoidReason


@dataclass(frozen=True, kw_only=True)
class SeatAdded(Event):
    code = "approval_seat_added"
    run: int
    seat: Seat
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeatReplaced(Event):
    """The bar is handed over with the seat, so it stays where it was."""

    code = "approval_seat_replaced"
    run: int
    old: int
    seat: Seat
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeatLetGo(Event):
    code = "approval_seat_let_go"
    run: int
    seat: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class SeatDelegated(Event):
    code = "approval_delegated"
    run: int
    seat: int
    giver: int
    to: int
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Escalated(Event):
    """`deputy` may answer for the seat too. (Where the seat passes on, it is a `SeatReplaced`.)"""

    code = "approval_escalated"
    run: int
    seat: int
    deputy: int


@dataclass(frozen=True, kw_only=True)
class EscalationFailed(Event):
    code = "approval_escalation_failed"
    run: int


@dataclass(frozen=True, kw_only=True)
class TimerSpent(Event):
    """The timer fired; of kind remind, or with a deadline that only reminds, the approvers are reminded."""

    code = "approval_reminded"
    run: int
    timer: TimerKind
    ordinal: int
    due_at: datetime
    reminds: bool = True

    @property
    def kind(self) -> str:
        return self.code if self.reminds else "approval_overdue"


@dataclass(frozen=True, kw_only=True)
class DeadlineMoved(Event):
    code = "approval_deadline_moved"
    run: int
    timers: tuple[Timer, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class StepReResolved(Event):
    """The seats that it led to follow as events of their own."""

    code = "approval_re_resolved"
    run: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class StepClosed(Event):
    """`count` and `bar`: what it was judged by, where a vote or a letting go closed it."""

    code = "approval_step_closed"
    run: int
    status: RunStatus
    because: str
    count: Count | None = None
    bar: int | None = None
    forced: bool = False
    reason: str | None = None

    @property
    def kind(self) -> str:
        return "approval_forced" if self.forced else self.code


@dataclass(frozen=True, kw_only=True)
class Rewound(Event):
    """Runs of stage `to_stage` and later are history, `keeping` apart; the next round starts there."""

    code = "approval_superseded"
    to_stage: int
    because: str
    keeping: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProcessReturned(Event):
    code = "approval_sent_back"
    because: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProcessResumed(Event):
    code = "approval_resubmitted"
    creator_id: int
    requester_id: int


@dataclass(frozen=True, kw_only=True)
class ProcessClosed(Event):
    code = "approval_completed"
    status: ProcessStatus
    because: str
    reason: str | None = None

    @property
    def kind(self) -> str:
        words = {
            ProcessStatus.WITHDRAWN: "approval_withdrawn",
            ProcessStatus.CANCELLED: "approval_cancelled",
        }
        return words.get(self.status, self.code)


@dataclass(frozen=True, kw_only=True)
class AttentionChanged(Event):
    code = "approval_attention"
    attention: tuple[Attention, ...]


@dataclass(frozen=True, kw_only=True)
class FlowMigrated(Event):
    code = "approval_migrated"
    flow_version: int
    flow_sha256: str
    reason: str


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}


def event_to_json(event: Event) -> dict[str, Any]:
    """For `event_details`: plain values and ids only; `event` names the class."""
    return {"event": type(event).__name__, **to_plain(event)}


def event_from_json(plain: Mapping[str, Any]) -> Event:
    event: Event = from_plain(KINDS[plain["event"]], plain)
    return event
