"""Plain pages and plain forms are enough to sign in, read, ask, comment and decide (ux.md, item 21)."""

import re

import pytest

from tests.journeys.site import Site
from tests.journeys.steps import fill_purchase, open_form, status_is, submit

pytestmark = pytest.mark.browser
PASSWORD = "demo-password"


async def test_with_javascript_switched_off_a_request_is_asked_for_talked_about_and_decided(site: Site) -> None:
    hana, daniel = [await site.browser(None, java_script_enabled=False) for _ in range(2)]
    await hana.goto(f"{site.url}/tickets/new")
    await hana.get_by_role("textbox", name="E-mail").fill(site.company.cast["hana"].email)
    await hana.get_by_role("textbox", name="Password").fill("wrong")
    await hana.get_by_role("button", name="Sign in", exact=True).click()
    await hana.locator(".err").first.wait_for()
    await hana.get_by_role("textbox", name="Password").fill(PASSWORD)
    await hana.get_by_role("button", name="Sign in", exact=True).click()
    await hana.wait_for_url("**/tickets/new")
    await open_form(hana, site)
    await hana.get_by_role("button", name="Submit for approval").click()
    await hana.locator("[data-error-summary]").wait_for()
    await fill_purchase(hana, "1,200", "Without scripts", new_supplier=False)
    number = await submit(hana)
    await hana.locator("[data-comment]").fill("Is Thursday possible?")
    await hana.get_by_role("button", name="Comment", exact=True).click()
    await hana.locator("ol.tl").get_by_role("paragraph").filter(has_text="Is Thursday possible?").wait_for()

    await daniel.goto(f"{site.url}/approvals")
    await daniel.get_by_role("button", name="Daniel Okafor").click()
    await daniel.wait_for_url("**/approvals")
    await daniel.get_by_role("link", name="Without scripts").click()
    await daniel.locator("#pane").get_by_role("button", name=re.compile("^Reject")).click()
    await daniel.get_by_text("Nothing was decided").wait_for()
    await daniel.goto(f"{site.url}/approvals")
    await daniel.locator("#pane").get_by_role("button", name=re.compile("^Approve")).click()
    await daniel.wait_for_url("**/approvals")
    await daniel.goto(f"{site.url}/tickets/{number}")
    await daniel.locator("ol.tl").get_by_role("paragraph").filter(has_text="Is Thursday possible?").wait_for()
    await status_is(daniel, "Open")
    await hana.goto(f"{site.url}/tickets/{number}")
    await status_is(hana, "Open")
