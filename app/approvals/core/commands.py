"""What people, timers and jobs ask of an approval. `actor` is a user's id; the system is a user too."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.approvals.core.state import RunStatus, SeatKind, TimerKind


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Start:
    """Submit: a new process. `reopens` is the earlier process that this one follows."""

    actor: int
    creator_id: int
    requester_id: int
    flow_version: int
    flow_sha256: str
    reopens: int | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """`seat` is the pool's where a member votes. `on_behalf_of` None: in my own right. `signed_in_at`: when they last
    proved who they are; None where nothing says so."""

    actor: int
    seat: int
    decision: Decision
    seen_hash: str
    comment: str | None = None
    on_behalf_of: int | None = None
    via: str | None = None
    signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Retract:
    """Take back my vote; `seat` is the vote's own."""

    actor: int
    seat: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    actor: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    actor: int
    reason: str


@dataclass(frozen=True, slots=True)
class Resubmit:
    actor: int


@dataclass(frozen=True, slots=True)
class Delegate:
    actor: int
    seat: int
    to: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AddApprover:
    """`own` is an admin's way out of a stuck step; `required` and `advice` are ad-hoc."""

    actor: int
    run: int
    user_id: int
    kind: SeatKind
    reason: str


@dataclass(frozen=True, slots=True)
class ReplaceSeat:
    actor: int
    seat: int
    user_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class GoOnWithout:
    actor: int
    seat: int
    reason: str


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A skipped one."""

    actor: int
    run: int
    reason: str


@dataclass(frozen=True, slots=True)
class ExtendDeadline:
    actor: int
    run: int
    due_at: datetime
    reason: str
    remind_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnToRequester:
    actor: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReResolve:
    actor: int
    run: int
    reason: str


@dataclass(frozen=True, slots=True)
class ForceClose:
    """An admin's override: `outcome` is approved or rejected. Recorded as forced, not as a vote."""

    actor: int
    run: int
    outcome: RunStatus
    reason: str


@dataclass(frozen=True, slots=True)
class Migrate:
    """To the version of the flow that the context's `target` was read for."""

    actor: int
    flow_version: int
    flow_sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class FireTimer:
    actor: int
    run: int
    kind: TimerKind
    ordinal: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ContentChanged:
    """The ticket was edited; the context has the new hashes. `accept_rewind`: the editor was told what is lost."""

    actor: int
    fields: tuple[str, ...] = ()
    accept_rewind: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    """A directory change (deactivation, membership, manager, proxy): void who may no longer vote."""

    actor: int


Command = (
    Start
    | Decide
    | Retract
    | Withdraw
    | Cancel
    | Resubmit
    | Delegate
    | AddApprover
    | ReplaceSeat
    | GoOnWithout
    | OpenStep
    | ExtendDeadline
    | ReturnToRequester
    | ReResolve
    | ForceClose
    | Migrate
    | FireTimer
    | ContentChanged
    | Settle
)
