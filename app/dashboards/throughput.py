"""Tickets created and resolved in each of the last twelve weeks of the viewer's calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.dashboards.counting import Linked, Numbers
from app.dashboards.scope import Scope
from app.tickets.filters import TicketFilters
from app.web.formats import short_day

WEEKS = 12
TICKS = 4


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday; the running one is partial."""

    first: date
    created: Linked
    resolved: Linked
    partial: bool

    @property
    def label(self) -> str:
        return short_day(self.first)

    @property
    def values(self) -> tuple[int, int]:
        return self.created.number, self.resolved.number


@dataclass(frozen=True, slots=True)
class Throughput:
    weeks: Sequence[Week]
    created: Linked
    resolved: Linked

    @property
    def maximum(self) -> int:
        """Of the scale: a round number above the tallest bar, that the lines divide evenly."""
        tallest = max(max(week.values) for week in self.weeks)
        step = next(step for step in _steps() if step * TICKS >= tallest)
        return step * TICKS

    @property
    def is_empty(self) -> bool:
        return not self.created.number and not self.resolved.number


def _steps() -> Sequence[int]:
    return [n * 10**power for power in range(10) for n in (1, 2, 5)]


def asked(scope: Scope) -> list[TicketFilters]:
    """The numbers needed."""
    pairs = [_week(scope, first, last) for first, last in [*_weeks(scope), _whole(scope)]]
    return [filters for pair in pairs for filters in pair]


def throughput(scope: Scope, numbers: Numbers) -> Throughput:
    weeks = []
    for first, last in _weeks(scope):
        created, resolved = _week(scope, first, last)
        weeks.append(Week(first, numbers[created], numbers[resolved], partial=last > _today(scope)))
    created, resolved = _week(scope, *_whole(scope))
    return Throughput(weeks, numbers[created], numbers[resolved])


def _week(scope: Scope, first: date, last: date) -> tuple[TicketFilters, TicketFilters]:
    begins, ends = first.isoformat(), last.isoformat()
    return (
        scope.tickets(created_from=begins, created_to=ends),
        scope.tickets(resolved_from=begins, resolved_to=ends),
    )


def _weeks(scope: Scope) -> list[tuple[date, date]]:
    monday = _today(scope) - timedelta(days=_today(scope).weekday())
    firsts = [monday - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    return [(first, first + timedelta(days=6)) for first in firsts]


def _whole(scope: Scope) -> tuple[date, date]:
    weeks = _weeks(scope)
    return weeks[0][0], weeks[-1][1]


def _today(scope: Scope) -> date:
    return scope.now.astimezone(scope.zone).date()
