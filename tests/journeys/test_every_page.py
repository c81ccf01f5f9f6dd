"""Every page that five people are led to: nothing on the console, accessible, in light and dark, wide and narrow."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from app.actor import acting_as
from app.approvals.core.commands import Decision
from app.tickets.conversation import Conversation
from app.tickets.models import Visibility
from tests.browser import NIGHTLY
from tests.journeys.crawling import crawl, kind_of
from tests.journeys.site import DESK, PHONE, Site, token_of
from tests.looking import COLOURS, EVERYTHING, NARROW, NARROWEST, TOO_WIDE, accessible
from tests.serving import browsing
from tests.story import CAMERAS, ask, decide, draft

pytestmark = pytest.mark.browser
PEOPLE = ("ada", "hana", "daniel", "maya", "otto")
SMALL = CAMERAS | {"amount": {"amount": "1200.00", "currency": "EUR"}, "supplier_is_new": False}
LONG = "採購申請單：年度稽核 A request whose title is so long that it has to wrap wherever it is shown " + "x" * 60
AT_ONCE = 2


async def a_week_at_work(site: Site) -> None:
    hana, daniel = site.who("hana"), site.who("daniel")
    with acting_as(await hana.actor()):
        async with site.database.session() as session:
            await draft(session, hana, SMALL, title="Not sent yet")
            opened = [await ask(session, hana, SMALL, title=f"Small thing {n}") for n in range(4)]
            talked = await ask(session, hana, title=LONG)
            await ask(session, hana, title="A severance", visibility=Visibility.RESTRICTED)
            await Conversation(session, await hana.actor()).comment(talked, "| a | b |\n|---|---|\n| 1 | `x` |\n\n> so")
            await session.commit()
    with acting_as(await daniel.actor()):
        async with site.database.session() as session:
            await decide(session, daniel, talked.ticket_no)
            await decide(session, daniel, opened[0].ticket_no)
            await decide(session, daniel, opened[1].ticket_no, Decision.RETURN, "Which one?")
            await decide(session, daniel, opened[2].ticket_no, Decision.REJECT, "No.")
    await site.dispatch()


async def test_every_page_that_is_linked_is_there_titled_and_free_of_inline_code_and_is_accessible(site: Site) -> None:
    await a_week_at_work(site)
    found = await asyncio.gather(*(pages_of(site, key) for key in PEOPLE))
    faults = [fault for _, wrong in found for fault in wrong]
    work = list(audits(dict(zip(PEOPLE, [pages for pages, _ in found], strict=True))))
    assert len(work) > 40, "they are led to many pages"
    queue = iter(work)
    faults += [fault for some in await asyncio.gather(*(audit(site, queue) for _ in range(AT_ONCE))) for fault in some]
    assert faults == [], "\n".join(faults)


async def pages_of(site: Site, key: str) -> tuple[list[str], list[str]]:
    async with browsing(cookies={"countersign": token_of(key)}) as client:
        pages, faults = await crawl(client, site.url)
    return pages, [f"{key}: {fault}" for fault in faults]


def audits(pages: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Each kind of page as whoever comes to it first; at night each page of each person."""
    seen = set()
    for key, urls in pages.items():
        for url in urls:
            if NIGHTLY or kind_of(url) not in seen:
                yield key, url
            seen.add(kind_of(url))


async def audit(site: Site, queue: Iterator[tuple[str, str]]) -> list[str]:
    faults: list[str] = []
    browsers: dict[str, Any] = {}
    for key, url in queue:
        page = browsers.get(key) or browsers.setdefault(key, await site.browser(key))
        await page.set_viewport_size(DESK)
        await page.emulate_media(color_scheme="light")
        await page.goto(url)
        faults += [f"{key} {url} {fault}" for fault in await looked_at(page)]
    return faults


async def looked_at(page: Any) -> list[str]:
    faults = await accessible(page, "light 1440", EVERYTHING)
    await page.emulate_media(color_scheme="dark")
    if NIGHTLY:
        faults += await accessible(page, "dark 1440", COLOURS)
    for width in (NARROWEST, PHONE["width"]):
        await page.set_viewport_size({"width": width, "height": PHONE["height"]})
        if too_wide := await page.evaluate(TOO_WIDE):
            faults.append(f"at {width}: scrolls sideways: {too_wide}")
    return faults + await accessible(page, "dark 390", EVERYTHING if NIGHTLY else NARROW)
