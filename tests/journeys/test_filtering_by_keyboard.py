"""A filter is added, changed and taken away without a mouse, and a condition of a flow is clicked together."""

from typing import Any
from urllib.parse import unquote

import pytest

from app.actor import acting_as
from app.tickets import trying
from tests.journeys.site import Site
from tests.story import CAMERAS, ask
from tests.waiting import until

pytestmark = pytest.mark.browser
SMALL = CAMERAS | {"amount": {"amount": "900.00", "currency": "EUR"}}
FOCUS = "document.activeElement.name || ''"


async def at(page: Any, name: str) -> None:
    """The cursor has arrived there, though the server drew everything anew meanwhile."""

    async def is_there() -> bool:
        return str(await page.evaluate(FOCUS)).endswith(name)

    await until(is_there)


async def test_a_filter_is_a_field_an_operator_and_a_value_typed_one_after_the_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "AT_MOST", 10_000)  # a busy machine counts too, only later
    hana = site.who("hana")
    with acting_as(await hana.actor()):
        async with site.database.session() as session:
            for fields in (CAMERAS, SMALL):
                await ask(session, hana, fields)
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets")
    await page.keyboard.press("f")
    await at(page, ".field")
    await page.keyboard.type("Amount")
    await page.get_by_label("Comparison").wait_for()
    await at(page, ".field")
    await page.keyboard.press("Tab")
    await page.keyboard.type("is at least")
    await at(page, ".op")
    while not str(await page.evaluate(FOCUS)).endswith(".value"):
        await page.keyboard.press("Tab")
    await page.keyboard.type("5000")
    await page.get_by_text("matches 1 ticket").wait_for()
    assert "Amount is at least €5,000.00" in await page.inner_text(".cond-said")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/tickets?f=**")
    assert unquote(page.url).endswith("/tickets?f=amount:ge:5000EUR")
    await (
        page.get_by_label("Change filter: Amount is at least")
        .or_(page.get_by_role("link", name="Change filter: Amount"))
        .first.press("Enter")
    )
    await at(page, ".op")
    await page.get_by_role("button", name="Add condition").press("Enter")
    await at(page, "where.2.field")
    await page.get_by_role("button", name="Remove condition 2").press("Enter")
    await page.get_by_role("group", name="Condition 2").wait_for(state="detached")
    await page.get_by_role("link", name="Remove filter: Amount").press("Enter")
    await page.wait_for_url(f"{site.url}/tickets")


async def test_a_value_that_is_wrong_is_marked_until_it_is_right(site: Site) -> None:
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets?add=1")
    await page.get_by_label("Field").select_option("amount")
    value = page.locator("[name='where.1.value']")
    await value.fill("lots")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Apply").click()
    await page.locator("[name='where.1.value'][aria-invalid=true]:focus").wait_for()
    assert await value.input_value() == "lots"
    assert await page.locator("[data-matches]").count() == 0, "of what is not understood nobody knows how many"
    await value.fill("1000")
    await page.get_by_text("Amount is €1,000.00").wait_for()
    assert await page.locator(".cond [aria-invalid]").count() == 0


async def test_the_condition_of_a_step_is_clicked_together_and_says_what_it_finds(site: Site) -> None:
    page = await site.browser("ada")
    await page.goto(f"{site.url}/admin/approval-templates/capital-purchase")
    step = page.locator("li", has=page.locator("[name='steps.0.name']"))
    condition = step.get_by_role("group", name="Asked only when")
    await condition.get_by_role("button", name="Add condition").click()
    await condition.get_by_label("Field").select_option("supplier")
    await condition.get_by_label("Comparison").select_option("contains")
    await condition.get_by_label("Value").fill("Nord")
    await condition.get_by_text("Supplier contains “Nord”").wait_for()
    assert await condition.get_by_label("Value").input_value() == "Nord", "what is typed stays"
    await page.get_by_role("button", name="Publish", exact=True).click()
    await page.wait_for_url("**/admin/approval-templates")
    await page.goto(f"{site.url}/admin/approval-templates/capital-purchase")
    assert "Supplier contains “Nord”" in await page.inner_text("#template-steps")
