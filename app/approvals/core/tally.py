"""Rule 3: what the votes of a step amount to. The order of the questions is the rule."""

from dataclasses import dataclass
from enum import StrEnum

from app.approvals.core.definition import Mode, Reject


class Standing(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Count:
    """`seats` is L: what the bar is measured by. `pending` counts people who may vote now and have not."""

    seats: int
    approved: int
    rejected: int
    abstained: int
    pending: int


def needed(mode: Mode, threshold: int | None, count: Count) -> int:
    if mode is Mode.ANY:
        return 1
    if mode is Mode.ALL:
        return count.seats - count.abstained
    if threshold is None:
        raise ValueError(f"mode {mode} needs a threshold")
    if mode is Mode.COUNT:
        return threshold
    return max(1, -(-threshold * count.seats // 100))


def standing(mode: Mode, threshold: int | None, reject: Reject, wait_all: bool, count: Count) -> Standing:
    bar = needed(mode, threshold, count)
    if reject is Reject.VETO and count.rejected >= 1:
        return Standing.REJECTED
    if wait_all and count.pending > 0:
        return Standing.OPEN
    if bar >= 1 and count.approved >= bar:
        return Standing.APPROVED
    if count.pending > 0 and count.approved + count.pending >= bar:
        return Standing.OPEN
    if count.rejected >= 1:
        return Standing.REJECTED
    return Standing.STUCK
