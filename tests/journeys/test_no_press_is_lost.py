"""What somebody presses is done, whatever the page is exchanging at that moment."""

import asyncio
from typing import Any

import pytest

from app.approvals.core.commands import Decision
from app.tickets.conversation import Conversation
from tests.journeys.site import Site
from tests.journeys.steps import status_is
from tests.journeys.test_what_others_do_shows_by_itself import as_somebody, asked
from tests.story import decide

pytestmark = pytest.mark.browser

PRESS_WHEN_SEEN = """
    (words) => new MutationObserver((_, watch) => {
      const buttons = [...document.querySelectorAll('.tk-title .moves form .btn')];
      const button = buttons.find((one) => one.textContent.includes(words));
      if (!button) return;
      watch.disconnect();
      button.click();
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true })
"""

LOOKS_AT_THE_STATUS = (
    "new MutationObserver("
    "() => (window.statuses ??= []).push(document.querySelector('.tk-title .status').textContent.trim()))"
    ".observe(document.querySelector('#main'), { childList: true, subtree: true, characterData: true })"
)


async def ticket_page(site: Site, key: str, number: str) -> Any:
    page = await site.browser(key)
    async with page.expect_response("**/updates?*"):
        await page.goto(f"{site.url}/tickets/{number}")
    return page


async def test_a_button_that_is_pressed_the_moment_it_appears_does_its_work(site: Site) -> None:
    ticket = await asked(site, "Pressed at once")
    async with as_somebody(site, "daniel") as (session, daniel):
        await decide(session, daniel, ticket.ticket_no, Decision.REJECT, "Not this year.")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    await page.evaluate(PRESS_WHEN_SEEN, "Submit")
    await page.locator(".tk-title .moves form .btn", has_text="Edit again").click()
    await status_is(page, "Waiting approval")


async def test_a_button_is_not_replaced_between_press_and_release(site: Site) -> None:
    ticket = await asked(site, "Held down")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    watch = page.get_by_role("button", name="Watch", exact=True).or_(page.get_by_role("button", name="Stop watching"))
    button, words = await watch.element_handle(), (await watch.inner_text()).strip()
    await watch.hover()
    await page.mouse.down()
    async with page.expect_response("**/state"), as_somebody(site, "daniel") as (session, daniel):
        await decide(session, daniel, ticket.ticket_no)
    await asyncio.sleep(0.3)
    assert await button.evaluate("(one) => one.isConnected"), "it stays under the pointer"
    await page.mouse.up()
    await page.get_by_role("button", name="Stop watching" if words == "Watch" else "Watch", exact=True).wait_for()
    await status_is(page, "Open")


async def test_what_was_asked_before_a_change_does_not_come_over_its_result(site: Site) -> None:
    ticket = await asked(site, "Overtaken")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    first, again, may_answer = asyncio.Event(), asyncio.Event(), asyncio.Event()
    answers = []

    async def late(route: Any) -> None:
        answer = await route.fetch()
        answers.append(await answer.text())
        if len(answers) == 1:
            first.set()
            await may_answer.wait()
        await route.fulfill(response=answer)
        if len(answers) > 1:
            again.set()

    await page.route("**/state", late)
    async with as_somebody(site, "daniel") as (session, daniel):
        conversation = Conversation(session, await daniel.actor())
        await conversation.comment(await conversation.lock(ticket.ticket_no), "I shall look at it tomorrow.")
    await first.wait()
    await page.evaluate(LOOKS_AT_THE_STATUS)
    await page.locator("summary", has_text="Withdraw").click()
    await page.locator("details[open]").get_by_role("button", name="Withdraw").click()
    await status_is(page, "Draft")
    may_answer.set()
    await asyncio.wait_for(again.wait(), 20)
    await status_is(page, "Draft")
    seen = await page.evaluate("window.statuses")
    assert "Waiting approval" not in seen[seen.index("Draft") :], "the older state is never shown again"


async def test_what_was_asked_while_a_change_was_on_its_way_does_not_come_over_its_result(site: Site) -> None:
    ticket = await asked(site, "Asked meanwhile")
    page = await ticket_page(site, "hana", ticket.ticket_no)
    sent, may_go, answered, may_come = (asyncio.Event() for _ in range(4))

    async def held(route: Any) -> None:
        sent.set()
        await may_go.wait()
        await route.continue_()

    async def late(route: Any) -> None:
        answer = await route.fetch()
        if not answered.is_set():
            answered.set()
            await may_come.wait()
        await route.fulfill(response=answer)

    await page.route("**/withdrawal", held)
    await page.route("**/state", late)
    await page.locator("summary", has_text="Withdraw").click()
    await page.locator("details[open]").get_by_role("button", name="Withdraw").click()
    await asyncio.wait_for(sent.wait(), 30)
    await page.evaluate("document.dispatchEvent(new CustomEvent('liveparts'))")
    await asyncio.wait_for(answered.wait(), 30)
    may_go.set()
    await status_is(page, "Draft")
    await page.evaluate(LOOKS_AT_THE_STATUS)
    async with page.expect_response("**/state"):
        may_come.set()
    await asyncio.sleep(0.5)
    assert "Waiting approval" not in await page.evaluate("window.statuses ?? []")
    await status_is(page, "Draft")
