"""A picture pasted into the text of a new request is kept, shown on the ticket and stands where it was pasted."""

import pytest

from tests.journeys.site import Site
from tests.looking import EVERYTHING, accessible

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
