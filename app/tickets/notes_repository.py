"""The notes of one ticket from the first to the last, for readers that go through all of them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import Actor
from app.tickets.hearing import names_nothing_hidden
from app.web.paging import Page, cut, decode_cursor


async def page_of_notes(
    session: AsyncSession, actor: Actor, ticket_id: int, *, is_approver: bool, cursor: str | None, size: int
) -> Page[TicketNote]:
    """The ticket was found for its reader; what its approvers write to each other is theirs."""
    query = select(TicketNote).where(TicketNote.ticket_id == ticket_id, names_nothing_hidden(actor))
    if not is_approver:
        query = query.where(TicketNote.audience == "everyone")
    if after := decode_cursor(cursor, (int,)):
        query = query.where(TicketNote.id > after[0])
    rows = (await session.execute(query.order_by(TicketNote.id).limit(size + 1))).scalars().all()
    return cut(rows, size, lambda row: (row.id,))
