"""Many at once: a check list with count and sum, what is left out and why, one answer for each."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.models import Ticket
from app.work.repository import waiting_page
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask

SMALL = {"amount": {"amount": "900.00", "currency": "EUR"}, "cost_center": "cc_4410", "supplier": "Local"}


async def _three(session: AsyncSession, hana: Browser, daniel: Browser) -> tuple[list[Ticket], list[int]]:
    tickets = [await ask(session, hana, SMALL, title=f"Small thing {n}") for n in range(3)]
    waiting = await waiting_page(session, await daniel.actor(), None)
    return tickets, [row.seat_id for row in waiting.rows]


async def test_the_check_list_says_how_many_and_how_much_and_decides_nothing(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    tickets, seats = await _three(session, hana, daniel)
    answer = await daniel.get("/approvals/bulk", seat=[str(seat) for seat in seats], decision="approve")
    assert "Approve 3 requests?" in answer.text
    assert "€2,700.00" in answer.text
    await session.refresh(tickets[0])
    assert tickets[0].status == "waiting_approval"


async def test_each_request_gets_its_own_answer(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    tickets, seats = await _three(session, hana, daniel)
    url = "/approvals/bulk?decision=approve&" + "&".join(f"seat={seat}" for seat in seats)
    page = (await daniel.get(url)).text
    form = form_values(page, "/approvals/bulk")
    seen = [*re.findall(r'name="seen" value="([^"]+)"', page)[:2], f"{seats[2]}:{'0' * 64}:"]
    answer = await daniel.submit("/approvals/bulk", {**form.values, "seen": seen})
    assert "2 decided" in answer.text
    assert "changed since you opened it" in answer.text
    for ticket in tickets:
        await session.refresh(ticket)
    assert sorted(ticket.status for ticket in tickets) == ["open", "open", "waiting_approval"]


async def test_rejecting_needs_one_reason_for_all(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    _tickets, seats = await _three(session, hana, daniel)
    form = form_values((await daniel.get(f"/approvals/bulk?decision=reject&seat={seats[0]}")).text, "/approvals/bulk")
    answer = await daniel.submit("/approvals/bulk", form.values)
    assert answer.status_code == 422
    assert "one reason for all" in answer.text


async def test_what_is_not_mine_or_not_there_is_left_out_alike(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    await ask(session, hana, SMALL, visibility="restricted")
    seat = (await waiting_page(session, await daniel.actor(), None)).rows[0].seat_id
    hidden = await otto.get(f"/approvals/bulk?decision=approve&seat={seat}")
    missing = await otto.get("/approvals/bulk?decision=approve&seat=999999")
    assert hidden.status_code == missing.status_code == 200
    assert hidden.text == missing.text
    mine = await hana.get(f"/approvals/bulk?decision=approve&seat={seat}")
    assert "None of these can be decided together" in mine.text


async def test_whom_the_comment_calls_and_who_could_not_read_it_is_named_beside_each_request(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    shown, hidden = await ask(session, hana, SMALL, title="Open"), await ask(
        session, hana, SMALL, title="Hush", visibility="restricted"
    )  # fmt: skip
    seats = [row.seat_id for row in (await waiting_page(session, await daniel.actor(), None)).rows]
    url = "/approvals/bulk?decision=approve&" + "&".join(f"seat={seat}" for seat in seats)
    page = (await daniel.get(url)).text
    form = form_values(page, "/approvals/bulk")
    said = {"comment": "@Otto Brandt has looked.", "seen": re.findall(r'name="seen" value="([^"]+)"', page)}
    answer = await daniel.submit("/approvals/bulk", {**form.values, **said})
    rows = {
        row[0]: row[1] for row in re.findall(r'<span class="key">([\w-]+)</span>(.*?)</tr>', answer.text, re.DOTALL)
    }
    assert "Not told, for they cannot see it: Otto Brandt." in rows[hidden.ticket_no]
    assert "Not told" not in rows[shown.ticket_no]
    assert (await otto.get(f"/tickets/{hidden.ticket_no}")).status_code == 404, "nobody is let in by being called"
