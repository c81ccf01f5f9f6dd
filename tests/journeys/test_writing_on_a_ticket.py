"""Writing on a ticket at a real browser: nothing typed is lost, people are called by name, and edits stand in place."""

from typing import Any

import pytest

from tests.journeys.site import PHONE, Site
from tests.journeys.test_what_others_do_shows_by_itself import as_somebody, asked

pytestmark = pytest.mark.browser


async def opened(site: Site, key: str, number: str, **look: Any) -> Any:
    page = await site.browser(key, **look)
    async with page.expect_response("**/updates?*"):
        await page.goto(f"{site.url}/tickets/{number}")
    return page


async def test_a_comment_calls_somebody_is_previewed_kept_and_sent(site: Site) -> None:
    ticket = await asked(site, "Written about")
    page = await opened(site, "hana", ticket.ticket_no)
    text = page.get_by_label("Comment", exact=True)
    await text.press_sequentially("Ask @otto")
    await page.locator("#mention-choices").get_by_text("Otto Brandt").wait_for()
    async with page.expect_response("**/comments/draft"):
        await page.keyboard.press("Enter")
    assert await text.input_value() == "Ask @Otto Brandt "
    await page.get_by_text("Draft kept").wait_for()
    await page.get_by_role("button", name="Preview").click()
    await page.locator(".preview .mention", has_text="@Otto Brandt").wait_for()
    assert not await text.is_visible()
    await page.reload()
    assert await page.get_by_label("Comment", exact=True).input_value() == "Ask @Otto Brandt "
    phone = await opened(site, "hana", ticket.ticket_no, viewport=PHONE)
    text = phone.get_by_label("Comment", exact=True)
    assert await text.input_value() == "Ask @Otto Brandt ", "on another device too"
    await text.press("End")
    await text.press_sequentially("please")
    await phone.keyboard.press("Control+Enter")
    await phone.locator(".tl .mention", has_text="@Otto Brandt").wait_for()
    assert await phone.get_by_label("Comment", exact=True).input_value() == ""
    await page.reload()
    assert await page.get_by_label("Comment", exact=True).input_value() == ""
    await page.get_by_text("Edit or remove").click()
    await page.get_by_role("textbox", name="Your comment").fill("Ask her, please")
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.locator(".tl .prose", has_text="Ask her, please").wait_for()
    await page.locator("summary:focus", has_text="Edit or remove").wait_for()


async def test_what_is_typed_after_a_session_has_ended_is_there_again(site: Site) -> None:
    ticket = await asked(site, "Written for nobody")
    page = await opened(site, "hana", ticket.ticket_no)
    await page.route("**/comments/draft", lambda route: route.fulfill(status=401))
    async with page.expect_response("**/comments/draft"):
        await page.get_by_label("Comment", exact=True).fill("Nobody heard this yet")
    await page.unroute("**/comments/draft")
    async with page.expect_response("**/comments/draft"):
        await page.reload()
    assert await page.get_by_label("Comment", exact=True).input_value() == "Nobody heard this yet"
    await page.get_by_text("Draft kept").wait_for()


async def test_the_request_is_edited_amid_what_others_do_and_who_else_is_here_is_shown(site: Site) -> None:
    ticket = await asked(site, "Edited in place")
    page = await opened(site, "hana", ticket.ticket_no)
    other = await opened(site, "omar", ticket.ticket_no)
    await page.locator(".present [aria-label*='Omar Haddad']").wait_for()
    await other.locator(".present [aria-label*='Hana Sato']").wait_for()
    await page.get_by_role("link", name="Edit").click()
    description = page.get_by_label("Description")
    await description.fill("Half of it")
    await other.get_by_label("Comment", exact=True).fill("I say something meanwhile.")
    await other.get_by_role("button", name="Comment", exact=True).click()
    await other.locator(".tl .prose").get_by_text("I say something meanwhile.").wait_for()
    async with as_somebody(site, "omar"):
        pass
    bar = page.locator(".news a")
    await bar.click()
    await page.locator(".tl .prose").get_by_text("I say something meanwhile.").wait_for()
    assert await description.input_value() == "Half of it", "what others do leaves the form as it is"
    if await page.get_by_label("Decisions made so far are asked anew").count():
        await page.get_by_label("Decisions made so far are asked anew").check()
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await page.locator(f"#ticket-{ticket.id}-request").get_by_text("Half of it").wait_for()
    assert await page.get_by_label("Description").count() == 0
    await other.close()
    await page.locator(".present [aria-label*='Omar Haddad']").wait_for(state="detached")
