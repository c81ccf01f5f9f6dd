"""Where work is now: each state with its number and how long those in it have been there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.activity.vocabulary import word
from app.dashboards.counting import Linked, Numbers
from app.dashboards.scope import Scope
from app.tickets.filters import TicketFilters

STATES = ("draft", "waiting_approval", "open", "in_progress", "resolved")
TONES = {
    "draft": "gray", "waiting_approval": "warn", "open": "info", "in_progress": "violet", "resolved": "pos",
    "closed": "gray",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """`median` is none where nothing is, and of what is closed for good."""

    code: str
    count: Linked
    median: timedelta | None
    tone: str

    @property
    def label(self) -> str:
        return word(self.code)


def asked(scope: Scope) -> list[TicketFilters]:
    return [*(scope.tickets(status=(code,)) for code in STATES), _closed(scope)]


def states(scope: Scope, numbers: Numbers, medians: Mapping[str, timedelta]) -> list[State]:
    now = [State(code, numbers[scope.tickets(status=(code,))], medians.get(code), TONES[code]) for code in STATES]
    return [*now, State("closed", numbers[_closed(scope)], None, TONES["closed"])]


def _closed(scope: Scope) -> TicketFilters:
    return scope.in_period("closed", status=("closed",))
