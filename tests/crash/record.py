"""What the database holds of one decision, told apart from the engine that wrote it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import OutboxRow, TicketNote
from app.activity.verify import verify
from app.tickets.models import Ticket

TABLES = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'ticket' ORDER BY 1"
UNTOLD = select(TicketNote.id).where(
    TicketNote.id.not_in(select(OutboxRow.note_id).where(OutboxRow.note_id.is_not(None)))
)
STANDING = text("""
    SELECT t.status AS ticket, p.status AS process, s.status AS step, a.status AS seat
    FROM ticket.tickets t JOIN ticket.approval_processes p ON p.ticket_id = t.id
    JOIN ticket.approval_process_steps s ON s.process_id = p.id
    JOIN ticket.approval_process_step_approvers a ON a.step_id = s.id
    WHERE t.ticket_no = :number AND s.step_key = 'line_manager'
""")
WAITS = ("waiting_approval", "running", "open", "pending")
DECIDED = ("open", "approved", "approved", "approved")


@dataclass(frozen=True)
class Found:
    standing: tuple[str, ...]
    rows: Counter[str]
    """How many rows each table of the product has."""


async def found(session: AsyncSession, number: str) -> Found:
    """With every chain and every outbox row looked at."""
    standing = (await session.execute(STANDING, {"number": number})).one()
    tables = (await session.execute(text(TABLES))).scalars().all()
    counts = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS rows FROM ticket.\"{name}\"" for name in tables)
    rows = Counter({row.name: int(row.rows) for row in await session.execute(text(counts))})
    await _agrees(session, number)
    return Found(tuple(standing), rows)


async def _agrees(session: AsyncSession, number: str) -> None:
    ticket = (await session.execute(select(Ticket).filter_by(ticket_no=number))).scalar_one()
    query = select(TicketNote).filter_by(ticket_id=ticket.id).order_by(TicketNote.seq)
    notes: Any = (await session.execute(query)).scalars().all()
    assert verify(notes, head=(ticket.chain_seq, ticket.chain_hash)) is None
    untold = (await session.execute(UNTOLD.where(TicketNote.ticket_id == ticket.id))).scalars().all()
    assert untold == [], "every event is also in the outbox"


def change(before: Found, after: Found) -> dict[str, int]:
    return {name: after.rows[name] - before.rows[name] for name in after.rows if after.rows[name] != before.rows[name]}
