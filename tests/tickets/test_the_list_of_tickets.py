"""The list: filters in the address, keyset pages, counts, and nothing of what its reader may not see."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.tickets.filters import TicketFilters
from app.tickets.models import Priority, Ticket
from app.tickets.repository import counts_of, page_of_tickets
from app.tickets.search import reindex
from app.web import paging
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import ask

NUMBER = re.compile(r'data-key="([A-Z]+-\d+)"')


def numbers(text: str) -> list[str]:
    return list(dict.fromkeys(NUMBER.findall(text)))


async def some_tickets(session: AsyncSession, who: Browser, count: int, **facts: object) -> list[Ticket]:
    """Open to all, all of the same moment, so that only their ids tell them apart."""
    at = utc_now()
    made = [
        Ticket(
            ticket_no=f"TIC-{90_000 + n}", title=f"Ticket {n}", status="open", requester_id=who.id, created_by=who.id,
            updated_by=who.id, submitted_at=at, created_at=at, updated_at=at, **facts,
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(made)
    await session.commit()
    return made


@pytest.mark.parametrize(
    "sort", ["-created_at", "created_at", "-updated_at", "priority", "-priority", "due_at", "-due_at"]
)
async def test_pages_hold_each_ticket_once_even_where_all_tie(
    session: AsyncSession, company: Company, hana: Browser, sort: str
) -> None:
    made = await some_tickets(session, hana, 23)
    now = utc_now()
    for n, ticket in enumerate(made):
        ticket.priority = list(Priority)[n % 4]
        ticket.due_at = None if n % 3 == 0 else now + timedelta(days=n % 2)
    await session.commit()
    filters, actor, seen, cursor = TicketFilters(sort=sort), await hana.actor(), list[str](), None
    for _ in range(10):
        page = await page_of_tickets(session, actor, filters, now=now, cursor=cursor, size=5)
        seen += [row.ticket_no for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 23
    if sort.endswith("due_at"):
        undated = {ticket.ticket_no for ticket in made if ticket.due_at is None}
        assert set(seen[-len(undated) :]) == undated, "what has no date comes last, whichever way round"


async def test_hidden_tickets_leave_no_gap_and_are_not_counted(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    made = await some_tickets(session, hana, 12)
    for ticket in made[::2]:
        ticket.visibility = "restricted"
    await session.commit()
    now, outsider = utc_now(), await otto.actor()
    page = await page_of_tickets(session, outsider, TicketFilters(), now=now, size=6)
    assert len(page.rows) == 6
    assert page.next_cursor is None
    [count] = await counts_of(session, outsider, [TicketFilters()], now=now)
    assert count.number == 6
    assert numbers((await otto.get("/tickets")).text) == [ticket.ticket_no for ticket in reversed(made[1::2])]


async def test_counts_stop_at_a_thousand(session: AsyncSession, company: Company, hana: Browser) -> None:
    await some_tickets(session, hana, 1_001)
    assert "1,000+ tickets" in (await hana.get("/tickets")).text


async def test_what_had_more_than_a_thousand_is_not_counted_again_within_a_minute(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    """But what had fewer is, and for somebody else too: they see other tickets."""
    made = await some_tickets(session, hana, 1_001)
    lists = [TicketFilters(), TicketFilters(priority=("urgent",))]
    actor, other, now = await hana.actor(), await otto.actor(), utc_now()
    assert [one.text for one in await counts_of(session, actor, lists, now=now)] == ["1,000+", "0"]
    for urgent, hidden in zip(made[:2], made[2:4], strict=True):
        urgent.priority, hidden.visibility = "urgent", "restricted"
    await session.commit()
    assert [one.text for one in await counts_of(session, actor, lists, now=now)] == ["1,000+", "2"]
    assert [one.text for one in await counts_of(session, other, lists, now=now)] == ["999", "2"]
    for counted in paging._many:
        paging._many[counted] -= paging.MANY_FOR
    await session.execute(update(Ticket).where(Ticket.id.in_([one.id for one in made[:2]])).values(deleted_at=now))
    assert [one.text for one in await counts_of(session, actor, lists, now=now)] == ["997", "0"]


async def test_each_filter_finds_what_it_says(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser, omar: Browser
) -> None:
    waiting = await ask(session, hana)
    late, plain = await some_tickets(session, omar, 2)
    late.due_at, late.priority, late.assignee_id = utc_now() - timedelta(days=2), "urgent", jonas.id
    await session.commit()
    found = {
        "status=waiting_approval": [waiting], "status=open": [plain, late], "priority=urgent": [late],
        "assignee=me": [], f"assignee={jonas.id}": [late], "assignee=none": [plain, waiting], "creator=me": [waiting],
        f"creator={omar.id}": [plain, late], "due=overdue": [late], "due=risk": [late], "template=none": [plain, late],
        f"template={waiting.template_id}": [waiting], f"waiting_on={daniel.id}": [waiting],
        "step=line_manager": [waiting], "step=legal": [],
        "step=line_manager&waited=8h": [waiting], "waited=more": [],
        "q=thermal": [waiting],
        f"q={waiting.ticket_no}": [waiting], "q=zzz": [], "approval=returned": [], "approval=running": [waiting],
        f"category={company.categories['Purchase'].id}": [], f"assigned_role={waiting.assigned_role_id}": [waiting],
        "created_from=2020-01-01": [plain, late, waiting], "created_to=2020-01-01": [], "resolved_from=2020-01-01": [],
        "status=open&status=waiting_approval&priority=urgent": [late],
    }  # fmt: skip
    for query, expected in found.items():
        page = await hana.get(f"/tickets?{query}")
        assert page.status_code == 200
        assert sorted(numbers(page.text)) == sorted(ticket.ticket_no for ticket in expected), query


@pytest.mark.parametrize(
    "query",
    [
        "status=gone", "assignee=99999999999999999999", "assignee=-1", "assignee=１", "created_from=yesterday",
        "sort=title;drop", "due=%00", "label=1_0", "waited=%F0%9F%8E%89", "nonsense=1", "q=%00", "q=%ED%A0%80",
        "q='%20|%20!(", "cursor=AAAA", "cursor=WyIyMDI2IiwxXQ", "step=%27%3B--", "q=" + "x" * 5000,
        "priority=high&priority=nope",
        "created_to=9999-12-31",
    ],
)  # fmt: skip
async def test_what_no_filter_can_mean_is_shown_and_ignored(company: Company, hana: Browser, query: str) -> None:
    page = await hana.get(f"/tickets?{query}")
    assert page.status_code == 200, page.text


async def test_an_unknown_value_becomes_a_red_chip(company: Company, hana: Browser) -> None:
    page = await hana.get("/tickets?status=gone")
    assert 'class="chip neg"' in page.text
    assert "is unknown:" in page.text


def test_an_address_says_its_filters_and_is_read_back() -> None:
    filters = TicketFilters(
        q="two words", status=("open", "in_progress"), assignee=("me",), due=("risk",), sort="due_at"
    )
    url = urlsplit(filters.url())
    assert url.path == "/tickets"
    assert TicketFilters.read(parse_qsl(url.query)) == filters
    assert TicketFilters().url() == "/tickets"
    assert TicketFilters(status=("open",)).without("status", "open") == "/tickets"
    assert TicketFilters().sorted_by("created_at") == "/tickets?sort=created_at"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("採購單", True), ("購單", True), ("採", True), ("購", True), ("件", True),
        ("ERP 採購", True), ("採 er", True), ("單採", False), ("書", False), ("採 zzz", False),
    ],
    ids=["word", "part", "first", "middle", "last", "with-latin", "one-with-latin", "other-order", "absent", "half"],
)  # fmt: skip
async def test_chinese_words_and_single_characters_are_found_inside_a_sentence(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, words: str, found: bool
) -> None:
    shown, hidden = await some_tickets(session, hana, 2)
    hidden.visibility = "restricted"
    for ticket in (shown, hidden):
        ticket.title = "請在ERP裡開採購單附件"
        await session.flush()
        await reindex(session, ticket)
    await session.commit()
    assert numbers((await otto.get("/tickets", q=words)).text) == ([shown.ticket_no] if found else [])


async def test_filters_can_be_added_without_javascript(company: Company, hana: Browser) -> None:
    page = await hana.get("/tickets?status=open&add=1")
    assert 'name="where.2.field"' in page.text
    tidied = await hana.get("/tickets?status=open&priority=&label=")
    assert (tidied.status_code, tidied.headers["location"]) == (303, "/tickets?status=open")


async def test_the_list_costs_the_same_with_one_row_and_with_fifty(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana)
    with counting() as one:
        await hana.get("/tickets")
    for _ in range(3):
        await ask(session, hana)
    await some_tickets(session, hana, 46)
    with counting() as fifty:
        page = await hana.get("/tickets")
    assert len(numbers(page.text)) == 50
    assert len(one) == len(fifty)
