"""From the keyboard alone: the palette finds and does things, single keys act and can be switched off (ux.md, 7)."""

from typing import Any

import pytest

from app.actor import acting_as
from tests.journeys.site import PHONE, Site
from tests.looking import EVERYTHING, TOO_WIDE, accessible
from tests.story import CAMERAS, ask

pytestmark = pytest.mark.browser
SMALL = CAMERAS | {"amount": {"amount": "1200.00", "currency": "EUR"}, "supplier_is_new": False}


async def asked(site: Site, title: str) -> str:
    hana = site.who("hana")
    with acting_as(await hana.actor()):
        async with site.database.session() as session:
            return (await ask(session, hana, SMALL, title=title)).ticket_no


async def meant(page: Any) -> str:
    """What Enter would do, as a screen reader is told."""
    told = "document.getElementById(document.querySelector('#palette-words').getAttribute('aria-activedescendant'))"
    return str(await page.evaluate(f"{told}?.querySelector('.trunc').textContent ?? ''"))


async def test_the_palette_goes_to_a_ticket_and_decides_on_it(site: Site) -> None:
    number = await asked(site, "Forklift batteries")
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/notifications")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("forklift")
    await page.get_by_role("option", name="Forklift batteries").wait_for()
    assert await page.evaluate("document.activeElement.id") == "palette-words", "the focus stays in the field"
    assert await accessible(page, "light 1440", EVERYTHING) == []
    while await meant(page) != "Forklift batteries":
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/tickets/{number}")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("appro")
    await page.locator("#palette").get_by_role("option", name="Approve").wait_for()
    assert await meant(page) == "Approve", "what can be done here comes first"
    await page.keyboard.press("Enter")
    await page.locator(".tk-title .status", has_text="Open").wait_for()
    assert not await page.locator("#palette").is_visible()


async def test_something_is_chosen_whenever_enter_is_pressed(site: Site) -> None:
    number = await asked(site, "Welding masks")
    page = await site.browser("daniel")
    await page.goto(f"{site.url}/tickets/{number}")
    await page.evaluate(
        "new MutationObserver(() => (window.chosen ??= []).push("
        "document.querySelector('#palette-choices [aria-selected=true] .trunc')?.textContent ?? 'nothing'))"
        ".observe(document.getElementById('palette'), { childList: true, subtree: true })"
    )
    await page.keyboard.press("Control+k")
    async with page.expect_response("**/palette?q=appro"):
        await page.keyboard.type("appro")
    await page.locator("#palette").get_by_role("option", name="Approvals").wait_for()
    assert set(await page.evaluate("window.chosen")) == {"Approve"}


async def test_on_a_phone_the_palette_opens_from_the_menu_and_fits(site: Site) -> None:
    page = await site.browser("hana", viewport=PHONE, color_scheme="dark")
    await page.goto(f"{site.url}/tickets")
    await page.get_by_role("button", name="More").click()
    await page.locator("#more").get_by_role("link", name="Search or jump to").click()
    await page.get_by_role("option", name="New request…").wait_for()
    assert await page.evaluate(TOO_WIDE) is None
    assert await accessible(page, "dark 390", EVERYTHING) == []
    await page.get_by_role("option", name="Approvals").click()
    await page.wait_for_url("**/approvals")


async def test_the_keys_do_what_the_sheet_says_until_they_are_switched_off(site: Site) -> None:
    await asked(site, "A desk lamp")
    page = await site.browser("ada")
    await page.goto(f"{site.url}/approvals")
    await page.keyboard.press("g")
    await page.keyboard.press("t")
    await page.wait_for_url("**/tickets")
    await page.keyboard.press("j")
    await page.keyboard.press("p")
    await page.wait_for_url("**/tickets/bulk?*#f-priority")
    assert await page.evaluate("document.activeElement.id") == "f-priority"
    await page.go_back()
    await page.keyboard.press("?")
    sheet = page.locator("#keyboard")
    await sheet.get_by_text("Search or jump to").wait_for()
    assert await accessible(page, "the sheet", EVERYTHING) == []
    async with page.expect_navigation():
        await page.evaluate("document.querySelector('#keyboard [value=off]').click(); location.reload()")
    await page.locator("html[data-single-keys=off]").wait_for(state="attached")
    await page.keyboard.press("g")
    await page.keyboard.press("a")
    await page.keyboard.press("Control+k")
    await page.get_by_role("option", name="New request…").wait_for()
    assert page.url.endswith("/tickets"), "only keys together with Ctrl do anything"


async def test_a_menu_that_a_key_opens_is_gone_through_by_arrows_and_gives_the_focus_back(site: Site) -> None:
    number = await asked(site, "Chosen by arrows")
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets/{number}")
    await page.keyboard.press("p")
    focused = page.locator(":focus")
    await page.locator("#set-priority button[aria-pressed=true]:focus").wait_for()
    await page.keyboard.press("ArrowUp")
    assert (await focused.inner_text()).strip() == "High"
    await page.keyboard.press("Escape")
    await page.locator("[popovertarget=set-priority]:focus").wait_for()
    await page.keyboard.press("p")
    await page.locator("#set-priority button[aria-pressed=true]:focus").wait_for()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await page.locator("[popovertarget=set-priority]", has_text="High").wait_for()


async def test_from_a_list_one_walks_from_ticket_to_ticket(site: Site) -> None:
    first, second, third = [await asked(site, title) for title in ("Walk one", "Walk two", "Walk three")]
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets?creator=me&sort=created_at")
    await page.locator("#ticket-table").get_by_role("link", name="Walk two").press("Enter")
    await page.wait_for_url(f"**/tickets/{second}?list=creator%3Dme%26sort%3Dcreated_at")
    await page.get_by_role("link", name=f"Next in this list: {third}").wait_for()
    await page.wait_for_load_state("load")
    await page.keyboard.press("j")
    await page.wait_for_url(f"**/tickets/{third}?list=**")
    for number in (second, first):
        await page.wait_for_load_state("load")
        await page.keyboard.press("k")
        await page.wait_for_url(f"**/tickets/{number}?list=**")
    await page.get_by_role("navigation", name="Which activity").get_by_role("link", name="Comments").click()
    await page.wait_for_url(f"**/tickets/{first}?activity=comments&list=**")
    await page.get_by_role("link", name="Tickets", exact=True).last.click()
    await page.wait_for_url(f"{site.url}/tickets?creator=me&sort=created_at")
