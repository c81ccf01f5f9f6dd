"""Queries on imports: each person's own, and of its tickets only what they may see now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.tickets.importing.models import UNDER_WAY, Import, ImportRow, RowOutcome
from app.tickets.models import Ticket
from app.tickets.visibility import visible


async def own_import(
    session: AsyncSession, actor: Actor, import_id: int, now: datetime, *, lock: bool = False
) -> Import | None:
    """One that has expired never was."""
    query = select(Import).where(Import.id == import_id, Import.user_id == actor.id, Import.expires_at > now)
    query = query.with_for_update() if lock else query
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def imports_of(session: AsyncSession, actor: Actor, now: datetime) -> Sequence[Import]:
    query = select(Import).where(Import.user_id == actor.id, Import.expires_at > now)
    return (await session.execute(query.order_by(Import.id.desc()).limit(50))).scalars().all()


async def sent_before(session: AsyncSession, actor: Actor, command: str) -> Import | None:
    query = select(Import).where(Import.user_id == actor.id, Import.command == command)
    return (await session.execute(query)).scalar_one_or_none()


async def under_way(session: AsyncSession, actor: Actor) -> int:
    query = select(func.count()).select_from(Import).where(Import.user_id == actor.id, Import.status.in_(UNDER_WAY))
    return (await session.execute(query)).scalar_one()


async def counts(session: AsyncSession, import_id: int) -> Any:
    """`total`, `checked`, `faulty`, `created`, `refused`."""
    query = select(
        func.count().label("total"),
        func.count(ImportRow.problems).label("checked"),
        func.count().filter(func.jsonb_array_length(ImportRow.problems) > 0).label("faulty"),
        func.count().filter(ImportRow.outcome == RowOutcome.CREATED).label("created"),
        func.count().filter(ImportRow.outcome == RowOutcome.REFUSED).label("refused"),
    ).where(ImportRow.import_id == import_id)
    return (await session.execute(query)).one()


async def first_rows(session: AsyncSession, import_id: int, most: int) -> Sequence[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == import_id).order_by(ImportRow.number)
    return (await session.execute(query.limit(most))).scalars().all()


async def unchecked(session: AsyncSession, import_id: int, most: int) -> Sequence[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.problems.is_(None))
    return (await session.execute(query.order_by(ImportRow.number).limit(most))).scalars().all()


async def forget_checks(session: AsyncSession, import_id: int) -> None:
    rows = update(ImportRow).where(ImportRow.import_id == import_id, ImportRow.outcome.is_(None))
    await session.execute(rows.values(problems=None).execution_options(synchronize_session=False))


async def waiting(session: AsyncSession, import_id: int) -> Sequence[int]:
    query = select(ImportRow.id).where(ImportRow.import_id == import_id, ImportRow.outcome.is_(None))
    return (await session.execute(query.order_by(ImportRow.number))).scalars().all()


async def faulty_first(session: AsyncSession, actor: Actor, import_id: int, most: int) -> Sequence[Any]:
    """`ImportRow` and its ticket's number: first what has problems, in the order of the file."""
    has_problems = case((func.jsonb_array_length(ImportRow.problems) > 0, 0), else_=1)
    query = _with_numbers(actor).where(ImportRow.import_id == import_id)
    return (await session.execute(query.order_by(has_problems, ImportRow.number).limit(most))).all()


async def rows_after(session: AsyncSession, actor: Actor, import_id: int, *, after: int, most: int) -> Sequence[Any]:
    query = _with_numbers(actor).where(ImportRow.import_id == import_id, ImportRow.number > after)
    return (await session.execute(query.order_by(ImportRow.number).limit(most))).all()


def _with_numbers(actor: Actor) -> Select[ImportRow, str]:
    seen = (Ticket.id == ImportRow.ticket_id) & visible(actor)
    return select(ImportRow, Ticket.ticket_no).outerjoin(Ticket, seen)
