"""Files pasted, chosen or dropped into a new request are kept with it, stand where they belong and come along."""

import asyncio
from typing import Any

import pytest

from tests.attachments.makers import PDF
from tests.journeys.site import Site
from tests.looking import EVERYTHING, accessible
from tests.story import add_fields

pytestmark = pytest.mark.browser
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PASTE = """(area, dot) => {
  const png = Uint8Array.from(atob(dot), (sign) => sign.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([png], "plan.png", { type: "image/png" }));
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


async def test_a_pasted_picture_comes_along(site: Site) -> None:
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets/new/blank")
    await page.get_by_label("Title").fill("A plan of the hall")
    area = page.get_by_label("Description")
    await area.fill("See here:\n")
    await area.evaluate(PASTE, DOT)
    await page.locator("#request-files").get_by_text("plan.png").wait_for()
    assert "![plan.png](attachment:plan.png)" in await area.input_value()
    assert await accessible(page, "light 1440", EVERYTHING) == []
    await page.get_by_role("button", name="Submit", exact=True).click()
    await page.wait_for_url("**/tickets/TIC-*")
    await page.locator(".prose img[alt='plan.png']").wait_for()
    await page.locator(".files").get_by_text("plan.png").first.wait_for()


DROP = """(place, dot) => {
  const png = Uint8Array.from(atob(dot), (sign) => sign.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([png], "front.png", { type: "image/png" }));
  for (const name of ["dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
  }
}"""


async def test_a_question_takes_files_and_who_submits_too_early_waits_for_them(site: Site) -> None:
    async with site.database.in_its_own() as session:
        quotes = {"key": "quotes", "label": "Quotes", "type": "attachment", "required": True, "help": "At least one."}
        plan = {"key": "plan", "label": "Plan", "type": "attachment"}
        without = {"v": 1, "field": "plan", "op": "empty"}
        why = {"key": "why", "label": "Why no plan", "type": "text", "visible_when": without}
        await add_fields(session, site.who("ada"), "travel", quotes, plan, why)
    page = await site.browser("hana")
    await page.goto(f"{site.url}/tickets/new/travel")
    await page.get_by_label("Title").fill("Taipei")
    question = page.locator("#question-quotes")
    await question.locator("[data-upload]").evaluate(DROP, DOT)
    await question.get_by_text("front.png").first.wait_for()
    await page.locator("#question-plan input[type=file]").set_input_files(
        [{"name": "plan.pdf", "mimeType": "", "buffer": PDF}]
    )
    await page.locator("#question-plan").get_by_text("plan.pdf").first.wait_for()
    await page.get_by_label("Why no plan").wait_for(state="detached")
    assert await page.get_by_label("Title").input_value() == "Taipei", "nothing typed is lost"
    assert await accessible(page, "light 1440", EVERYTHING) == []
    await page.get_by_label("Destination").fill("Taipei")
    await page.locator("[name='fields.start']").fill("2027-01-10")
    await page.locator("[name='fields.end']").fill("2027-01-14")
    await page.get_by_label("Estimated cost").fill("900")
    await question.get_by_label("Leave out front.png").check()
    await page.route("**/files?field=quotes", slowly)
    await question.locator("input[type=file]").set_input_files([{"name": "q.pdf", "mimeType": "", "buffer": PDF}])
    await page.get_by_role("button", name="Submit for approval").click()
    await page.wait_for_url("**/tickets/TRV-*")
    request = page.locator("[id$=-request] .fields")
    assert await request.locator(".file b").all_inner_texts() == ["q.pdf", "plan.pdf"]
    assert await accessible(page, "light 1440", EVERYTHING) == []


async def slowly(route: Any) -> None:
    await asyncio.sleep(0.5)
    await route.continue_()
