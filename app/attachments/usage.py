"""How much a ticket and a person have sent, counted under a lock so that limits hold for parallel uploads."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.limits import Limits
from app.attachments.models import DraftFile, TicketAttachment, TicketNoteAttachment

DAY = timedelta(days=1)
_MODELS: tuple[Any, ...] = (TicketAttachment, TicketNoteAttachment)
_PERSONS = 20261125
"""The space of the advisory locks that are taken by person."""


async def insist_on_room(
    session: AsyncSession, limits: Limits, *, ticket_id: int, user_id: int, sizes: list[int], now: datetime
) -> None:
    """The ticket's row is locked; a person who sends to several tickets at once waits here."""
    await session.execute(select(func.pg_advisory_xact_lock(_PERSONS, user_id % 2**31)))
    files, size = await _of_ticket(session, ticket_id)
    limits.insist_on_ticket(files=files + len(sizes), size=size + sum(sizes))
    limits.insist_on_person(await _of_person(session, user_id, now - DAY) + sum(sizes))


async def insist_on_room_in_draft(
    session: AsyncSession, limits: Limits, *, template_key: str, user_id: int, sizes: list[int], now: datetime
) -> None:
    """What is kept with a form that somebody types: as much as its ticket may take over."""
    await session.execute(select(func.pg_advisory_xact_lock(_PERSONS, user_id % 2**31)))
    kept = select(func.count(), func.coalesce(func.sum(DraftFile.size), 0))
    row = (
        await session.execute(kept.where(DraftFile.user_id == user_id, DraftFile.template_key == template_key))
    ).one()
    limits.insist_on_ticket(files=row[0] + len(sizes), size=int(row[1]) + sum(sizes))
    limits.insist_on_person(await _of_person(session, user_id, now - DAY) + sum(sizes))


async def _of_ticket(session: AsyncSession, ticket_id: int) -> tuple[int, int]:
    parts = union_all(
        *(select(one.size).where(one.ticket_id == ticket_id, one.deleted_at.is_(None)) for one in _MODELS)
    ).subquery()
    row = (await session.execute(select(func.count(parts.c.size), func.coalesce(func.sum(parts.c.size), 0)))).one()
    return int(row[0]), int(row[1])


async def _of_person(session: AsyncSession, user_id: int, since: datetime) -> int:
    """What was removed since was sent all the same."""
    parts = union_all(
        *(select(one.size).where(one.created_by == user_id, one.created_at > since) for one in _MODELS),
        select(DraftFile.size).where(DraftFile.user_id == user_id, DraftFile.created_at > since),
    ).subquery()
    query = select(func.coalesce(func.sum(parts.c.size), 0))
    return int((await session.execute(query, execution_options={"include_deleted": True})).scalar_one())
