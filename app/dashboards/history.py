"""How many there were: today's numbers, less what has moved since, over what the viewer may see now."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, DateTime, and_, case, column, exists, func, or_, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.approvals.models import ApprovalProcess, ApprovalProcessStep
from app.dashboards.rollup import ALL_TEAMS, Ask
from app.dashboards.scope import Scope
from app.tickets.events import STATUS_CHANGE
from app.tickets.lifecycle import FINAL
from app.tickets.matching import matching, midnight
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
    for row in (await session.execute(query)).all():
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
    ).data(
        [(moment, midnight(moment.astimezone(scope.zone).date() + timedelta(days=1), scope.zone)) for moment in moments]
    )
    was_late = or_(Ticket.due_at < asked.c.tonight, _step_was_due(asked.c.at, asked.c.tonight))
    was_alive = or_(Ticket.status.not_in(sorted(FINAL)), Ticket.status_since > asked.c.at)
    query = (
        select(asked.c.at, func.count(Ticket.id).label("number"))
        .select_from(asked)
        .outerjoin(
            Ticket,
            and_(
                Ticket.created_at <= asked.c.at, was_alive, was_late, *matching(scope.tickets(), scope.actor, scope.now)
            ),
        )
        .group_by(asked.c.at)
    )
    found = {row.at: row.number for row in (await session.execute(query)).all()}
    return [found[moment] for moment in moments]


def _step_was_due(at: ColumnElement[datetime], tonight: ColumnElement[datetime]) -> ColumnElement[bool]:
    step = ApprovalProcessStep
    was_open = and_(step.opened_at <= at, or_(step.closed_at.is_(None), step.closed_at > at))
    return exists().where(
        ApprovalProcess.ticket_id == Ticket.id, step.process_id == ApprovalProcess.id, was_open, step.due_at < tonight
    )
