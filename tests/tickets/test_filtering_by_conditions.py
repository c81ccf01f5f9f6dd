"""Filters of field, operator and value: in the address, as chips, put together in the condition editor."""

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.ticket_templates.service import TicketTemplates
from app.tickets.controllers import filter_editor, index
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.clicking import clicked
from tests.queries import counting
from tests.story import CAMERAS, ask

SMALL = {**CAMERAS, "amount": {"amount": "900.00", "currency": "EUR"}, "supplier": "Paper & Co", "budgeted": False}
URL = "/tickets/filters"


def numbers(text: str) -> list[str]:
    return sorted(set(re.findall(r'data-key="([A-Z]+-\d+)"', text)))


def chips(text: str) -> list[str]:
    found = re.findall(r'aria-label="Remove filter: ([^"]*)"', text)
    return [unescape(one) for one in found]


@pytest.fixture
async def purchases(session: AsyncSession, company: Company, hana: Browser) -> tuple[Ticket, Ticket]:
    """Cameras for 38,400 and paper for 900."""
    return await ask(session, hana), await ask(session, hana, SMALL)


async def test_each_condition_of_an_address_finds_what_it_says(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, purchases: tuple[Ticket, Ticket]
) -> None:
    large, small = purchases
    large.due_at = utc_now() - timedelta(days=3)
    await session.commit()
    both = [large, small]
    found: dict[str, list[Ticket]] = {
        "f=amount:ge:5000EUR": [large], "f=amount:lt:5000EUR": [small],        "f=not(amount:ge:5000EUR)": [small],
        "f=cost_center:eq:cc_4410": both, "f=supplier:contains:nordTHERM": [large], "f=supplier:starts:Paper": [small],
        "f=supplier_is_new:eq:yes": both, "f=status:ne:waiting_approval": [], "f=due_at:lt:now": [large],
        "f=due_at:empty": [small], "f=creator:eq:@me": both, "f=creator:ne:@me": [], "f=assigned_role:in:@my_roles": [],
        "f=any(amount:gt:5000EUR;supplier:contains:paper)": both, "f=amount:gt:5000EUR&f=supplier:contains:paper": [],
        "f=created_at:ge:today-1d&priority=medium": both, "f=needed_by:empty": both, "f=title:contains:thermal": both,
        "status=waiting_approval&f=amount:gt:5000EUR": [large],
    }  # fmt: skip
    for query, expected in found.items():
        page = await hana.get(f"/tickets?{query}")
        assert page.status_code == 200
        assert numbers(page.text) == sorted(ticket.ticket_no for ticket in expected), query
        assert "chip neg" not in page.text, query
    assert numbers((await daniel.get("/tickets/board?f=amount:gt:5000EUR")).text) == [large.ticket_no]


async def test_a_chip_says_field_operator_and_value_and_leads_to_its_change_and_away(
    company: Company, hana: Browser
) -> None:
    text = (await hana.get("/tickets?status=open&status=closed&f=amount:ge:5000EUR&f=not(supplier:empty)")).text
    assert chips(text) == [
        "Status is one of Open, Closed", "Amount is at least €5,000.00", "Supplier is filled in",
    ]  # fmt: skip
    assert 'href="/tickets?status=open&amp;status=closed&amp;f=not%28supplier%3Aempty%29" aria-label="Remove' in text
    group = (await hana.get("/tickets?f=any(amount:ge:5000EUR;priority:eq:urgent)")).text
    assert chips(group) == ["Amount is at least €5,000.00 or Priority is Urgent"]
    editor = (await hana.get(f"{URL}?status=open&f=amount:ge:5000EUR&edit=1", htmx=True)).text
    assert re.search(r'name="where\.2\.op"[^>]*data-takes-focus', editor), "the cursor goes to the chip that was chosen"
    assert 'value="5000"' in editor


@pytest.mark.parametrize(
    "text",
    [
        "amuont:ge:5",
        "amount:has:5",
        "amount:ge:many",
        "amount",
        "(",
        "status:eq:gone",
        "x" * 9000,
        "reason:empty",
        "é:ü",
    ],
    ids=["field", "operator", "value", "half", "sign", "option", "long", "not-marked", "letters"],
)
async def test_what_a_chip_cannot_mean_is_red_and_ignored(company: Company, hana: Browser, text: str) -> None:
    page = await hana.get("/tickets", f=text)
    assert page.status_code == 200
    assert "chip neg" in page.text


async def test_rows_are_added_filled_in_and_applied_without_a_script(
    company: Company, hana: Browser, purchases: tuple[Ticket, Ticket]
) -> None:
    page = (await hana.get("/tickets?status=waiting_approval&add=1")).text
    assert 'name="where.2.field"' in page
    form = {"filter-status": "waiting_approval", "filter-sort": "due_at", "where.join": "all", "where.part": ["1", "2"]}
    form |= {
        f"where.1.{name}": value
        for name, value in {"field": "status", "op": "eq", "of": "status", "value": "waiting_approval"}.items()
    }
    chosen = await hana.submit(URL, {**form, "where.2.field": "amount", "act": "if:where:show:0"})
    assert "is at least" in chosen.text
    of_text = await hana.submit(URL, {**form, "where.2.field": "title", "act": "if:where:show:0"})
    assert 'value="contains" selected' in of_text.text, "what one asks of a text first"
    assert 'name="where.2.currency"' in chosen.text
    amount = {"field": "amount", "op": "ge", "of": "amount", "as": "money", "value": "5,000", "currency": "EUR"}
    form |= {f"where.2.{name}": value for name, value in amount.items()}
    said = (await hana.submit(URL, {**form, "act": "if:where:show:0"}, htmx=True)).text
    assert "Status is Waiting approval and Amount is at least €5,000.00" in said
    assert 'data-matches="1"' in said
    applied = await hana.submit(URL, form)
    assert (applied.status_code, applied.headers["location"]) == (
        303, "/tickets?status=waiting_approval&f=amount%3Age%3A5000EUR&sort=due_at",
    )  # fmt: skip
    grouped = (await hana.submit(URL, {**form, "act": "if:where:group:0"}, htmx=True)).text
    assert 'name="where.3.join"' in grouped
    assert 'name="where.4.field"' in grouped
    removed = (await hana.submit(URL, {**form, "act": "if:where:remove:2"}, htmx=True)).text
    assert 'name="where.2.field"' not in removed


async def test_rows_that_mean_nothing_are_refused_where_they_stand(company: Company, hana: Browser) -> None:
    empty = await hana.submit(URL, {"where.part": "1", "where.1.field": ""})
    assert empty.status_code == 422
    special = {"field": "waiting_on", "op": "eq", "value": "me"}
    alone = await hana.submit(URL, clicked("where", {"v": 1, "all": [special]}))
    assert alone.headers["location"] == "/tickets?waiting_on=me"
    grouped = await hana.submit(URL, clicked("where", {"v": 1, "any": [special, {"field": "title", "op": "empty"}]}))
    assert grouped.status_code == 422
    assert "stand by themselves" in grouped.text
    for odd in ({"field": "deadline", "op": "eq", "value": "never"}, {"field": "nothing", "op": "empty"}):
        assert (await hana.submit(URL, clicked("where", {"v": 1, "all": [odd]}))).status_code == 422
    for act in ("if:where:add:99999", "if:where:remove:x", "if:other:add:0", "if:", "x" * 500):
        assert (
            await hana.submit(URL, {"act": act, "where.part": ["1", "1.1", "2.7", "x"]}, htmx=True)
        ).status_code == 200


async def test_the_number_beside_the_rows_is_of_what_their_reader_sees(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, purchases: tuple[Ticket, Ticket]
) -> None:
    purchases[0].visibility = "restricted"
    await session.commit()
    rows = clicked("where", {"v": 1, "all": [{"field": "supplier", "op": "contains", "value": "o"}]})
    for who, expected in ((hana, 2), (otto, 1)):
        assert (
            f'data-matches="{expected}"' in (await who.submit(URL, {**rows, "act": "if:where:show:0"}, htmx=True)).text
        )


async def test_a_field_that_any_version_closes_to_its_reader_is_unknown_to_their_filters(
    session: AsyncSession,
    company: Company,
    hana: Browser,
    maya: Browser,
    ada: Browser,
    purchases: tuple[Ticket, Ticket],
) -> None:
    """Else a filter would say what the field holds, ticket by ticket."""
    templates = TicketTemplates(session, await ada.actor())
    template = await templates.find("purchase-request")
    live = await templates.life.published(template)
    assert live is not None
    closed = json.loads(json.dumps(live.definition))
    amount = next(one for one in closed["fields"] if one["key"] == "amount")
    amount["readable_by"] = [company.cast.roles["Finance"].id]
    await templates.save(template, closed, based_on=live.number)
    await session.commit()
    page = (await hana.get("/tickets?f=amount:ge:5000EUR")).text
    assert "chip neg" in page
    assert len(numbers(page)) == 2
    assert ">Amount<" not in (await hana.get(f"{URL}?add=1", htmx=True)).text
    assert numbers((await maya.get("/tickets?f=amount:ge:5000EUR")).text) == [purchases[0].ticket_no]
    await templates.save(
        template, {**closed, "usable_by": [company.cast.roles["Finance"].id]}, based_on=live.number + 1
    )
    await session.commit()
    assert "chip neg" in (await hana.get("/tickets?f=supplier:contains:nord")).text, "nor what a closed form asks"


async def test_saved_views_exports_and_bulk_changes_mean_the_same_tickets(
    company: Company, jonas: Browser, purchases: tuple[Ticket, Ticket]
) -> None:
    large, small = purchases
    saved = await jonas.post("/views", name="Large", **{"filter-f": "amount:ge:5000EUR"})
    assert saved.headers["location"] == "/tickets?f=amount%3Age%3A5000EUR"
    assert "Amount" in (await jonas.get("/views/new?f=amount:ge:5000EUR")).text
    csv = (await jonas.post("/exports", format="csv", f="amount:ge:5000EUR")).text
    assert large.ticket_no in csv
    assert small.ticket_no not in csv
    bulk = (await jonas.get("/tickets/bulk", **{"filter-f": "amount:ge:5000EUR", "all": "1"})).text
    assert "Change 1 ticket" in bulk
    for gone in (
        await jonas.get("/tickets/bulk", **{"filter-f": "gone:ge:5", "all": "1"}),
        await jonas.post("/exports", format="csv", f="gone:ge:5"),
    ):
        assert gone.status_code == 409, "a filter that is gone would mean other tickets"


async def test_the_api_takes_a_condition_tree(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, purchases: tuple[Ticket, Ticket]
) -> None:
    tree = {"v": 1, "field": "amount", "op": "ge", "value": {"amount": "5000", "currency": "EUR"}}
    query = urlencode({"filter": json.dumps(tree)})
    found = (await hana.api("GET", f"/tickets?{query}")).json()["items"]
    assert [one["ticket_no"] for one in found] == [purchases[0].ticket_no]
    assert (await hana.api("GET", f"/tickets/count?{query}")).json() == {"count": 1, "exact": True}
    purchases[1].created_at -= timedelta(hours=2)
    await session.commit()
    older = json.dumps({"v": 1, "field": "created_at", "op": "lt", "value": {"rel": "now", "hours": -1}})
    counted = await hana.api("GET", f"/tickets/count?{urlencode({'filter': older})}")
    assert counted.json() == {"count": 1, "exact": True}, "of this minute, not of this day"
    for wrong in ("{", "[]", json.dumps({"field": "amuont", "op": "empty"}), "[" * 9000):
        answer = await hana.api("GET", f"/tickets?{urlencode({'filter': wrong})}")
        assert answer.status_code == 422


async def test_conditions_and_their_editor_cost_the_same_for_any_number_of_rows(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana)
    address = "/tickets?f=amount:ge:1EUR&f=supplier:contains:o&add=1"
    await hana.get(address)
    with counting() as one:
        await hana.get(address)
    for _ in range(4):
        await ask(session, hana)
    with counting() as five:
        await hana.get(address)
    assert len(one) == len(five)


async def test_conditions_that_read_too_much_are_given_up_and_the_page_says_what_to_do(
    session: AsyncSession, company: Company, hana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(db: AsyncSession, *_: object, **__: object) -> None:
        await db.execute(text("SELECT pg_sleep(10)"))

    monkeypatch.setattr(filter_editor, "AT_MOST", 20)
    monkeypatch.setattr(index, "listed", slow)
    answer = await hana.get("/tickets?f=title:contains:x")
    assert answer.status_code == 409
    assert "takes too long" in answer.text
