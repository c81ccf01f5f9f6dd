"""What runs on an older version of its flow, of the tickets that somebody may see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalTemplateVersion
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.paging import Page, cut, decode_cursor

PAGE = 20


def _on_older_versions(actor: Actor, live: ApprovalTemplateVersion) -> Select[Any]:
    """Those with their requester too: they keep the version that they began with as well."""
    version = ApprovalTemplateVersion
    return (
        select(Ticket)
        .join(ApprovalProcess, ApprovalProcess.ticket_id == Ticket.id)
        .join(version, version.id == ApprovalProcess.template_version_id)
        .where(
            version.template_id == live.template_id, version.id != live.id,
            ApprovalProcess.status.in_(("running", "returned")), visible(actor),
        )
    )  # fmt: skip


async def count_on_older(session: AsyncSession, actor: Actor, live: ApprovalTemplateVersion) -> int:
    query = _on_older_versions(actor, live).with_only_columns(func.count())
    return (await session.execute(query)).scalar_one()


async def page_on_older(
    session: AsyncSession, actor: Actor, live: ApprovalTemplateVersion, cursor: str | None, *, limit: int = PAGE
) -> Page[Ticket]:
    """In the order of the tickets' ids, in which they are locked too."""
    query = _on_older_versions(actor, live).order_by(Ticket.id).limit(limit + 1)
    if after := decode_cursor(cursor, (int,)):
        query = query.where(Ticket.id > after[0])
    rows = (await session.execute(query)).scalars().all()
    return cut(rows, limit, lambda ticket: [ticket.id])


async def seen_on_older(
    session: AsyncSession, actor: Actor, live: ApprovalTemplateVersion, *, numbers: Sequence[str] | None, most: int
) -> Sequence[tuple[str, int]]:
    """Number and version of each; of all where no numbers are named, and one more than `most` if there are more."""
    query = _on_older_versions(actor, live).with_only_columns(Ticket.ticket_no, Ticket.version)
    if numbers is not None:
        query = query.where(Ticket.ticket_no.in_(numbers))
    rows = await session.execute(query.order_by(Ticket.id).limit(most + 1))
    return [(row.ticket_no, row.version) for row in rows]
