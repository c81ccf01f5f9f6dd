"""Who else is here: of those whose browsers say so, the ones who may see the ticket."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from sqlalchemy import Select, delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.actor import Actor
from app.db.constants import given
from app.db.session import Database
from app.tickets.models import Ticket
from app.tickets.presence.models import TicketPresence
from app.tickets.visibility import seen_by_user, visible
from app.web.hub import PRESENCE, Here

LASTS = text("interval '30 seconds'")
FORGOTTEN_AFTER = text("interval '1 hour'")
MOST_SHOWN = 50


async def others_here(session: AsyncSession, actor: Actor, ticket_id: int) -> Sequence[User]:
    """By name. Asked with both pairs of eyes: nobody is shown on what either of them may not see now."""
    return (await session.execute(_others(actor.rights), {"ticket": ticket_id})).scalars().all()


@lru_cache(maxsize=1000)
def _others(actor: Actor) -> Select[User]:
    query = (
        select(User)
        .join(TicketPresence, TicketPresence.user_id == User.id)
        .join(Ticket, Ticket.id == TicketPresence.ticket_id)
        .where(Ticket.id == given("ticket"), visible(actor), seen_by_user(), User.id != actor.id)
        .where(TicketPresence.seen_at > func.clock_timestamp() - LASTS)
    )
    return query.order_by(User.name, User.id).limit(MOST_SHOWN)


async def attend(database: Database, here: Collection[Here], came: Collection[Here], went: Collection[Here]) -> None:
    """What one process says of its open pages; the pages of all processes hear of who came and went."""
    async with database.in_its_own() as session:
        if here:
            rows = [{"ticket_id": ticket, "user_id": user} for ticket, user in sorted(here)]
            again = insert(TicketPresence).values(rows)
            again = again.on_conflict_do_update(
                index_elements=[TicketPresence.ticket_id, TicketPresence.user_id],
                set_={"seen_at": func.clock_timestamp()},
            )
            await session.execute(again)
        if went:
            gone = tuple_(TicketPresence.ticket_id, TicketPresence.user_id).in_(sorted(went))
            await session.execute(delete(TicketPresence).where(gone))
        await session.execute(
            delete(TicketPresence).where(TicketPresence.seen_at < func.clock_timestamp() - FORGOTTEN_AFTER)
        )
        for ticket in sorted({ticket for ticket, _user in (*came, *went)}):
            await session.execute(select(func.pg_notify(PRESENCE, str(ticket))))
