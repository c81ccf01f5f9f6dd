"""A ticket that was opened from a list leads on to the next one in it, by its order and by who looks."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import understood
from app.tickets.models import Ticket, Visibility
from app.tickets.repository import page_of_tickets
from app.tickets.walking import walk_from
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import ask, republish_form
from tests.tickets.test_sorting_by_fields import with_values

STEP = re.compile(r'<a class="[^"]*" href="([^"]*)"[^>]*data-step="(-?1)"')


async def steps(who: Browser, number: str, said: str | None) -> dict[str, str]:
    """Where the ticket's page leads on to, by step."""
    page = await who.get(f"/tickets/{number}", **({} if said is None else {"list": said}))
    assert page.status_code == 200
    return {step: unescape(url) for url, step in STEP.findall(page.text)}


def number_in(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


async def test_its_page_leads_to_the_tickets_beside_it_and_back_to_the_list(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    first, hidden, second, draft = [
        await ask(session, hana, title=title, visibility=visibility)
        for title, visibility in (
            ("First", Visibility.INTERNAL), ("Hush", Visibility.RESTRICTED), ("Second", Visibility.INTERNAL),
            ("Third", Visibility.INTERNAL),
        )
    ]  # fmt: skip
    said = "status=waiting_approval&sort=created_at"
    mine = await steps(hana, second.ticket_no, said)
    assert (number_in(mine["-1"]), number_in(mine["1"])) == (hidden.ticket_no, draft.ticket_no)
    theirs = await steps(otto, second.ticket_no, said)
    assert (number_in(theirs["-1"]), number_in(theirs["1"])) == (first.ticket_no, draft.ticket_no)
    assert parse_qsl(urlsplit(theirs["1"]).query) == [("list", said)]
    page = (await otto.get(theirs["-1"])).text
    assert "This is the first in this list" in page
    assert 'href="/tickets?status=waiting_approval&amp;sort=created_at"' in page
    assert (await otto.get(f"/tickets/{hidden.ticket_no}?list=")).status_code == 404


async def test_who_came_from_no_list_is_led_nowhere_and_nothing_is_asked_for_it(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket, _other = await ask(session, hana, title="First"), await ask(session, hana, title="Second")
    assert await steps(hana, ticket.ticket_no, None) == {}
    with counting() as plain:
        await hana.get(f"/tickets/{ticket.ticket_no}")
    with counting() as walked:
        await hana.get(f"/tickets/{ticket.ticket_no}?list=")
    assert len(walked) - len(plain) <= 7, "the place, a look either way, and their patience"


@pytest.mark.parametrize(
    "said", ["f=nonsense%00&sort=%FF&status=x", "&&&=%ud800", "x" * 9_000, "cursor=abc&sort=-due_at"]
)
async def test_a_list_that_nobody_can_mean_breaks_nothing(
    session: AsyncSession, company: Company, hana: Browser, said: str
) -> None:
    ticket = await ask(session, hana)
    assert (await hana.get(f"/tickets/{ticket.ticket_no}?{urlencode({'list': said})}")).status_code == 200


async def test_what_is_no_longer_in_the_list_goes_on_from_where_it_stood(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    tickets = [await ask(session, hana, title=title) for title in ("First", "Second", "Third")]
    await hana.post(f"/tickets/{tickets[1].ticket_no}/withdrawal", reason="No need.")
    found = await steps(hana, tickets[1].ticket_no, "status=waiting_approval")
    assert {step: number_in(url) for step, url in found.items()} == {
        "-1": tickets[2].ticket_no, "1": tickets[0].ticket_no,
    }  # fmt: skip


async def test_a_list_in_groups_is_walked_within_the_group(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    tickets = [await ask(session, hana, title=title) for title in ("First", "Second", "Third")]
    await hana.post(f"/tickets/{tickets[1].ticket_no}/withdrawal", reason="No need.")
    found = await steps(hana, tickets[2].ticket_no, "group=status")
    assert {step: number_in(url) for step, url in found.items()} == {"1": tickets[0].ticket_no}
    assert parse_qsl(urlsplit(found["1"]).query) == [("list", "group=status")]


Change = Callable[[Ticket, int], Any]


def due(ticket: Ticket, n: int) -> None:
    ticket.due_at = None if n % 3 == 0 else utc_now() + timedelta(days=n % 4)


def rank(ticket: Ticket, n: int) -> None:
    ticket.priority = ("low", "high", "urgent")[n % 3]  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("sort", "values", "change"),
    [
        ("created_at", [None], None), ("-updated_at", [None], None), ("due_at", [None], due), ("-due_at", [None], due),
        ("-priority", [None], rank), ("cost_center", ["cc_4410", "cc_1100", None, "cc_gone"], None),
        ("-cost_center", ["cc_4410", "cc_1100", None, "cc_gone"], None),
        ("-amount", [{"amount": "9.00", "currency": "EUR"}, {"amount": "8.00"}, None], None),
    ],
)  # fmt: skip
async def test_every_order_is_walked_both_ways_as_its_pages_go(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, sort: str, values: list[Any],
    change: Change | None,
) -> None:  # fmt: skip
    key = sort.removeprefix("-")
    if key in {"cost_center", "amount"}:
        await republish_form(session, ada, "purchase-request", **{key: {"filterable": True}})
    made = await with_values(session, hana, key, values, count=9)
    for n, ticket in enumerate(made):
        if change is not None:
            change(ticket, n)
    await session.commit()
    actor, now = await hana.actor(), utc_now()
    await _is_walked(session, actor, made, f"sort={sort}", now)


async def test_what_a_search_finds_is_walked_too(session: AsyncSession, company: Company, hana: Browser) -> None:
    made = [await ask(session, hana, title=f"Lathe {n}") for n in range(3)]
    made[1].due_at = utc_now()
    await session.commit()
    await _is_walked(session, await hana.actor(), made, "q=lathe&sort=-due_at", utc_now())


async def _is_walked(session: AsyncSession, actor: Actor, made: list[Ticket], said: str, now: Any) -> None:
    filters = await understood(session, actor, TicketFilters.read(parse_qsl(said)))
    listed = [row.ticket_no for row in (await page_of_tickets(session, actor, filters, now=now)).rows]
    by_number = {one.ticket_no: one for one in made}
    assert sorted(listed) == sorted(by_number)
    for n, number in enumerate(listed):
        walk = await walk_from(session, actor, by_number[number], said, now=now)
        assert walk is not None
        assert walk.before is None if n == 0 else walk.before.ticket_no == listed[n - 1]
        assert walk.after is None if n == len(listed) - 1 else walk.after.ticket_no == listed[n + 1]
