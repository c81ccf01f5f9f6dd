"""The outbox as its dispatcher claims it: by state, under lock, a ticket's rows in their order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.activity.models import AuditEntry, OutboxRow, TicketNote

HELD_AFTER = 20
"""So many attempts (about an hour) and an event no longer keeps its ticket's later ones waiting."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class News:
    """One event as readers hear of it: of a ticket (`note`), or of anything else (`entry`)."""

    row: OutboxRow
    note: TicketNote | None = None
    entry: AuditEntry | None = None


async def claim(session: AsyncSession, *, limit: int) -> Sequence[OutboxRow]:
    """Rows that are due and nobody else's, oldest first; of each ticket only what follows on what was dispatched.

    Rows become visible in another order than their ids', so no id is remembered. Within a ticket the order holds:
    whoever writes has locked the ticket before.
    """
    due = select(OutboxRow).where(_waiting(OutboxRow), _due(OutboxRow), ~_behind_one_that_waits())
    locked = due.order_by(OutboxRow.id).limit(limit).with_for_update(skip_locked=True)
    rows = (await session.execute(locked)).scalars().all()
    return await _without_gaps(session, rows)


async def _without_gaps(session: AsyncSession, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
    """Leaves out what follows a row that another dispatcher holds: a statement after the lock sees how that ended."""
    tickets = {row.ticket_id for row in rows if row.ticket_id}
    if not tickets:
        return rows
    others = (
        select(OutboxRow.ticket_id, func.min(OutboxRow.id).label("first"))
        .where(_waiting(OutboxRow), OutboxRow.ticket_id.in_(tickets), OutboxRow.id.not_in([row.id for row in rows]))
        .group_by(OutboxRow.ticket_id)
    )
    first_missing = {row.ticket_id: row.first for row in (await session.execute(others)).all()}
    return [row for row in rows if row.ticket_id is None or row.id < first_missing.get(row.ticket_id, row.id + 1)]


async def as_news(session: AsyncSession, rows: Sequence[OutboxRow]) -> list[News]:
    """Without comments that were removed before anybody was told."""
    note_ids = [row.note_id for row in rows if row.note_id]
    entry_ids = [row.audit_entry_id for row in rows if row.audit_entry_id]
    notes = (await session.execute(select(TicketNote).where(TicketNote.id.in_(note_ids)))).scalars() if note_ids else ()
    entries = (
        (await session.execute(select(AuditEntry).where(AuditEntry.id.in_(entry_ids)))).scalars() if entry_ids else ()
    )
    by_note, by_entry = {note.id: note for note in notes}, {entry.id: entry for entry in entries}
    news = [News(row, by_note.get(row.note_id or 0), by_entry.get(row.audit_entry_id or 0)) for row in rows]
    return [each for each in news if each.note or each.entry]


async def mark_dispatched(session: AsyncSession, ids: Iterable[int]) -> None:
    await session.execute(
        update(OutboxRow).where(OutboxRow.id.in_(list(ids))).values(dispatched_at=func.clock_timestamp())
    )


async def drop_waiting(session: AsyncSession, note_ids: Iterable[int]) -> None:
    """What these events would have sent is not sent: their vote was taken back (approvals.md, rule 7)."""
    mine = and_(OutboxRow.note_id.in_(list(note_ids)), OutboxRow.dispatched_at.is_(None))
    await session.execute(update(OutboxRow).where(mine).values(dispatched_at=func.clock_timestamp()))


async def announce_held(session: AsyncSession, *, limit: int) -> set[int]:
    """Tickets with events that wait for their moment: pages show the state as it is, whenever its news is sent."""
    unsaid = and_(OutboxRow.announced_at.is_(None), OutboxRow.dispatched_at.is_(None))
    rows = select(OutboxRow.id).where(unsaid).order_by(OutboxRow.id).limit(limit).with_for_update(skip_locked=True)
    ids = (await session.execute(rows)).scalars().all()
    if not ids:
        return set()
    said = update(OutboxRow).where(OutboxRow.id.in_(ids)).values(announced_at=func.clock_timestamp())
    found = await session.execute(said.returning(OutboxRow.ticket_id))
    return {ticket for ticket in found.scalars() if ticket}


async def put_off(session: AsyncSession, row_id: int, attempts: int) -> None:
    """Its turn comes later, and with it that of all that follows on the same ticket."""
    pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
    again = {"attempts": attempts + 1, "not_before": func.clock_timestamp() + pause}
    await session.execute(update(OutboxRow).where(OutboxRow.id == row_id, _waiting(OutboxRow)).values(**again))


def _waiting(row: type[OutboxRow]) -> ColumnElement[bool]:
    return and_(row.dispatched_at.is_(None), row.attempts < HELD_AFTER)


def _due(row: type[OutboxRow]) -> ColumnElement[bool]:
    return or_(row.not_before.is_(None), row.not_before <= func.clock_timestamp())


def _behind_one_that_waits() -> ColumnElement[bool]:
    earlier = aliased(OutboxRow)
    return exists().where(
        earlier.ticket_id == OutboxRow.ticket_id, earlier.id < OutboxRow.id, _waiting(earlier), ~_due(earlier)
    )
