"""The key figures: each with its number, the way it went, and what it is compared with, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.dashboards import history, risk
from app.dashboards.counting import Linked, Numbers
from app.dashboards.durations import ApprovalTimes
from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.filters import TicketFilters
from app.tickets.lifecycle import OPEN_STATES
from app.tickets.matching import matching
from app.tickets.models import Ticket
from app.web.formats import short_day, short_duration
from app.web.formats import whole as counted
from app.web.i18n import gettext as _
from app.web.i18n import ngettext

OPEN = tuple(sorted(OPEN_STATES))
WAITING = ("waiting_approval",)


@dataclass(frozen=True, slots=True)
class Tile:
    """`trend`: up, down or none; `good` says whether that is the wanted way."""

    label: str
    value: str
    of: Linked
    """What it counts, or what it was computed from."""
    comparison: str
    points: Sequence[float]
    tone: str = ""
    trend: str | None = None
    good: bool = True
    change: str = ""


def asked(scope: Scope) -> list[TicketFilters]:
    return [
        scope.tickets(status=OPEN), scope.tickets(status=WAITING), decided(scope), on_time(scope), had_due_date(scope),
        on_time(scope, before=True), had_due_date(scope, before=True), risk.at_risk(scope),
    ]  # fmt: skip


def decided(scope: Scope) -> TicketFilters:
    return scope.in_period("decided")


def on_time(scope: Scope, *, before: bool = False) -> TicketFilters:
    return _resolved(scope, ("yes",), before=before)


def had_due_date(scope: Scope, *, before: bool = False) -> TicketFilters:
    return _resolved(scope, ("yes", "no"), before=before)


def _resolved(scope: Scope, kept: tuple[str, ...], *, before: bool) -> TicketFilters:
    if not before:
        return scope.in_period("resolved", on_time=kept)
    last = scope.begins.date() - timedelta(days=1)
    return scope.tickets(
        resolved_from=scope.begins_before.date().isoformat(), resolved_to=last.isoformat(), on_time=kept
    )


def open_tickets(scope: Scope, numbers: Numbers, flows: history.Flows) -> Tile:
    now = numbers[scope.tickets(status=OPEN)]
    points = history.earlier(flows, OPEN, now.number)
    return _counted(_("Open tickets"), now, points, _versus(scope, points[0]))


def waiting_approval(scope: Scope, numbers: Numbers, flows: history.Flows, oldest: datetime | None) -> Tile:
    now = numbers[scope.tickets(status=WAITING)]
    points = history.earlier(flows, WAITING, now.number)
    told = _versus(scope, points[0])
    if oldest is not None:
        told = _("oldest %(time)s") % {"time": short_duration(max(scope.now - oldest, timedelta()))}
    return _counted(_("Waiting approval"), now, points, told, tone="warn")


def at_risk(scope: Scope, numbers: Numbers, points: Sequence[int]) -> Tile:
    now = numbers[risk.at_risk(scope)]
    whole = [*points, now.number]
    return _counted(_("At risk today"), now, whole, _versus(scope, whole[0]), tone="neg")


def _versus(scope: Scope, number: int) -> str:
    return _("vs %(number)s on %(day)s") % {"number": counted(number), "day": short_day(scope.begins)}


def _counted(label: str, now: Linked, points: Sequence[int], told: str, *, tone: str = "") -> Tile:
    """Of these, fewer is better."""
    more = now.number - points[0]
    trend = "up" if more > 0 else "down" if more < 0 else None
    return Tile(label, counted(now.number), now, told, points, tone, trend, more < 0, counted(abs(more)))


def median_approval_time(scope: Scope, numbers: Numbers, times: ApprovalTimes) -> Tile:
    of, label = numbers[decided(scope)], _("Median approval time")
    if times.now is None:
        return Tile(label, "—", of, _("no approval ended in %(days)d days") % {"days": scope.days}, ())
    told = ngettext("of %(n)s ticket", "of %(n)s tickets", of.number) % {"n": counted(of.number)}
    points = _seconds(times)
    if not times.before:
        return Tile(label, short_duration(times.now), of, told, points, "pos")
    change = (times.now - times.before) / times.before
    told = _("vs %(time)s, %(of)s") % {"time": short_duration(times.before), "of": told}
    return Tile(
        label, short_duration(times.now), of, told, points, "pos", _way(change), change < 0, f"{abs(change):.0%}"
    )


def _seconds(times: ApprovalTimes) -> list[float]:
    """Where nothing ended, the line goes on as it was."""
    known = [one.total_seconds() if one is not None else None for one in times.slices]
    first = next((one for one in known if one is not None), 0.0)
    line: list[float] = []
    for one in known:
        line.append(one if one is not None else line[-1] if line else first)
    return line


def resolved_on_time(scope: Scope, numbers: Numbers, points: Sequence[float]) -> Tile:
    of, label = numbers[had_due_date(scope)], _("Resolved on time")
    if not of.number:
        return Tile(label, "—", of, _("nothing with a due date was resolved"), ())
    share = numbers[on_time(scope)].number / of.number
    told = ngettext("of %(n)s ticket", "of %(n)s tickets", of.number) % {"n": counted(of.number)}
    value, earlier = f"{share:.1%}", numbers[had_due_date(scope, before=True)].number
    if not earlier:
        return Tile(label, value, of, told, points, "pos")
    before = numbers[on_time(scope, before=True)].number / earlier
    told = _("vs %(share)s, %(of)s") % {"share": f"{before:.1%}", "of": told}
    change = _("%(points)s pt") % {"points": f"{abs(share - before) * 100:.1f}"}
    return Tile(label, value, of, told, points, "pos", _way(share - before), share > before, change)


def _way(change: float) -> str | None:
    return "up" if change > 0 else "down" if change < 0 else None


def on_time_points(scope: Scope) -> list[TicketFilters]:
    """What the spark line of "Resolved on time" is drawn from: the share up to each of these days."""
    first, days = scope.begins.date(), range(scope.days)
    step = max(1, scope.days // 6)
    ends = [first + timedelta(days=n) for n in days if n % step == step - 1]
    return [
        scope.in_period("resolved", resolved_to=end.isoformat(), on_time=kept)
        for end in ends
        for kept in (("yes",), ("yes", "no"))
    ]


def shares(scope: Scope, numbers: Numbers) -> list[float]:
    lists = on_time_points(scope)
    pairs = [(numbers[kept].number, numbers[whole].number) for kept, whole in zip(lists[::2], lists[1::2], strict=True)]
    return [kept / whole for kept, whole in pairs if whole]


async def oldest_waiting(session: AsyncSession, scope: Scope) -> datetime | None:
    query = select(func.min(Ticket.status_since)).where(
        *matching(scope.tickets(status=WAITING), scope.actor, scope.now)
    )
    return (await session.execute(planned_each_time(query))).scalar()
