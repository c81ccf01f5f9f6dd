"""Columns that do not fit are scrolled to inside the list: the page stays, titles can be read, headings stand above."""

from typing import Any

import pytest

from app.actor import acting_as
from app.tickets.columns import USUAL
from tests.journeys.site import Site
from tests.looking import TOO_WIDE
from tests.story import ask

pytestmark = pytest.mark.browser
ALL = ",".join((*USUAL, "amount", "supplier", "cost_center", "labels", "categories", "template", "resolved_at"))
WIDTHS = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  return { title: box("td.t").width, below: box("tbody tr").top - box("thead tr").bottom };
}"""


async def seen(page: Any) -> dict[str, float]:
    found: dict[str, float] = await page.evaluate(WIDTHS)
    return found


@pytest.mark.parametrize("width", [1440, 1024])
async def test_many_columns_leave_the_page_and_the_titles_as_wide_as_they_were(site: Site, width: int) -> None:
    hana = site.who("hana")
    with acting_as(await hana.actor()):
        async with site.database.session() as session:
            await ask(session, hana, title="A title that is long enough to be cut off in a narrow column of a list")
    page = await site.browser("hana", viewport={"width": width, "height": 800})
    for address in ("/tickets", f"/tickets?columns={ALL}", "/tickets?columns=status,assignee,amount,supplier,due_at"):
        await page.goto(f"{site.url}{address}")
        assert await page.evaluate(TOO_WIDE) is None, address
        found = await seen(page)
        assert found["title"] >= 160, address
        assert found["below"] >= -1, address
