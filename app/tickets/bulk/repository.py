"""Queries on changes to many tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.db.constants import planned_each_time
from app.tickets.bulk.models import BulkEdit, BulkItem, Outcome
from app.tickets.filters import TicketFilters
from app.tickets.matching import matching
from app.tickets.models import Ticket
from app.tickets.visibility import visible

_CHOSEN = (
    Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.version, Ticket.template_id, Ticket.template_version_id,
)  # fmt: skip


async def seen_tickets(session: AsyncSession, actor: Actor, numbers: Sequence[str]) -> Sequence[Any]:
    """Those of them that this person may see, in the order in which they are locked."""
    query = select(*_CHOSEN)
    query = query.where(Ticket.ticket_no.in_(numbers), visible(actor)).order_by(Ticket.id)
    return (await session.execute(query)).all()


async def all_matching(
    session: AsyncSession, actor: Actor, filters: TicketFilters, now: datetime, most: int
) -> Sequence[Any]:
    """One more than `most` where there are more."""
    query = select(*_CHOSEN)
    query = query.where(*matching(filters, actor, now)).order_by(Ticket.id)
    return (await session.execute(planned_each_time(query.limit(most + 1)))).all()


async def own_bulk_edit(session: AsyncSession, actor: Actor, bulk_id: int) -> BulkEdit | None:
    query = select(BulkEdit).where(BulkEdit.id == bulk_id, BulkEdit.user_id == actor.id)
    return (await session.execute(query)).scalar_one_or_none()


async def sent_before(session: AsyncSession, actor: Actor, command: str) -> BulkEdit | None:
    query = select(BulkEdit).where(BulkEdit.user_id == actor.id, BulkEdit.command == command)
    return (await session.execute(query)).scalar_one_or_none()


async def waiting_items(session: AsyncSession, bulk_id: int) -> Sequence[int]:
    query = select(BulkItem.id).where(BulkItem.bulk_edit_id == bulk_id, BulkItem.outcome.is_(None))
    return (await session.execute(query.order_by(BulkItem.number))).scalars().all()


async def counts_by_outcome(session: AsyncSession, bulk_id: int) -> dict[str | None, int]:
    query = select(BulkItem.outcome, func.count()).where(BulkItem.bulk_edit_id == bulk_id)
    return {row[0]: row[1] for row in (await session.execute(query.group_by(BulkItem.outcome))).all()}


async def items_with_titles(session: AsyncSession, actor: Actor, bulk_id: int, limit: int) -> Sequence[Any]:
    """What was left out first; a ticket that its reader may not see has no title."""
    left_out = BulkItem.outcome == Outcome.LEFT_OUT
    query = (
        select(BulkItem.ticket_no, BulkItem.outcome, BulkItem.sentence, Ticket.title)
        .outerjoin(Ticket, (Ticket.ticket_no == BulkItem.ticket_no) & visible(actor))
        .where(BulkItem.bulk_edit_id == bulk_id)
        .order_by(left_out.desc().nulls_last(), BulkItem.number)
    )
    return (await session.execute(query.limit(limit))).all()


async def changed_items(session: AsyncSession, bulk_id: int) -> Sequence[BulkItem]:
    query = select(BulkItem).where(BulkItem.bulk_edit_id == bulk_id, BulkItem.outcome == Outcome.CHANGED)
    return (await session.execute(query.order_by(BulkItem.number))).scalars().all()


async def undone_by(session: AsyncSession, bulk_id: int) -> int | None:
    query = select(BulkEdit.id).where(BulkEdit.undoes == bulk_id)
    return (await session.execute(query.limit(1))).scalar_one_or_none()
