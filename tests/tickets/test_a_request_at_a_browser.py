"""A request from the gallery to its end, by clicking: what each person sees, and what their buttons do."""

import re
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import decide

CAMERAS = {
    "title": "Replace 24 thermal cameras", "fields.amount": "38,400", "fields.amount_currency": "EUR",
    "fields.cost_center": "cc_4410", "fields.supplier": "Nordtherm Imaging Oy", "fields.supplier_is_new": "true",
    "fields.budgeted": "true", "description": "The **old** ones are blind.", "priority": "high",
    "drawn": ["amount", "cost_center", "supplier", "supplier_is_new", "budgeted", "needed_by", "reason"],
}  # fmt: skip


async def submitted(who: Browser, **more: Any) -> str:
    answer = await who.submit("/tickets/new/purchase-request", {**CAMERAS, "act": "submit", **more})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_the_gallery_offers_the_forms_by_category_and_finds_them(company: Company, hana: Browser) -> None:
    page = await hana.get("/tickets/new")
    assert page.status_code == 200
    assert "Purchase request" in page.text
    found = await hana.get("/tickets/new", q="trip")
    assert "Travel" in found.text
    assert "Purchase request" not in found.text


async def test_a_request_goes_from_the_form_to_its_end(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    aisha: Browser, jonas: Browser,
) -> None:  # fmt: skip
    form = await hana.get("/tickets/new/purchase-request")
    assert "Daniel Okafor" in form.text, "who approves stands beside the form"
    url = await submitted(hana)
    number = url.rsplit("/", 1)[1]
    page = await hana.get(url)
    assert "Waiting approval" in page.text
    assert "<strong>old</strong>" in page.text
    for approver in (daniel, maya, tomas, aisha):
        await decide(session, approver, number)
    assert "Take it" in (await jonas.get(url)).text
    taken = await jonas.post(f"{url}/handling", htmx=True)
    assert taken.status_code == 200, taken.text
    assert "In progress" in taken.text
    resolved = await jonas.post(f"{url}/resolution", resolution="Ordered.", htmx=True)
    assert "Resolved" in resolved.text
    closed = await hana.post(f"{url}/confirmation")
    assert closed.headers["location"] == url
    page = await hana.get(url)
    assert "Closed" in page.text
    assert "comments have ended" in page.text


async def test_a_double_click_makes_one_ticket(session: AsyncSession, company: Company, hana: Browser) -> None:
    form = await hana.get("/tickets/new/purchase-request")
    command = re.search(r'name="command" value="([^"]+)"', form.text)
    assert command is not None
    first = await submitted(hana, command=command[1])
    assert await submitted(hana, command=command[1]) == first
    assert (await session.execute(select(func.count()).select_from(Ticket))).scalar_one() == 1
