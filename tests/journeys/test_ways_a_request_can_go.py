"""Sent back and asked again, rejected, withdrawn, kept as a draft, clicked twice, read on a phone."""

import asyncio
import re
from typing import Any

import pytest

from tests.journeys.site import PHONE, Site
from tests.journeys.steps import asked, fill_purchase, open_form, status_is, submit, told

pytestmark = pytest.mark.browser
APPROVE, SEND_BACK, REJECT = (re.compile(f"^{verb}") for verb in ("Approve", "Send back", "Reject"))
VOTES = """
    SELECT count(*) FROM ticket.ticket_notes n JOIN ticket.tickets t ON t.id = n.ticket_id
    WHERE t.title = :title AND n.event_type = 'approval_approved'
"""
SMALL = {"amount": "1,200", "new_supplier": False}


async def decide(page: Any, site: Site, number: str, verb: re.Pattern[str], comment: str = "") -> None:
    await page.goto(f"{site.url}/tickets/{number}")
    ballot = page.locator("form.decide").first
    if comment:
        await ballot.get_by_label("Comment").fill(comment)
    await ballot.get_by_role("button", name=verb).click()


async def change_amount(page: Any, amount: str, button: str) -> None:
    await page.get_by_role("link", name="Edit").first.click()
    await page.get_by_label("Amount", exact=False).first.fill(amount)
    await page.get_by_role("button", name=button).first.click()
    await page.wait_for_url(re.compile(r"/tickets/PUR-\d+(\?.*)?$"))


async def test_a_request_that_is_sent_back_is_changed_and_comes_again_in_round_2(site: Site) -> None:
    hana, daniel = await site.browser("hana"), await site.browser("daniel")
    number = await asked(hana, site, title="Sent back once", **SMALL)
    await decide(daniel, site, number, SEND_BACK)
    await daniel.locator(".apv [role=alert]").wait_for()
    await decide(daniel, site, number, SEND_BACK, "Please ask for two, not for three.")
    await daniel.locator(".status", has_text=re.compile("Sent back|Returned|Draft")).first.wait_for()
    await hana.goto(f"{site.url}/tickets/{number}")
    await hana.get_by_text("Please ask for two, not for three.").first.wait_for()
    await change_amount(hana, "800", "Save")
    await hana.get_by_role("button", name=re.compile("Submit|Resubmit|Send again")).first.click()
    await status_is(hana, "Waiting approval")
    await hana.locator(".apv").get_by_text("round 2").wait_for()
    await decide(daniel, site, number, APPROVE)
    await status_is(daniel, "Open")


async def test_a_rejected_request_may_be_edited_and_asked_anew(site: Site) -> None:
    hana, daniel = await site.browser("hana"), await site.browser("daniel")
    number = await asked(hana, site, title="Rejected once", **SMALL)
    await decide(daniel, site, number, REJECT, "Not this year.")
    await status_is(daniel, "Rejected")
    await hana.goto(f"{site.url}/tickets/{number}")
    await hana.get_by_role("button", name=re.compile("Edit again|Revise|Change")).first.click()
    await status_is(hana, "Draft")
    await hana.get_by_role("button", name=re.compile("^Submit")).first.click()
    await status_is(hana, "Waiting approval")
    processes = "SELECT count(*) FROM ticket.approval_processes p JOIN ticket.tickets t ON t.id = p.ticket_id"
    assert await site.value(f"{processes} WHERE t.ticket_no = :number", number=number) == 2


async def test_a_withdrawn_request_waits_for_nobody(site: Site) -> None:
    hana, daniel = await site.browser("hana"), await site.browser("daniel")
    number = await asked(hana, site, title="Withdrawn at once", **SMALL)
    await daniel.goto(f"{site.url}/approvals")
    await daniel.locator("#queue").get_by_text("Withdrawn at once").wait_for()
    await hana.locator("summary", has_text="Withdraw").click()
    await hana.locator("details[open]").get_by_role("button", name="Withdraw").click()
    await status_is(hana, "Draft")
    await daniel.goto(f"{site.url}/approvals")
    await daniel.locator("#pane").wait_for()
    assert await daniel.locator("#queue").get_by_text("Withdrawn at once").count() == 0
    await daniel.goto(f"{site.url}/tickets/{number}")
    await status_is(daniel, "Draft")


async def test_a_draft_is_kept_and_found_again_and_what_was_only_typed_too(site: Site) -> None:
    hana = await site.browser("hana")
    await open_form(hana, site)
    async with hana.expect_response("**/forecast"):
        await fill_purchase(hana, "2,000", "Typed and left alone")
        await hana.get_by_label("Title").focus()
    await open_form(hana, site)
    assert await hana.get_by_label("Title").input_value() == "Typed and left alone"
    await hana.get_by_role("button", name="Keep as draft").click()
    await hana.wait_for_url("**/tickets/PUR-*")
    await status_is(hana, "Draft")
    await hana.goto(f"{site.url}/tickets?creator=me")
    await hana.locator("#main").get_by_role("link", name="Typed and left alone").first.click()
    await status_is(hana, "Draft")
    await open_form(hana, site)
    assert await hana.get_by_label("Title").input_value() == ""


async def test_a_double_click_is_one_decision_and_one_ticket(site: Site) -> None:
    hana, daniel = await site.browser("hana"), await site.browser("daniel")
    await open_form(hana, site)
    await fill_purchase(hana, "1,200", "Clicked twice", new_supplier=False)
    await hana.get_by_role("button", name="Submit for approval").dblclick()
    await hana.wait_for_url("**/tickets/PUR-*")
    assert await site.value("SELECT count(*) FROM ticket.tickets WHERE title = 'Clicked twice'") == 1
    await daniel.goto(hana.url)
    await daniel.locator("form.decide").get_by_role("button", name=APPROVE).dblclick()
    await status_is(daniel, "Open")
    assert await site.value(VOTES, title="Clicked twice") == 1


async def test_two_tabs_that_approve_the_same_request_count_once(site: Site) -> None:
    hana, one = await site.browser("hana"), await site.browser("daniel")
    number = await asked(hana, site, title="In two tabs", **SMALL)
    other = await one.context.new_page()
    for tab in (one, other):
        await tab.goto(f"{site.url}/tickets/{number}")
    buttons = [tab.locator("form.decide").get_by_role("button", name=APPROVE) for tab in (one, other)]
    await asyncio.gather(*(button.click() for button in buttons))
    await asyncio.gather(*(button.wait_for(state="detached") for button in buttons))
    await hana.reload()
    await status_is(hana, "Open")
    assert await site.value(VOTES, title="In two tabs") == 1


async def test_on_a_phone_a_request_is_found_read_and_approved(site: Site) -> None:
    hana = await site.browser("hana", viewport=PHONE, has_touch=True)
    await open_form(hana, site)
    await fill_purchase(hana, "1,200", "From a phone", new_supplier=False)
    number = await submit(hana)
    daniel = await site.browser("daniel", viewport=PHONE, has_touch=True)
    await daniel.goto(f"{site.url}/approvals")
    await daniel.get_by_role("link", name="From a phone").tap()
    pane = daniel.locator("#pane")
    await pane.get_by_role("button", name=APPROVE).wait_for()
    bar = await daniel.locator(".bottomnav").bounding_box()
    for verb in (APPROVE, SEND_BACK, REJECT):
        box = await pane.get_by_role("button", name=verb).bounding_box()
        assert box["y"] + box["height"] <= bar["y"], f"{verb.pattern} is on the first screen, not under the bar"
        assert box["height"] >= 44, f"{verb.pattern} is thumb-sized"
    await pane.get_by_role("button", name=APPROVE).tap()
    await told(daniel, f"Approved: {number}")
    await daniel.goto(f"{site.url}/tickets/{number}")
    await status_is(daniel, "Open")
