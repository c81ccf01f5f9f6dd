"""Signs what can't be taken back any more, and hands receipts to whoever may see the ticket."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.dispatch import reader
from app.activity.models import TicketNote
from app.activity.outbox import News
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover, ApprovalReceipt
from app.approvals.receipts import MEANINGS, Vote, key_ring
from app.clock import database_now
from app.tickets.models import Ticket

_VOTES = {"approval_approved", "approval_rejected", "approval_returned", "approval_abstained"}
Seat, Step, Process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess


@reader
async def sign(session: AsyncSession, news: list[News]) -> None:
    """Votes come here 15 seconds after they were cast, and not at all if they were taken back meanwhile."""
    keys = key_ring()
    noted = [each.note.id for each in news if each.note and (each.note.event_type or "") in _VOTES]
    if keys is None or not noted:
        return
    now = await database_now(session)
    for row in await session.execute(_votes_of(noted)):
        values = {"seat_id": row.seat_id, "ticket_id": row.ticket_id, "token": keys.sign(_vote(row)), "signed_at": now}
        await session.execute(insert(ApprovalReceipt).values(values).on_conflict_do_nothing())


def _votes_of(note_ids: Sequence[int]) -> Any:
    engine = TicketNote.event_details["engine"]
    its_seat = and_(Seat.step_id == Step.id, Seat.number == engine["seat"].as_integer())
    return (
        select(
            Seat.id.label("seat_id"), Ticket.id.label("ticket_id"), Ticket.ticket_no, Process.id.label("process_id"),
            Step.step_key, Step.round, Seat.acted_by, Seat.on_behalf_of, Seat.status, Seat.comment, Seat.seen_hash,
            Seat.decided_at, TicketNote.seq, TicketNote.hash, engine["signed_in_at"].as_string().label("signed_in_at"),
        )
        .select_from(TicketNote)
        .join(Process, Process.id == TicketNote.event_details["process"].as_integer())
        .join(Ticket, Ticket.id == Process.ticket_id)
        .join(Step, Step.process_id == Process.id)
        .join(Seat, its_seat)
        .where(TicketNote.id.in_(note_ids), Seat.status.in_(list(MEANINGS)))
        .order_by(Seat.id)
    )  # fmt: skip


def _vote(row: Row[Any]) -> Vote:
    return Vote(
        ticket_no=row.ticket_no, process=row.process_id, step=row.step_key, round=row.round, seat=row.seat_id,
        actor=row.acted_by, on_behalf_of=row.on_behalf_of, meaning=MEANINGS[row.status], comment=row.comment,
        content_hash=row.seen_hash or "", at=row.decided_at, chain_seq=row.seq, chain_hash=row.hash,
        signed_in_at=row.signed_in_at,
    )  # fmt: skip


async def receipts_of(session: AsyncSession, ticket: Ticket) -> Sequence[str]:
    """In the order of the votes; the caller found the ticket through what its reader may see."""
    query = select(ApprovalReceipt.token).filter_by(ticket_id=ticket.id).order_by(ApprovalReceipt.seat_id)
    return (await session.execute(query)).scalars().all()
