"""What few tickets are is found and then sorted, what many are is read in its order: both give the same pages."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.tickets.filters import SORTS, TicketFilters
from app.tickets.grouping import grouped_page, grouping_of
from app.tickets.models import Priority
from app.tickets.repository import has_few, page_of_tickets
from app.web.paging import Count
from tests.cast import Browser, Company
from tests.story import ask

FEW, MANY = Count(7), Count(1_000, exact=False)
LISTS = (
    (("creator", "me"),),
    (("due", "risk"),),
    (("approval", "running"),),
    (("waited", "8h"),),
    (("waiting_on", "me"),),
)


@pytest.fixture
async def seven(session: AsyncSession, company: Company, hana: Browser) -> list[str]:
    found = []
    for number in range(7):
        ticket = await ask(session, hana, title=f"Number {number}")
        ticket.priority = list(Priority)[number % 4]
        ticket.due_at = utc_now() + timedelta(minutes=number % 3 - 1) if number % 2 else None
        found.append(ticket.ticket_no)
    await session.flush()
    return found


async def pages(session: AsyncSession, who: Browser, filters: TicketFilters, count: Count) -> list[list[str]]:
    """Three tickets each, to the end."""
    actor, now, found = await who.actor(), utc_now(), list[list[str]]()
    grouping = await grouping_of(session, filters) if filters.group else None
    cursor = None
    while True:
        options: dict[str, Any] = {"now": now, "cursor": cursor, "size": 3, "count": count}
        if grouping is None:
            page = await page_of_tickets(session, actor, filters, **options)
        else:
            page = await grouped_page(session, actor, filters, grouping, **options)
        found.append([row.ticket_no for row in page.rows])
        cursor = page.next_cursor
        if cursor is None:
            return found


ORDERS = [f"{sign}{sort}" for sort in SORTS for sign in ("", "-")]
GROUPED = [(sort, group) for sort in ("-created_at", "due_at") for group in ("status", "assignee", "template")]


@pytest.mark.parametrize(("sort", "group"), [*((sort, "") for sort in ORDERS), *GROUPED])
async def test_every_order_and_group_has_the_same_pages(
    session: AsyncSession, seven: list[str], hana: Browser, daniel: Browser, sort: str, group: str
) -> None:
    for pairs in LISTS:
        filters = TicketFilters.read([*pairs, ("sort", sort), ("group", group)])
        who = daniel if pairs[0][0] == "waiting_on" else hana
        few, many = [await pages(session, who, filters, count) for count in (FEW, MANY)]
        assert few == many
        assert {one for page in few for one in page} <= set(seven)
    assert len(few) > 1


async def test_which_way_is_taken_is_told_by_the_count(session: AsyncSession, seven: list[str], hana: Browser) -> None:
    actor, now = await hana.actor(), utc_now()
    mine = TicketFilters.read([("creator", "me")])
    assert await has_few(session, actor, mine, now=now)
    assert not await has_few(session, actor, mine, now=now, count=MANY)
    assert not await has_few(session, actor, TicketFilters(), now=now, count=FEW)
