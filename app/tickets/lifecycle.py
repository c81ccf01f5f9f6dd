"""The moves a ticket can make (product.md, section 3), as a table; nothing outside it is possible."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.tickets.models import TicketStatus as S


class Move(StrEnum):
    """What somebody does to a ticket's status, by its name on the button and in the policy."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    EDIT_AGAIN = "edit_again"
    CHANGE_APPROVED = "change_approved"
    TAKE = "take"
    RESOLVE = "resolve"
    HAND_BACK = "hand_back"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"


@dataclass(frozen=True, slots=True)
class Step:
    move: Move
    source: S
    target: S
    needs_reason: bool = False


STEPS: tuple[Step, ...] = (
    Step(Move.SUBMIT, S.DRAFT, S.WAITING_APPROVAL),
    Step(Move.SUBMIT, S.DRAFT, S.OPEN),
    Step(Move.CANCEL, S.DRAFT, S.CANCELLED),
    Step(Move.WITHDRAW, S.WAITING_APPROVAL, S.DRAFT),
    Step(Move.CANCEL, S.WAITING_APPROVAL, S.CANCELLED, needs_reason=True),
    Step(Move.CHANGE_APPROVED, S.OPEN, S.DRAFT, needs_reason=True),
    Step(Move.CHANGE_APPROVED, S.IN_PROGRESS, S.DRAFT, needs_reason=True),
    Step(Move.EDIT_AGAIN, S.REJECTED, S.DRAFT),
    Step(Move.CANCEL, S.REJECTED, S.CANCELLED),
    Step(Move.TAKE, S.OPEN, S.IN_PROGRESS),
    Step(Move.CANCEL, S.OPEN, S.CANCELLED, needs_reason=True),
    Step(Move.CANCEL, S.IN_PROGRESS, S.CANCELLED, needs_reason=True),
    Step(Move.RESOLVE, S.IN_PROGRESS, S.RESOLVED, needs_reason=True),
    Step(Move.HAND_BACK, S.IN_PROGRESS, S.OPEN),
    Step(Move.CONFIRM, S.RESOLVED, S.CLOSED),
    Step(Move.SEND_BACK, S.RESOLVED, S.IN_PROGRESS, needs_reason=True),
)

FINAL = frozenset({S.CLOSED, S.CANCELLED})
OPEN_STATES = frozenset({S.WAITING_APPROVAL, S.OPEN, S.IN_PROGRESS})
"""What dashboards call an open ticket (ux.md, Settled, 7)."""


def step_for(status: str, move: Move) -> Step | None:
    return next((step for step in STEPS if step.source == status and step.move is move), None)


def move_between(status: str, target: str) -> Move | None:
    """What a script means by `{to}`; submitting has a call of its own."""
    steps = (step for step in STEPS if step.source == status and step.target == target)
    return next((step.move for step in steps if step.move is not Move.SUBMIT), None)


def targets(moves: Iterable[Move], status: str) -> list[str]:
    """Where these moves lead from here, for a refusal that says what is possible."""
    allowed = set(moves)
    return list(dict.fromkeys(str(step.target) for step in STEPS if step.source == status and step.move in allowed))
