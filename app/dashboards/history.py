"""How many there were: today's numbers, less what has moved since, over what the viewer may see now."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import CTE, ColumnElement, DateTime, and_, case, column, exists, func, or_, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.approvals.models import ApprovalProcess, ApprovalProcessStep
from app.dashboards.rollup import ALL_TEAMS, Ask
from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.events import STATUS_CHANGE
from app.tickets.lifecycle import FINAL
from app.tickets.matching import end_of_day, matching
from app.tickets.models import Ticket

Flows = Mapping[str, Sequence[int]]
"""By status: how many more came than left, in each stretch between two points of the scope."""


def asks(scope: Scope, statuses: Collection[str]) -> dict[str, list[Ask]]:
    """By status, the sums for each stretch; none in a zone whose hours are not the database's."""
    points = [point.astimezone(UTC) for point in scope.points]
    edges = [*points[:-1], points[-1].replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)]
    stretches = list(pairwise(edges))
    team = scope.team or ALL_TEAMS
    made = {status: [Ask("moved", status, team, *stretch) for stretch in stretches] for status in statuses}
    return made if all(ask.whole_hours for asks in made.values() for ask in asks) else {}


async def flows(session: AsyncSession, scope: Scope, asked: Mapping[str, list[Ask]], sums: Mapping[Ask, int]) -> Flows:
    if not asked:
        return await flows_from_the_record(session, scope)
    return {status: [sums[ask] for ask in asks] for status, asks in asked.items()}


async def flows_from_the_record(session: AsyncSession, scope: Scope) -> Flows:
    facts: Any = TicketNote.event_details
    old, new = facts["old"].astext, facts["new"].astext
    stretch = case(*((TicketNote.created_at < point, n) for n, point in enumerate(scope.points[1:])), else_=None)
    query = (
        select(old.label("old"), new.label("new"), stretch.label("stretch"), func.count().label("number"))
        .join(Ticket, Ticket.id == TicketNote.ticket_id)
        .where(
            TicketNote.event_type == STATUS_CHANGE.code,
            TicketNote.created_at >= scope.points[0],
            TicketNote.created_at < scope.now,
            *matching(scope.tickets(), scope.actor, scope.now),
        )
        .group_by(old, new, stretch)
    )
    found: dict[str, list[int]] = {}
    for row in (await session.execute(planned_each_time(query))).all():
        found.setdefault(row.new, _flat(scope))[row.stretch] += row.number
        found.setdefault(row.old, _flat(scope))[row.stretch] -= row.number
    return found


def _flat(scope: Scope) -> list[int]:
    return [0] * (len(scope.points) - 1)


def earlier(flows: Flows, statuses: Collection[str], now: int) -> list[int]:
    """How many were in these states at each point, the last being now."""
    told = [now]
    for moved in zip(*(flows[status] for status in sorted(statuses) if status in flows), strict=True):
        told.append(sum(moved))
    steps = told[1:] or []
    back = [now]
    for step in reversed(steps):
        back.append(max(0, back[-1] - step))
    return list(reversed(back))


async def at_risk_at(session: AsyncSession, scope: Scope, moments: Sequence[datetime]) -> list[int]:
    """How many were not final and due by the end of that day, as their due dates are now."""
    asked = values(
        column("at", DateTime(timezone=True)), column("tonight", DateTime(timezone=True)), name="asked"
    ).data([(moment, end_of_day(moment, scope.zone)) for moment in moments])
    perhaps = _perhaps_at_risk(scope, min(moments), asked_until=end_of_day(max(moments), scope.zone))
    was_late = or_(perhaps.c.due_at < asked.c.tonight, _step_was_due(perhaps.c.id, asked.c.at, asked.c.tonight))
    was_alive = or_(perhaps.c.status.not_in(sorted(FINAL)), perhaps.c.status_since > asked.c.at)
    query = (
        select(asked.c.at, func.count(perhaps.c.id).label("number"))
        .select_from(asked)
        .outerjoin(perhaps, and_(perhaps.c.created_at <= asked.c.at, was_alive, was_late))
        .group_by(asked.c.at)
    )
    found = {row.at: row.number for row in (await session.execute(planned_each_time(query))).all()}
    return [found[moment] for moment in moments]


def _perhaps_at_risk(scope: Scope, first: datetime, *, asked_until: datetime) -> CTE:
    """Read once: all that were alive and had anything due at any of the moments, which most tickets were not."""
    has_late_step = exists().where(
        ApprovalProcess.ticket_id == Ticket.id, ApprovalProcessStep.process_id == ApprovalProcess.id,
        ApprovalProcessStep.due_at < asked_until,
    )  # fmt: skip
    query = select(Ticket.id, Ticket.created_at, Ticket.due_at, Ticket.status, Ticket.status_since).where(
        *matching(scope.tickets(), scope.actor, scope.now),
        or_(Ticket.status.not_in(sorted(FINAL)), Ticket.status_since > first),
        or_(Ticket.due_at < asked_until, has_late_step),
    )
    return query.cte("perhaps").prefix_with("MATERIALIZED")


def _step_was_due(
    ticket_id: ColumnElement[int], at: ColumnElement[datetime], tonight: ColumnElement[datetime]
) -> ColumnElement[bool]:
    step = ApprovalProcessStep
    was_open = and_(step.opened_at <= at, or_(step.closed_at.is_(None), step.closed_at > at))
    return exists().where(
        ApprovalProcess.ticket_id == ticket_id, step.process_id == ApprovalProcess.id, was_open, step.due_at < tonight
    )
