"""How long things take: medians and shares, each with the tickets that it was computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcess
from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.matching import matching
from app.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class ApprovalTimes:
    """Of approvals that ended: opened to ended. `slices` between the scope's points, none where none ended."""

    now: timedelta | None = None
    before: timedelta | None = None
    slices: list[timedelta | None] = field(default_factory=list)


async def approval_times(session: AsyncSession, scope: Scope) -> ApprovalTimes:
    ended = ApprovalProcess.closed_at
    took = ended - ApprovalProcess.opened_at
    edges = scope.points[1:]
    part = case(
        (ended < scope.begins, -1), *((ended < point, n) for n, point in enumerate(edges)), else_=len(edges) - 1
    )
    base = (
        select(took.label("took"), part.label("part"))
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(ended >= scope.begins_before, *matching(scope.tickets(), scope.actor, scope.now))
        .subquery()
    )
    median, current = func.percentile_cont(0.5).within_group(base.c.took), base.c.part >= 0
    whole = select(median.filter(current), median.filter(~current)).select_from(base)
    row = (await session.execute(planned_each_time(whole))).one()
    sliced = select(base.c.part, median).where(current).group_by(base.c.part)
    found = {part: value for part, value in await session.execute(planned_each_time(sliced))}  # noqa: C416
    return ApprovalTimes(row[0], row[1], [found.get(n) for n in range(len(edges))])


async def medians_by_status(session: AsyncSession, scope: Scope, statuses: tuple[str, ...]) -> Mapping[str, timedelta]:
    """How long those that are in a state now have been in it, the one in the middle."""
    age: Any = literal(scope.now) - Ticket.status_since
    query = (
        select(Ticket.status, func.percentile_cont(0.5).within_group(age))
        .where(*matching(scope.tickets(status=statuses), scope.actor, scope.now))
        .group_by(Ticket.status)
    )
    return {status: max(median, timedelta()) for status, median in await session.execute(planned_each_time(query))}


async def approvals_share(session: AsyncSession, scope: Scope) -> float | None:
    """Of the time from submission to resolution of what was resolved in the period; none where nothing was."""
    approving = (
        select(func.sum(func.extract("epoch", ApprovalProcess.closed_at - ApprovalProcess.opened_at)))
        .where(ApprovalProcess.ticket_id == Ticket.id, ApprovalProcess.closed_at <= Ticket.resolved_at)
        .correlate(Ticket)
        .scalar_subquery()
    )
    whole = func.extract("epoch", Ticket.resolved_at - Ticket.submitted_at)
    query = select(func.sum(func.least(func.coalesce(approving, 0), whole)), func.sum(whole)).where(
        *matching(scope.in_period("resolved"), scope.actor, scope.now)
    )
    part, total = (await session.execute(planned_each_time(query))).one()
    return float(part / total) if total else None
