"""After a decision: the next request on the pane, and the numbers that changed."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import FAR_AWAY, ApprovalProcessStep, ApprovalProcessStepApprover
from app.tickets.approving.deciding import SeatPlace
from app.tickets.approving.desk import ApprovalDesk
from app.work import repository
from app.work.filters import InboxFilters, ends_of_today_and_week
from app.work.preview import preview_of


async def what_follows(session: AsyncSession, actor: Actor, place: SeatPlace, filters: InboxFilters) -> dict[str, Any]:
    """The next of the list as it was filtered; the menu counts all that waits."""
    row = await repository.next_for_me(session, actor, after=await _position(session, place), filters=filters)
    today, week = ends_of_today_and_week()
    counts = await repository.count_waiting(session, actor, today_ends=today, week_ends=week)
    preview = None
    if row is not None:
        ticket = await ApprovalDesk(session, actor).find(row.ticket_no)
        preview = await preview_of(session, actor, ticket, row.seat_id)
    return {"preview": preview, "waiting": counts["all"], "refused": "", "typed": "", "kept": filters.kept}


async def _position(session: AsyncSession, place: SeatPlace) -> tuple[Any, Any, int] | None:
    """Where the decided request stood in the queue."""
    step = ApprovalProcessStep
    query = (
        select(func.coalesce(step.due_at, FAR_AWAY), step.opened_at)
        .join(ApprovalProcessStepApprover, ApprovalProcessStepApprover.step_id == step.id)
        .where(ApprovalProcessStepApprover.id == place.id)
    )
    row = (await session.execute(query)).one_or_none()
    return (row[0], row[1], place.id) if row and row[1] else None
