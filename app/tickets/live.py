"""What a live page of one ticket shows, short enough to compare: nothing of it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import Actor
from app.db.constants import given
from app.tickets import events
from app.tickets.hearing import names_nothing_hidden
from app.tickets.models import Ticket
from app.tickets.visibility import approver_of, visible


@dataclass(frozen=True, slots=True)
class Newest:
    """The last entry of the timeline that this reader hears, and the version of the ticket."""

    note: int
    version: int

    def __str__(self) -> str:
        return f"{self.note}/{self.version}"


async def newest(session: AsyncSession, actor: Actor, ticket_id: int) -> Newest | None:
    """None: there is no such ticket for them."""
    row = (await session.execute(_newest(actor.rights), {"ticket": ticket_id})).one_or_none()
    return Newest(row[0], row[1]) if row else None


def newest_of(latest: Sequence[Any], ticket: Ticket) -> Newest | None:
    """The same, of a timeline whose latest rows are at hand; None where it has to be asked for."""
    told = [row.id for row in latest if row.event_type != events.RESTRICTED_VIEWED.code]
    return Newest(max(told), ticket.version) if told else None


@lru_cache(maxsize=1000)
def _newest(actor: Actor) -> Select[int, int]:
    last = _heard(actor, func.coalesce(func.max(TicketNote.id), 0)).scalar_subquery()
    return select(last, Ticket.version).where(Ticket.id == given("ticket"), visible(actor))


async def news_since(session: AsyncSession, actor: Actor, ticket: Ticket, note: int) -> int:
    """So many entries of others have come; the ticket was found for this reader."""
    others = _heard(actor, func.count()).where(TicketNote.id > note, TicketNote.created_by != actor.id)
    query = select(others.scalar_subquery()).where(Ticket.id == ticket.id, visible(actor))
    return (await session.execute(query)).scalar_one_or_none() or 0


def _heard(actor: Actor, what: ColumnElement[int]) -> Select[int]:
    """What approvers write to each other is theirs; that somebody looked is no news."""
    return (
        select(what)
        .where(TicketNote.ticket_id == Ticket.id, TicketNote.deleted_at.is_(None))
        .where(TicketNote.event_type.is_distinct_from(events.RESTRICTED_VIEWED.code))
        .where(or_(TicketNote.audience == "everyone", approver_of(actor)), names_nothing_hidden(actor))
        .correlate(Ticket)
    )
