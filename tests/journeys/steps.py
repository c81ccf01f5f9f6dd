"""What people do at their browsers, in the words of the story."""

from typing import Any

from tests.journeys.site import Site

CAMERAS = "Replace 24 thermal cameras"


async def open_form(page: Any, site: Site, form: str = "Purchase request") -> None:
    """From the gallery, as a newcomer would."""
    await page.goto(f"{site.url}/tickets/new")
    await page.get_by_role("link", name=form).first.click()
    await page.get_by_role("heading", name=form, level=1).wait_for()


async def fill_purchase(page: Any, amount: str = "38,400", title: str = CAMERAS, *, new_supplier: bool = True) -> None:
    await page.get_by_label("Title").fill(title)
    await page.get_by_label("Amount", exact=False).first.fill(amount)
    await page.get_by_label("Cost centre").select_option("cc_4410")
    await page.get_by_label("Supplier", exact=False).first.fill("Nordtherm Imaging Oy")
    if new_supplier:
        await page.get_by_label("New supplier").check()
    await page.get_by_label("Budgeted").check()


async def submit(page: Any) -> str:
    """The number that the ticket got."""
    await page.get_by_role("button", name="Submit for approval").click()
    await page.wait_for_url("**/tickets/PUR-*")
    return str(page.url).rsplit("/", 1)[1].split("?")[0]


async def asked(page: Any, site: Site, amount: str = "38,400", title: str = CAMERAS, **about: Any) -> str:
    await open_form(page, site)
    await fill_purchase(page, amount, title, **about)
    return await submit(page)


async def told(page: Any, sentence: str) -> None:
    """The toast, in the one region that is read aloud."""
    await page.locator("#toasts").get_by_text(sentence).first.wait_for()


async def status_is(page: Any, words: str) -> None:
    await page.locator(".tk-title .status", has_text=words).wait_for()
