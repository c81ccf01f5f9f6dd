"""From ticket to ticket through the list that one came from, which the address names; by where a ticket stands in its
order, so also when it is no longer in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.db.constants import planned_each_time
from app.db.patience import Patience
from app.tickets.filters import TicketFilters
from app.tickets.grouping import Grouping
from app.tickets.list_fields import understood
from app.tickets.models import Ticket
from app.tickets.orders import order_of
from app.tickets.repository import counts_of, page_of_tickets
from app.web.paging import encode_cursor

LONGEST = 8_000
AT_MOST = 500
"""Milliseconds for one statement: a list that takes longer is left by its own page."""


def listed_pairs(said: str | None) -> list[tuple[str, str]]:
    """Of what an address says in `list`; all tickets where that is too long to be one of ours."""
    return parse_qsl(said) if said and len(said) <= LONGEST else []


@dataclass(frozen=True, slots=True)
class Walk:
    """Either end is none, where there is nothing further that this reader may see."""

    filters: TicketFilters
    before: Row[Any] | None
    after: Row[Any] | None

    @property
    def list_url(self) -> str:
        return self.filters.url()

    @property
    def steps(self) -> Iterator[tuple[int, Row[Any] | None, str]]:
        for step, row in ((-1, self.before), (1, self.after)):
            yield step, row, f"/tickets/{row.ticket_no}?{urlencode({'list': self.filters.query()})}" if row else ""


async def walk_from(
    session: AsyncSession, actor: Actor, ticket: Ticket, said: str | None, *, now: datetime
) -> Walk | None:
    """`said`: the list as its address says it, empty for all tickets; none asks for nothing."""
    if said is None or len(said) > LONGEST:
        return None
    filters = await understood(session, actor, TicketFilters.read(listed_pairs(said)))

    async def look() -> Walk | None:
        return await _walk(session, actor, ticket, filters, now)

    return await Patience(session, at_most=AT_MOST).wait_for("walk", look, None)


async def _walk(session: AsyncSession, actor: Actor, ticket: Ticket, filters: TicketFilters, now: datetime) -> Walk:
    """Where a list has groups, within its own."""
    within = filters
    if filters.group:
        grouping = Grouping(filters.group, {})
        within = grouping.narrowed(filters, grouping.value_of(ticket))
    order = await order_of(session, within)
    found = await session.execute(planned_each_time(select(*order.selected).where(Ticket.id == ticket.id)))
    here = encode_cursor(order.place_of(found.one()))
    [count] = await counts_of(session, actor, [within], now=now)
    before, after = [
        await page_of_tickets(session, actor, within, now=now, cursor=here, size=1, backwards=backwards, count=count)
        for backwards in (True, False)
    ]
    return Walk(filters, next(iter(before.rows), None), next(iter(after.rows), None))
