"""Who watches a ticket."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.tickets.models import Ticket
from app.tickets.visibility import seen_by_user
from app.tickets.watchers.models import TicketWatcher

MOST_SHOWN = 500


async def watchers_of(session: AsyncSession, ticket: Ticket) -> Sequence[User]:
    """By name, those who may see it now; the ticket was found for whoever asks."""
    query = (
        select(User)
        .join(TicketWatcher, TicketWatcher.user_id == User.id)
        .join(Ticket, Ticket.id == TicketWatcher.ticket_id)
        .where(Ticket.id == ticket.id, seen_by_user())
    )
    return (await session.execute(query.order_by(User.name, User.id).limit(MOST_SHOWN))).scalars().all()


async def ids_of_watchers(session: AsyncSession, ticket: Ticket) -> set[int]:
    """Whether they may hear is asked by who tells them."""
    return set((await session.execute(select(TicketWatcher.user_id).filter_by(ticket_id=ticket.id))).scalars())
