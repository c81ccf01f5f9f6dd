"""After a decision: the next request on the pane, and the numbers that changed."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import FAR_AWAY, ApprovalProcessStep, ApprovalProcessStepApprover
from app.db.constants import given
from app.tickets.approving.deciding import SeatPlace
from app.tickets.approving.desk import ApprovalDesk
from app.work import repository
from app.work.filters import InboxFilters
from app.work.preview import preview_of
from app.work.repository import Waiting

NONE = InboxFilters()
_POSITION = (
    select(func.coalesce(ApprovalProcessStep.due_at, FAR_AWAY), ApprovalProcessStep.opened_at)
    .join(ApprovalProcessStepApprover, ApprovalProcessStepApprover.step_id == ApprovalProcessStep.id)
    .where(ApprovalProcessStepApprover.id == given("seat"))
)


async def what_follows(
    session: AsyncSession, actor: Actor, place: SeatPlace, filters: InboxFilters, *, principal: int | None = None
) -> dict[str, Any]:
    """The next of the list as it was filtered, and the numbers of its groups; the menu counts all that waits."""
    row = await _next(session, actor, place, filters)
    preview = None
    if row is not None:
        ticket = await ApprovalDesk(session, actor).find(row.ticket_no)
        preview = await preview_of(session, actor, ticket, row.seat_id, another_is_locked=True)
    numbers = await numbers_of(session, actor, filters, *([principal] if principal is not None else []))
    return {"preview": preview, **numbers, "refused": "", "typed": "", "kept": filters.kept}


async def numbers_of(session: AsyncSession, actor: Actor, filters: InboxFilters, *principals: int) -> dict[str, Any]:
    """How many wait in all, and of the list as it is filtered how many under each heading."""
    groups = await repository.count_waiting(session, actor, filters)
    listed = groups.pop("all")
    waiting = (await repository.count_waiting(session, actor, NONE))["all"] if filters else listed
    for principal in principals:
        groups[f"proxy-{principal}"] = await repository.count_as_proxy(session, actor, filters, principal)
    return {"waiting": waiting, "groups": groups}


def url_of(following: dict[str, Any], filters: InboxFilters) -> str:
    """Where one is after a decision: at what the pane shows now."""
    preview = following["preview"]
    return filters.url(f"/approvals/{preview.seat_id}" if preview else "/approvals")


async def _next(session: AsyncSession, actor: Actor, place: SeatPlace, filters: InboxFilters) -> Waiting | None:
    row = await repository.next_for_me(session, actor, after=await _position(session, place), filters=filters)
    if row is not None or not actor.principal_ids:
        return row
    return next(iter(await repository.waiting_as_proxy(session, actor, filters=filters)), None)


async def _position(session: AsyncSession, place: SeatPlace) -> tuple[Any, Any, int] | None:
    """Where the decided request stood in the queue."""
    row = (await session.execute(_POSITION, {"seat": place.id})).one_or_none()
    return (row[0], row[1], place.id) if row and row[1] else None
