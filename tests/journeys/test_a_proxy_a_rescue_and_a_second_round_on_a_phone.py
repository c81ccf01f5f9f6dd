"""A week away, a stuck step and a second round, all with a thumb."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.accounts.people import People
from app.actor import SYSTEM, acting_as
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.models import Ticket
from tests.journeys.site import PHONE, Site
from tests.journeys.steps import asked, status_is, told
from tests.journeys.test_deciding_by_keyboard import SMALL
from tests.journeys.test_ways_a_request_can_go import APPROVE, SEND_BACK, change_amount
from tests.story import CHANGE, ask

pytestmark = pytest.mark.browser


async def with_a_phone(site: Site, key: str) -> Any:
    return await site.browser(key, viewport=PHONE, has_touch=True)


async def asked_by(site: Site, key: str, fields: dict[str, Any], **content: Any) -> Ticket:
    who = site.who(key)
    with acting_as(await who.actor()):
        async with site.database.session() as session:
            return await ask(session, who, fields, **content)


async def choose(form: Any, name: str, words: str) -> None:
    select = form.locator(f"select[name={name}]")
    await select.select_option(await select.locator("option", has_text=words).get_attribute("value"))


async def test_a_week_away_the_proxy_decides_for_the_cfo_and_sees_nothing_once_it_ends(site: Site) -> None:
    ingrid, maya = await with_a_phone(site, "ingrid"), await with_a_phone(site, "maya")
    await ingrid.goto(f"{site.url}/me/proxies")
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    await choose(ingrid, "proxy_id", "Maya Lindqvist")
    await ingrid.get_by_label("From").fill((now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    await ingrid.get_by_label("Until").fill((now + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M"))
    await ingrid.get_by_role("button", name="Set a proxy").tap()
    await ingrid.get_by_text("Maya Lindqvist for Ingrid Solberg").first.wait_for()
    first = await asked_by(site, "ruth", SMALL, title="While she is away", visibility="restricted")
    await maya.goto(f"{site.url}/approvals")
    await maya.get_by_role("heading", name="As proxy for Ingrid Solberg").wait_for()
    await maya.get_by_role("link", name=first.title).tap()
    await maya.locator("#pane").get_by_role("button", name=APPROVE).tap()
    await told(maya, f"Approved: {first.ticket_no}")
    await maya.goto(f"{site.url}/approvals?q=decided")
    await maya.locator("#main").get_by_text("for Ingrid Solberg").first.wait_for()
    second = await asked_by(site, "ruth", SMALL, title="When she is back", visibility="restricted")
    assert (await maya.goto(f"{site.url}/tickets/{second.ticket_no}")).status == 200
    await ingrid.get_by_role("button", name=re.compile("^End")).first.tap()
    await ingrid.locator("#main").get_by_text("Over", exact=True).wait_for()
    await maya.goto(f"{site.url}/approvals")
    assert await maya.get_by_text(second.title).count() == 0
    gone, never = [await maya.goto(f"{site.url}/tickets/{no}") for no in (second.ticket_no, "PUR-999999")]
    assert gone.status == never.status == 404


async def test_a_second_round_shows_the_approver_what_has_changed(site: Site) -> None:
    hana, daniel = await with_a_phone(site, "hana"), await with_a_phone(site, "daniel")
    number = await asked(hana, site, "1,200", "Two rounds", new_supplier=False)
    await daniel.goto(f"{site.url}/approvals")
    await daniel.get_by_role("link", name="Two rounds").tap()
    pane = daniel.locator("#pane")
    await pane.get_by_label("Comment").fill("Cheaper, please.")
    await pane.get_by_role("button", name=SEND_BACK).tap()
    await told(daniel, number)
    await hana.goto(f"{site.url}/tickets/{number}")
    await hana.get_by_text("Cheaper, please.").first.wait_for()
    await change_amount(hana, "800", "Save")
    await hana.get_by_role("button", name=re.compile("Submit|Resubmit|Send again")).first.tap()
    await status_is(hana, "Waiting approval")
    await daniel.goto(f"{site.url}/approvals")
    await daniel.get_by_role("link", name="Two rounds").tap()
    change = pane.locator(".changed, .chg, [class*=change]").filter(has_text="800").first
    await change.wait_for()
    assert "1,200" in await change.inner_text()
    await pane.get_by_role("button", name=APPROVE).tap()
    await told(daniel, f"Approved: {number}")


async def test_a_stuck_step_is_found_in_the_attention_queue_and_goes_on(site: Site) -> None:
    """Everybody on the board has to approve, and one of them has left."""
    ticket = await asked_by(site, "hana", CHANGE, form="change", title="Stuck for good")
    ada = site.who("ada")
    async with site.database.session() as session:
        with acting_as(await ada.actor()):
            people = People(session, await ada.actor())
            await people.deactivate(await people.find(site.company.cast["elena"].id))
        with acting_as(SYSTEM):
            desk = ApprovalDesk(session, SYSTEM)
            await desk.settle(await desk.lock(ticket.ticket_no))
        await session.commit()
    page = await with_a_phone(site, "ada")
    await page.goto(f"{site.url}/admin/attention")
    await page.get_by_label(f"See what can be done for {ticket.ticket_no}").tap()
    way_out = page.locator("details", has_text="Go on without").first
    await way_out.locator("summary").tap()
    await choose(way_out, "seat", "Elena")
    await way_out.get_by_label("Reason").fill("She has left; two signatures are enough here.")
    async with page.expect_navigation():
        await way_out.get_by_role("button", name="Go on without").tap()
    await page.goto(f"{site.url}/admin/attention")
    await page.get_by_text("No approval needs an administrator").wait_for()
    await page.goto(f"{site.url}/tickets/{ticket.ticket_no}")
    await page.get_by_text("She has left; two signatures are enough here.").first.wait_for()
