"""A list in the order of a form's field: stable pages, nothing last, and never for who may not read the field."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.conditions import Field, Kind
from app.ticket_templates.service import TicketTemplates
from app.tickets.filters import TicketFilters
from app.tickets.grouping import grouped_page, grouping_of
from app.tickets.models import Ticket
from app.tickets.repository import page_of_tickets
from app.web.paging import encode_cursor
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import CAMERAS, ask, republish_form

CENTRES = ("cc_4410", "cc_2200", "cc_1100")
"""As their form lists them, which is no alphabet's order."""


def money(value: Any) -> Any:
    return (value["currency"], Decimal(value["amount"])) if isinstance(value, dict) and len(value) == 2 else None


EUR, USD = ({"amount": "20.00", "currency": code} for code in ("EUR", "USD"))
MANY: dict[Kind, tuple[list[Any], Callable[[Any], Any]]] = {
    Kind.NUMBER: (["10", "9.5", "-3", None, "100", "many"], lambda one: Decimal(one) if one != "many" else None),
    Kind.MONEY: ([EUR, USD, {"amount": "9.00", "currency": "USD"}, None, {"amount": "8.00"}], money),
    Kind.TEXT: (["Zinc", "apple", "Äther", None, "apple pie", "x" * 5_000, "a%b"], lambda one: one.lower()[:100]),
    Kind.DATE: (["2026-03-01", "2025-12-31", None, "2026-03-02"], lambda one: one),
    Kind.DATETIME: (["2026-03-01T10:00:00Z", None, "2026-03-01T09:59:59Z"], lambda one: one),
    Kind.BOOLEAN: ([True, False, None], lambda one: one),
    Kind.CHOICE: (
        [*reversed(CENTRES), None, "cc_gone"], lambda one: CENTRES.index(one) if one in CENTRES else None,
    ),
}  # fmt: skip


async def with_values(
    session: AsyncSession, who: Browser, key: str, values: list[Any], count: int = 23
) -> list[Ticket]:
    """Open to all; some of one moment, so that only their ids tell them apart."""
    at = utc_now()
    form = await TicketTemplates(session, await who.actor()).form("purchase-request")
    made = [
        Ticket(
            ticket_no=f"TIC-{70_000 + n}", title=f"Ticket {n}", status=("open", "in_progress")[n % 2],
            requester_id=who.id, created_by=who.id, updated_by=who.id, submitted_at=at, updated_at=at,
            created_at=at - timedelta(minutes=n * 7 % 5), template_id=form.template.id,
            template_version_id=form.version.id,
            custom_fields_data={} if (value := values[n % len(values)]) is None else {key: value},
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(made)
    await session.commit()
    return made


def sorted_by(made: list[Ticket], key: str, place: Callable[[Any], Any], *, descending: bool) -> list[str]:
    def value(one: Ticket) -> Any:
        return None if (stored := one.custom_fields_data.get(key)) is None else place(stored)

    def ties(one: Ticket) -> Any:
        return one.created_at, one.id

    there = [one for one in made if value(one) is not None]
    nothing = [one for one in made if value(one) is None]
    there.sort(key=lambda one: (value(one), *ties(one)), reverse=descending)
    nothing.sort(key=ties, reverse=descending)
    return [one.ticket_no for one in (*there, *nothing)]


async def paged(session: AsyncSession, actor: Actor, filters: TicketFilters, size: int = 5) -> list[str]:
    seen, cursor = list[str](), None
    for _ in range(20):
        if filters.group:
            grouping = await grouping_of(session, filters)
            page = await grouped_page(session, actor, filters, grouping, now=utc_now(), cursor=cursor, size=size)
        else:
            page = await page_of_tickets(session, actor, filters, now=utc_now(), cursor=cursor, size=size)
        seen += [row.ticket_no for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return seen
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("sign", ["", "-"], ids=["ascending", "descending"])
@pytest.mark.parametrize("kind", list(MANY), ids=str)
async def test_pages_follow_the_field_hold_each_ticket_once_and_end_with_what_has_none(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, kind: Kind, sign: str
) -> None:
    values, place = MANY[kind]
    made = await with_values(session, hana, "probe", values)
    field = Field("probe", "Probe", kind, options=dict.fromkeys(CENTRES, ""))
    filters, actor = TicketFilters(sort=f"{sign}probe", sort_field=field), await otto.actor()
    expected = sorted_by(made, "probe", place, descending=bool(sign))
    assert await paged(session, actor, filters) == expected
    grouped = TicketFilters(sort=f"{sign}probe", sort_field=field, group="status")
    state = {one.ticket_no: one.status for one in made}
    assert await paged(session, actor, grouped) == sorted(expected, key=lambda one: state[one] != "open")


async def test_people_are_sorted_by_their_names(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    cast = sorted(company.cast.people.values(), key=lambda one: one.name.lower())
    made = await with_values(session, hana, "probe", [*(one.id for one in cast), None], len(cast) + 3)
    places = {one.id: number for number, one in enumerate(cast)}
    filters = TicketFilters(sort="probe", sort_field=Field("probe", "Probe", Kind.USER))
    expected = sorted_by(made, "probe", places.__getitem__, descending=False)
    assert await paged(session, await otto.actor(), filters) == expected


async def test_a_marked_field_is_a_heading_an_entry_of_the_menu_and_an_address(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    small = await ask(session, hana, {**CAMERAS, "amount": {"amount": "900.00", "currency": "EUR"}})
    large = await ask(session, hana)
    none = await with_values(session, hana, "amount", [None], 1)
    page = (await hana.get("/tickets?columns=amount,supplier,budgeted,needed_by")).text
    for url in ("sort=-amount", "sort=supplier", "sort=-needed_by"):
        assert re.search(rf'<th[^>]*><a href="/tickets\?{url}&amp;columns=', page), url
        assert len(re.findall(rf'href="/tickets\?{url}&amp;', page)) == 3, "the menu, and the sheet on a phone"
    assert "sort=-budgeted" not in page, "no administrator marked it"
    shown = (await hana.get("/tickets?sort=-amount&columns=amount,status")).text
    order = list(dict.fromkeys(re.findall(r'data-key="([A-Z]+-\d+)"', shown)))
    assert order == [large.ticket_no, small.ticket_no, none[0].ticket_no]
    assert re.search(
        r'aria-sort="descending"><a href="/tickets\?sort=amount&amp;columns=amount%2Cstatus">Amount', shown
    )
    panel = unescape((await hana.get("/tickets?sort=cost_center&arrange=1")).text)
    for url in ("sort=-cost_center", "sort=supplier", "sort=destination", "sort=-created_at", "sort=due_at"):
        assert f'href="/tickets?{url}"' in panel.replace('href="/tickets"', 'href="/tickets?sort=-created_at"'), url
    assert "Cost centre" in (await hana.get("/tickets?sort=cost_center")).text, "the menu says the order it has"


async def test_views_exports_and_calls_have_the_order_too(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    large = await ask(session, hana)
    small = await ask(session, hana, {**CAMERAS, "amount": {"amount": "900.00", "currency": "EUR"}})
    both = [small.ticket_no, large.ticket_no]
    saved = await hana.post("/views", name="Small first", **{"filter-sort": "amount"})
    assert saved.headers["location"] == "/tickets?sort=amount"
    for sort, expected in (("amount", both), ("-amount", both[::-1]), ("cost_center", both[::-1])):
        file = (await hana.post("/exports", format="csv", sort=sort)).content.decode("utf-8-sig")
        assert [row["Number"] for row in csv.DictReader(io.StringIO(file, newline=""))] == expected, sort
        first = (await hana.api("GET", f"/tickets?sort={sort}&limit=1")).json()
        second = (await hana.api("GET", f"/tickets?sort={sort}&limit=1&cursor={first['next_cursor']}")).json()
        assert [one["ticket_no"] for one in (*first["items"], *second["items"])] == expected, sort
    for unknown in ("nothing", "reason", "title", "amount;drop"):
        assert (await hana.api("GET", f"/tickets?sort={unknown}")).status_code == 422, unknown
        assert (await hana.post("/exports", format="csv", sort=unknown)).status_code == 409, unknown
        assert "Order is unknown: " in unescape((await hana.get(f"/tickets?sort={unknown}")).text), unknown


async def test_a_field_that_any_version_closes_to_its_reader_is_no_order_for_them(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser, omar: Browser, ada: Browser
) -> None:
    """Else the order would say what the field holds."""
    large = await ask(session, hana)
    small = await ask(session, hana, {**CAMERAS, "amount": {"amount": "900.00", "currency": "EUR"}})
    await republish_form(session, ada, "purchase-request", amount={"readable_by": [company.cast.roles["Finance"].id]})
    newest, cheapest = [small.ticket_no, large.ticket_no], [large.ticket_no, small.ticket_no]
    for who, expected in ((omar, newest), (maya, cheapest)):
        page = (await who.get("/tickets?sort=-amount")).text
        assert list(dict.fromkeys(re.findall(r'data-key="([A-Z]+-\d+)"', page))) == expected
        assert ("chip neg" in page) == (who is omar)
        assert ("sort=-amount" in (await who.get("/tickets?arrange=1")).text) == (who is maya)
    assert (await omar.api("GET", "/tickets?sort=amount")).status_code == 422
    gone = await omar.api("GET", "/tickets?sort=nothing")
    assert (await omar.api("GET", "/tickets?sort=amount")).json() == gone.json(), "as a field that nobody has"


@pytest.mark.parametrize(
    "place",
    [
        [], [1], ["x", 1], ["USD", "many", "2026-01-01T00:00:00+00:00", 1], [":USD", "1e99999", "2026-01-01", 1],
        [":USD", "", "2026-01-01T00:00:00+00:00", 1], [":\ud800", "1", "2026-01-01T00:00:00+00:00", 1],
        [":USD", "NaN", "2026-01-01T00:00:00+00:00", 1], [":USD", "1", "", 1], [":" + "x" * 4_000, "1", "", 1],
    ],
    ids=repr,
)  # fmt: skip
async def test_a_place_that_is_not_of_this_list_is_its_beginning(
    session: AsyncSession, company: Company, hana: Browser, place: list[Any]
) -> None:
    await ask(session, hana)
    for sort in ("amount", "-supplier", "cost_center", "needed_by", "priority"):
        page = await hana.get("/tickets", sort=sort, cursor=encode_cursor(place))
        assert page.status_code == 200
        assert "PUR-" in page.text
        assert (
            await hana.get("/tickets", sort=sort, group="status", cursor=encode_cursor(["open", *place]))
        ).is_success


async def test_an_order_costs_the_same_for_any_number_of_rows(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana)
    for address in ("/tickets?sort=amount&columns=amount", "/tickets?sort=cost_center&group=status"):
        await hana.get(address)
        with counting() as one:
            await hana.get(address)
        for _ in range(4):
            await ask(session, hana)
        with counting() as five:
            await hana.get(address)
        assert len(one) == len(five)
