"""How many tickets run on which version of which ticket template; ticket templates do not know tickets."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalTemplateVersion
from app.db.constants import planned_each_time
from app.ticket_templates.models import TicketTemplateVersion
from app.tickets.models import Ticket, TicketStatus
from app.tickets.visibility import visible

ENDED = (TicketStatus.CLOSED, TicketStatus.CANCELLED, TicketStatus.REJECTED, TicketStatus.DRAFT)


async def running_tickets(session: AsyncSession, actor: Actor) -> Mapping[int | None, Mapping[int, int]]:
    """By template's id, then by the version's number; drafts follow the published version and do not count."""
    version = TicketTemplateVersion
    query = (
        select(Ticket.template_id, version.number, func.count())
        .join(version, version.id == Ticket.template_version_id)
        .where(visible(actor), Ticket.status.not_in(ENDED))
        .group_by(Ticket.template_id, version.number)
    )
    return _counted((await session.execute(planned_each_time(query))).all())


async def running_approvals(session: AsyncSession, actor: Actor) -> Mapping[int | None, Mapping[int, int]]:
    """By approval template's id, then by the version's number: what is running or returned keeps its version."""
    version = ApprovalTemplateVersion
    query = (
        select(version.template_id, version.number, func.count())
        .join(ApprovalProcess, ApprovalProcess.template_version_id == version.id)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(visible(actor), ApprovalProcess.status.in_(("running", "returned")))
        .group_by(version.template_id, version.number)
    )
    return _counted((await session.execute(planned_each_time(query))).all())


def _counted(rows: Iterable[Any]) -> Mapping[int | None, Mapping[int, int]]:
    counts: dict[int | None, dict[int, int]] = {}
    for template_id, number, count in rows:
        counts.setdefault(template_id, {})[number] = count
    return counts
