"""Live pages at real browsers: what others do shows by itself, moves nobody, and costs nothing that is being typed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.activity.dispatch import look
from app.actor import acting_as
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.conversation import Conversation
from app.tickets.drafting import Drafting
from app.tickets.models import Ticket
from app.tickets.properties import Properties
from tests.journeys.site import Site
from tests.journeys.test_deciding_by_keyboard import SMALL
from tests.story import ask, decide

pytestmark = pytest.mark.browser


@asynccontextmanager
async def as_somebody(site: Site, key: str) -> AsyncIterator[tuple[Any, Any]]:
    """What they do behind the pages, and that the dispatcher says so."""
    who = site.who(key)
    with acting_as(await who.actor()):
        async with site.database.session() as session:
            yield session, who
            await session.commit()
    while await look(site.database):
        pass


async def asked(site: Site, title: str) -> Ticket:
    async with as_somebody(site, "hana") as (session, hana):
        return await ask(session, hana, SMALL, title=title)


async def test_the_inbox_says_what_came_and_marks_what_is_gone_without_moving_anything(site: Site) -> None:
    first, _second = await asked(site, "Desks"), await asked(site, "Chairs")
    page = await site.browser("daniel")
    async with page.expect_response("**/updates?*"):
        await page.goto(f"{site.url}/approvals")
    row = page.locator("#queue .it", has_text="Chairs")
    before = await row.bounding_box()
    third = await asked(site, "Lamps")
    await page.locator("#inbox-news").get_by_text("1 new").wait_for()
    await page.locator("#nav-approvals-n[data-count='3']").wait_for()
    async with as_somebody(site, "hana") as (session, hana):
        desk = ApprovalDesk(session, await hana.actor())
        await desk.withdraw(await desk.lock(first.ticket_no))
    await page.locator("#queue .it", has_text="Desks").get_by_text("No longer waits").wait_for()
    await page.locator("#nav-approvals-n[data-count='2']").wait_for()
    assert await row.get_by_text("No longer waits").count() == 0
    assert await row.bounding_box() == before, "nothing moves under the cursor"
    await page.locator("#inbox-news").get_by_text("1 new").click()
    await page.locator("#queue .it", has_text=third.title).wait_for()
    assert await page.locator("#queue .it", has_text="Desks").count() == 0


async def test_a_ticket_shows_what_others_did_and_keeps_what_is_being_typed(site: Site) -> None:
    ticket = await asked(site, "Talked about")
    page = await site.browser("hana")
    async with page.expect_response("**/updates?*"):
        await page.goto(f"{site.url}/tickets/{ticket.ticket_no}")
    await page.get_by_label("Comment", exact=True).fill("Half a sentence")
    async with as_somebody(site, "daniel") as (session, daniel):
        await decide(session, daniel, ticket.ticket_no)
        desk = Conversation(session, await daniel.actor())
        await desk.comment(await desk.lock(ticket.ticket_no), "Looks fine to me.")
    bar = page.locator(".news a")
    await bar.wait_for()
    await page.locator(".tk-title").get_by_text("Open", exact=True).wait_for()
    assert await page.get_by_text("Looks fine to me.").count() == 0, "nothing pushes the reader away"
    await bar.click()
    await page.get_by_text("Looks fine to me.").wait_for()
    assert await page.get_by_label("Comment", exact=True).input_value() == "Half a sentence"
    async with as_somebody(site, "ada") as (session, ada):
        desk2 = Properties(session, await ada.actor())
        await desk2.prioritise(await desk2.lock(ticket.ticket_no), "urgent")
    await page.locator(".rail").get_by_text("Urgent").first.wait_for()
    assert await page.get_by_label("Comment", exact=True).input_value() == "Half a sentence"
    await page.get_by_label("Comment", exact=True).fill("")
    async with as_somebody(site, "ada") as (session, ada):
        drafting = Drafting(session, await ada.actor())
        await drafting.delete(await drafting.lock(ticket.ticket_no))
    await page.get_by_text("There is nothing here, or nothing that you may see.").and_(page.locator("h1")).wait_for()
    assert await page.get_by_text("Looks fine to me.").count() == 0, "what is gone does not stay on the screen"
