"""The whole story, each person at a browser of their own: asked, approved, worked on, confirmed."""

import asyncio
import re

import pytest

from tests.journeys.site import Site
from tests.journeys.steps import CAMERAS, fill_purchase, open_form, status_is, submit, told

pytestmark = pytest.mark.browser
TELLS = (
    "submitted", "Daniel Okafor approved", "Maya Lindqvist approved", "Tomás Herrera approved", "Aisha Bello approved",
    "to In progress", "to Resolved", "to Closed",
)  # fmt: skip
RULES = """
    SELECT array_agg(rule.key ORDER BY line.id)
    FROM ticket.notifications line JOIN ticket.notification_rules rule ON rule.id = line.rule_id
    WHERE line.user_id = :id
"""
TO_APPROVE = ["approval-requested"]
KEYS = ("daniel", "maya", "tomas", "aisha", "jonas")


async def test_38400_euro_are_asked_for_approved_spent_and_confirmed(site: Site) -> None:
    hana = await site.browser(None)
    await hana.goto(f"{site.url}/")
    await hana.get_by_role("button", name="Hana Sato").click()
    daniel, maya, tomas, aisha, jonas = await asyncio.gather(*(site.browser(key) for key in KEYS))

    await open_form(hana, site)
    await fill_purchase(hana)
    forecast = hana.locator("#forecast")
    for words in ("Daniel Okafor", "Finance review", "Legal", "CFO"):
        await forecast.get_by_text(words, exact=False).first.wait_for()
    number = await submit(hana)
    await status_is(hana, "Waiting approval")
    assert await bell(site) == {"daniel": TO_APPROVE}, "only who is asked now is told"

    await daniel.goto(f"{site.url}/approvals")
    await daniel.get_by_role("button", name=re.compile("^Approve")).first.click()
    await told(daniel, f"Approved: {number}")
    await daniel.locator("#pane").get_by_text("Nothing waits for you").wait_for()
    assert set(await bell(site)) == {"daniel", "maya", "tomas", "ruth"}
    await maya.goto(f"{site.url}/approvals")
    await maya.locator(f"#pane:has-text('{number}')").wait_for()
    await maya.keyboard.press("a")
    await told(maya, f"Approved: {number}")
    await tomas.goto(f"{site.url}/tickets/{number}")
    await tomas.get_by_role("button", name=re.compile("^Approve")).click()
    await tomas.locator(".apv .steps li.done", has_text="Finance review").wait_for()
    assert (await bell(site))["aisha"] == TO_APPROVE
    await aisha.goto(f"{site.url}/approvals")
    await aisha.get_by_role("button", name=re.compile("^Approve")).first.click()
    await told(aisha, f"Approved: {number}")

    assert (await bell(site))["jonas"] == ["work-assigned"]
    await jonas.goto(f"{site.url}/tickets/{number}")
    await jonas.get_by_role("button", name="Take it").click()
    await status_is(jonas, "In progress")
    await jonas.locator("summary", has_text="Resolve").click()
    await jonas.locator("details[open] textarea:focus").wait_for()
    await (
        jonas.get_by_label("What was done", exact=False).or_(jonas.locator("[name=resolution]")).first.fill("Ordered.")
    )
    await jonas.locator("details[open]").get_by_role("button", name="Resolve").click()
    await status_is(jonas, "Resolved")
    assert (await bell(site))["hana"] == ["request-decided", "please-confirm"]
    await hana.goto(f"{site.url}/tickets/{number}")
    await hana.get_by_role("button", name=re.compile("Confirm")).click()
    await status_is(hana, "Closed")

    lines = " | ".join(await hana.locator("ol.tl > li").all_inner_texts())
    places = [lines.find(words) for words in TELLS]
    assert -1 not in places, lines
    assert places == sorted(places), lines
    await the_dashboard_counted_it(site)
    assert set(await bell(site)) == {*KEYS, "ruth", "hana"}, "for the right people only"
    await hana.goto(f"{site.url}/notifications")
    assert await hana.locator("#main").get_by_text(CAMERAS).count() == 2


async def the_dashboard_counted_it(site: Site) -> None:
    daniel = await site.browser("daniel")
    await daniel.goto(f"{site.url}/dashboards/operations")
    tile = daniel.locator(".kpis > *", has_text="Median approval time")
    assert "1 ticket" in await tile.inner_text()
    await tile.get_by_role("link").first.click()
    await daniel.get_by_text(CAMERAS).first.wait_for()


async def bell(site: Site) -> dict[str, list[str]]:
    """Whom it rang for so far, and by which rules."""
    await site.dispatch()
    rang: dict[str, list[str]] = {}
    for key, user in site.company.cast.people.items():
        if rules := await site.value(RULES, id=user.id):
            rang[key] = rules
    return rang
