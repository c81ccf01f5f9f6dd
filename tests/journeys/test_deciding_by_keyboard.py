"""Twenty requests decided without a mouse, and never the wrong one (ux.md, items 50 and 51)."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import text

from app.actor import acting_as
from app.seeds.cast import PASSWORD
from tests.journeys.site import Site
from tests.story import CAMERAS, ask, republish_flow
from tests.waiting import until

pytestmark = pytest.mark.browser
MANY = 20
GATE = {"system": "gate", "level": "read", "purpose": "The rebuild, at night."}
SMALL = CAMERAS | {"amount": {"amount": "1200.00", "currency": "EUR"}, "supplier_is_new": False}
AGREE = """
    document.querySelector('[data-preview]').dataset.preview
      === document.querySelector('[data-item][aria-current=true]')?.dataset.key
"""
DECIDED = "SELECT count(*) FROM ticket.tickets WHERE title LIKE :title AND status = :status"


async def ask_for(site: Site, title: str, number: int) -> None:
    hana = site.who("hana")
    with acting_as(await hana.actor()):
        async with site.database.session() as session:
            for n in range(1, number + 1):
                await ask(session, hana, SMALL, title=f"{title} {n:02}")


async def shown(page: Any) -> str:
    """The title on the pane, once it is the one that the list is at."""

    async def agree() -> bool:
        return bool(await page.evaluate(AGREE))

    await until(agree)
    return str(await page.locator("#pane h2.ttl1").inner_text())


async def test_twenty_requests_are_decided_by_keyboard_alone(site: Site) -> None:
    await ask_for(site, "Twenty", MANY)
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/approvals")
    for n in range(MANY):
        title = await shown(page)
        if n % 5 == 4:
            await page.keyboard.press("r")
            await page.keyboard.type(f"No to {title}.")
            await page.keyboard.press("Control+Enter")
        else:
            await page.keyboard.press("a")
        await page.locator("#queue").get_by_text(title, exact=True).wait_for(state="detached")
        if n < MANY - 1:
            assert await page.evaluate("document.activeElement !== document.body"), "the focus is on the next row"
    await page.locator("#pane").get_by_text("Nothing waits for you").wait_for()
    assert await site.value(DECIDED, title="Twenty%", status="open") == MANY * 4 // 5
    assert await site.value(DECIDED, title="Twenty%", status="rejected") == MANY // 5
    reasons = "SELECT count(*) FROM ticket.ticket_notes n JOIN ticket.tickets t ON t.id = n.ticket_id WHERE"
    named = f"{reasons} n.event_type = 'approval_rejected' AND n.event_details::text LIKE '%No to ' || t.title || '.%'"
    assert await site.value(named) == MANY // 5, "each reason stands on the request that it is about"


async def test_a_key_decides_only_what_the_pane_shows_and_nothing_while_it_loads_or_rows_are_checked(
    site: Site,
) -> None:
    await ask_for(site, "Slow", 3)
    page = await site.browser("daniel")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    await page.goto(f"{site.url}/approvals")
    first = await shown(page)
    let_go = asyncio.Event()

    async def slowly(route: Any) -> None:
        await let_go.wait()
        await route.continue_()

    await page.route(re.compile(r"/approvals/\d+$"), slowly)
    async with page.expect_request(re.compile(r"/approvals/\d+$")):
        await page.keyboard.press("j")
    for key in ("a", "b", "r", "d"):
        await page.keyboard.press(key)
    assert await page.locator("#pane h2.ttl1").inner_text() == first, "the pane still shows the one before"
    assert posts == [], "and no key decides on either"
    let_go.set()
    second = await shown(page)
    assert second != first
    await page.keyboard.press("x")
    await page.keyboard.press("a")
    assert posts == [], "with a row checked the key goes to the bulk bar"
    assert await page.evaluate("document.activeElement.closest('[data-bulk]') !== null")
    await page.keyboard.press("r")
    assert await page.evaluate("document.activeElement.value") == "reject", "to the button that does what the key says"
    await page.keyboard.press("Escape")
    await page.locator("[data-item][aria-current=true] a").focus()
    await page.keyboard.press("a")
    await page.locator("#queue").get_by_text(second, exact=True).wait_for(state="detached")
    assert await site.value(DECIDED, title="Slow%", status="open") == 1
    assert await site.value(DECIDED, title=second, status="open") == 1


async def hold(page: Any, key: str, times: int = 20) -> None:
    """Down without up is what a keyboard sends for a key that is held."""
    for _time in range(times):
        await page.keyboard.down(key)
        await asyncio.sleep(0.03)
    await page.keyboard.up(key)


async def decisions(site: Site) -> int:
    return int(await site.value("SELECT count(decided_at) FROM ticket.approval_process_step_approvers"))


async def test_a_key_that_is_held_down_decides_once(site: Site) -> None:
    await ask_for(site, "Held", 3)
    before = await decisions(site)
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/approvals")
    first = await shown(page)
    await hold(page, "a")
    await page.locator("#queue").get_by_text(first, exact=True).wait_for(state="detached")
    second = await shown(page)
    await page.locator("#pane [data-act=approve]").focus()
    await hold(page, "Enter")
    await page.locator("#queue").get_by_text(second, exact=True).wait_for(state="detached")
    assert await decisions(site) == before + 2


async def test_a_double_click_decides_once_though_the_next_request_has_come_under_the_pointer(site: Site) -> None:
    await ask_for(site, "Twice", 2)
    before = await decisions(site)
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/approvals")
    first = await shown(page)
    box = await page.locator("#pane [data-act=approve]").bounding_box()
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.click(*place)
    await page.locator("#queue").get_by_text(first, exact=True).wait_for(state="detached")
    await shown(page)
    await page.mouse.down(click_count=2)
    await page.mouse.up(click_count=2)
    await asyncio.sleep(0.3)
    assert await decisions(site) == before + 1


async def test_enter_held_down_in_the_password_field_presses_once(site: Site) -> None:
    with acting_as(await site.who("hana").actor()):
        async with site.database.session() as session:
            await republish_flow(session, "access", _sign_in_again)
            for title in ("Gate 6", "Gate 7"):
                await ask(session, site.who("hana"), GATE, form="access-request", title=title)
            await session.execute(text("UPDATE ticket.sessions SET signed_in_at = now() - interval '1 hour'"))
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/approvals")
    await page.locator("#queue").get_by_text("Gate 6", exact=True).click()
    assert await shown(page) == "Gate 6"
    await page.keyboard.press("a")
    assert await page.evaluate("document.activeElement.name") == "password"
    await page.keyboard.type("not this one")
    await hold(page, "Enter")
    await page.locator("#pane").get_by_text("That is not your password.").wait_for()
    failed = "SELECT count(*) FROM ticket.audit_entries WHERE event_type = 'sign_in_failed'"
    assert await site.value(failed) == 1, "one wrong password is one, however long the key is held"
    assert await page.evaluate("document.activeElement.name") == "password"
    before = await decisions(site)
    await page.keyboard.type(PASSWORD)
    await hold(page, "Enter")
    await page.locator("#queue").get_by_text("Gate 6", exact=True).wait_for(state="detached")
    assert await decisions(site) == before + 1, "and nothing of the request that came after it"


async def test_a_reason_that_is_asked_for_is_typed_and_sent_without_leaving_the_keyboard(site: Site) -> None:
    with acting_as(await site.who("hana").actor()):
        async with site.database.session() as session:
            await republish_flow(session, "access", _comment_always)
            for title in ("Gate 4", "Gate 5"):
                await ask(session, site.who("hana"), GATE, form="access-request", title=title)
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/approvals")
    await page.locator("#queue").get_by_text("Gate 4", exact=True).click()
    assert await shown(page) == "Gate 4"
    await page.keyboard.press("m")
    assert await page.evaluate("document.activeElement.name") == "comment"
    await page.keyboard.press("Escape")
    for key, title in (("a", "Gate 4"), ("b", "Gate 5")):
        assert await shown(page) == title
        await page.keyboard.press(key)
        await page.keyboard.press("Control+Enter")
        await page.locator("#pane").get_by_text("Nothing was decided").wait_for()
        await page.keyboard.type("For two weeks.")
        await page.keyboard.press("Control+Enter")
        await page.locator("#queue").get_by_text(title, exact=True).wait_for(state="detached")
    assert await site.value(DECIDED, title="Gate 5", status="draft") == 1


def _sign_in_again(definition: dict[str, Any]) -> None:
    for stage in definition["stages"]:
        for step in stage["steps"]:
            step["reauthenticate"] = True


def _comment_always(definition: dict[str, Any]) -> None:
    definition["stages"][0]["steps"][0]["comment_on_approve"] = True
