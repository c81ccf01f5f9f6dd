"""Columns, groups and density of the list: in its address, and never more than its reader may read."""

import re
from html import unescape

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.tickets.filters import TicketFilters
from app.tickets.grouping import grouped_page, grouping_of
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import CAMERAS, ask, republish_form


def headings(text: str) -> list[str]:
    head = text[text.index("<thead>") : text.index("</thead>")]
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in re.findall(r"<th[^>]*>(.*?)</th>", head, re.S)]


async def test_columns_are_chosen_ordered_and_kept_in_the_address(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana)
    page = (await hana.get("/tickets?columns=amount,status,supplier,template,labels,gone")).text
    assert headings(page)[2:] == ["Title", "Amount", "Status", "Supplier", "Form", "Labels"]
    assert "€38,400" in page
    assert "Nordtherm Imaging Oy" in page
    panel = unescape((await hana.get("/tickets?columns=amount,status&arrange=1")).text)
    for url in (
        "/tickets?columns=status%2Camount&arrange=1", "/tickets?columns=amount&arrange=1",
        "/tickets?columns=amount%2Cstatus%2Csupplier&arrange=1",
    ):  # fmt: skip
        assert f'href="{url}"' in panel, url
    saved = await hana.post("/views", name="Money", **{"filter-columns": "amount,status", "filter-density": "compact"})
    assert saved.headers["location"] == "/tickets?columns=amount%2Cstatus&density=compact"
    assert 'data-density="compact"' in (await hana.get(saved.headers["location"])).text
    for odd in ("columns=;", "columns=" + "a," * 400, "group=title", "density=huge", "columns=%00"):
        assert (await hana.get(f"/tickets?{odd}")).status_code == 200


async def test_a_column_holds_nothing_that_its_reader_may_not_read(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser, omar: Browser, ada: Browser
) -> None:
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [company.cast.roles["Finance"].id]})
    await ask(session, hana)
    address = "/tickets?columns=supplier,amount"
    assert "Nordtherm" in (await maya.get(address)).text
    for text in ((await omar.get(address)).text, (await omar.get(f"{address}&arrange=1")).text):
        assert "Nordtherm" not in text
        assert ">Supplier<" not in text


async def test_a_phone_has_order_groups_columns_and_density_in_one_sheet(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana)
    page = (await hana.get("/tickets?status=waiting_approval&columns=amount")).text
    opens = page.index('popovertarget="layout-sheet"')
    assert "show-s" in page[page.rindex("<button", 0, opens) : opens]
    sheet = unescape(page[page.index('id="layout-sheet"') : page.index("</form>", opens)])
    for choice in ("sort=due_at", "sort=-amount", "group=assignee", "density=compact", "arrange=1"):
        assert re.search(rf'href="/tickets\?status=waiting_approval&[^"]*{choice}', sheet), choice


@pytest.mark.parametrize("group", ["status", "assignee", "template"])
@pytest.mark.parametrize("sort", ["-created_at", "due_at"])
async def test_groups_follow_each_other_over_the_pages_and_hold_each_ticket_once(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser, otto: Browser, group: str, sort: str
) -> None:
    at, states = utc_now(), ("open", "in_progress", "resolved")
    made = [
        Ticket(
            ticket_no=f"TIC-{80_000 + n}", title=f"Ticket {n}", status=states[n % 3], requester_id=hana.id,
            created_by=hana.id, updated_by=hana.id, submitted_at=at, created_at=at, updated_at=at,
            assignee_id=jonas.id if n % 2 else None, due_at=at if n % 4 else None,
            visibility="restricted" if n == 6 else "internal",
        )
        for n in range(23)
    ]  # fmt: skip
    session.add_all(made)
    await ask(session, hana, CAMERAS)
    filters, actor = TicketFilters(group=group, sort=sort), await otto.actor()
    grouping, seen, cursor = await grouping_of(session, filters), list[tuple[str, str]](), None
    for _ in range(20):
        page = await grouped_page(session, actor, filters, grouping, now=at, cursor=cursor, size=5)
        seen += [(grouping.value_of(row), row.ticket_no) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 23, "each once; what is restricted is not there"
    order = list(grouping.labels)
    assert [order.index(value) for value, _number in seen] == sorted(order.index(value) for value, _number in seen)
    page_text = (await otto.get(f"/tickets?group={group}&sort={sort}")).text
    labels = {grouping.label(value) for value, _number in seen}
    for label in labels:
        assert f">{label}</a>" in page_text
    assert "TIC-80006" not in page_text
    assert (await otto.get(f"/tickets?group={group}&cursor=AAAA")).status_code == 200


async def test_columns_and_groups_cost_the_same_for_any_number_of_rows(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana)
    address = "/tickets?columns=amount,labels,template,approval&group=status"
    await hana.get(address)
    with counting() as one:
        await hana.get(address)
    for _ in range(4):
        await ask(session, hana)
    with counting() as five:
        await hana.get(address)
    assert len(one) == len(five)
