"""Who watches a ticket."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.db.constants import given
from app.tickets.models import Ticket
from app.tickets.visibility import seen_by_user
from app.tickets.watchers.models import TicketWatcher

MOST_SHOWN = 500


async def watchers_of(session: AsyncSession, ticket: Ticket) -> Sequence[User]:
    """By name, those who may see it now; the ticket was found for whoever asks."""
    query = _here() if ticket.open_to_all else _who_may_see_it()
    return (await session.execute(query, {"ticket": ticket.id})).scalars().all()


@lru_cache
def _here() -> Select[User]:
    """Of what is open to all, as the predicate says: whoever is active. To plan the whole of it takes longer."""
    query = select(User).join(TicketWatcher, TicketWatcher.user_id == User.id)
    query = query.where(TicketWatcher.ticket_id == given("ticket"), User.deactivated_at.is_(None))
    return query.order_by(User.name, User.id).limit(MOST_SHOWN)


@lru_cache
def _who_may_see_it() -> Select[User]:
    query = (
        select(User)
        .join(TicketWatcher, TicketWatcher.user_id == User.id)
        .join(Ticket, Ticket.id == TicketWatcher.ticket_id)
        .where(Ticket.id == given("ticket"), seen_by_user())
    )
    return query.order_by(User.name, User.id).limit(MOST_SHOWN)


async def ids_of_watchers(session: AsyncSession, ticket: Ticket) -> set[int]:
    """Whether they may hear is asked by who tells them."""
    return set((await session.execute(select(TicketWatcher.user_id).filter_by(ticket_id=ticket.id))).scalars())
