"""Approval templates in a real browser: no accessibility fault, no sideways scrolling, nothing on the console."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts.models import BrowserSession
from app.accounts.recognise import hashed
from app.actor import SYSTEM_ID, Actor
from app.approvals.models import ApprovalTemplate
from app.approvals.service import ApprovalTemplates
from app.clock import utc_now
from app.db.session import Database
from app.flow_forms import forms_of_flow
from tests.browser import LOOKS
from tests.cast import furnish, hire
from tests.database import WorkersDatabase
from tests.looking import accessible
from tests.serving import serving

pytestmark = pytest.mark.browser
TOKEN = "token-of-a-real-browser"
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
PICTURES = os.environ.get("PICTURES")
LIST = "/admin/approval-templates"
LONG = "A very long name of an approval template that nobody would give and somebody will anyway, ÄÖÜ " + "x" * 24

GONE = {"source": "role", "role_id": 999_999, "members": "any"}
FULL_OF_PROBLEMS: dict[str, Any] = {
    "key": "warned", "name": "Warned", "stages": [
        {"steps": [{"key": key, "name": key.upper(), "mode": "any", "approvers": [GONE]}]} for key in ("a", "b", "c")
    ],
}  # fmt: skip
"""One link below the other leads to what the check found."""


@pytest.fixture
async def at(clean_database: WorkersDatabase) -> AsyncIterator[str]:
    database = Database(clean_database.app_url)
    async with database.session() as session:
        cast = await hire(session)
        await furnish(session, cast)
        later = utc_now() + timedelta(hours=1)
        ada = cast["ada"].id
        session.add(BrowserSession(token_sha256=hashed(TOKEN), user_id=ada, seen_at=utc_now(), expires_at=later))
        long = ApprovalTemplate(key="k" * 63, name=LONG, created_by=SYSTEM_ID, updated_by=SYSTEM_ID)
        session.add(long)
        await session.flush()
        admin = Actor(id=ada, name="Ada", capabilities=frozenset({"admin"}))
        templates = ApprovalTemplates(session, admin, forms_of_flow)
        change = await templates.find("change")
        await templates.archive(change)
        await templates.create(FULL_OF_PROBLEMS)
        await session.commit()
    await database.close()
    async with serving(clean_database.app_url) as url:
        yield url


async def a_page(at: str, chromium: Any, **options: Any) -> Any:
    context = await chromium.new_context(**options)
    await context.add_cookies([{"name": "countersign", "value": TOKEN, "url": at}])
    return await context.new_page()


PAGES = {
    "flows": LIST,
    "flows-archived": f"{LIST}?show=archived",
    "flows-none": f"{LIST}?q=nothing-like-it",
    "flow": f"{LIST}/capital-purchase",
    "flow-new": f"{LIST}/new",
    "flow-archived": f"{LIST}/change",
    "flow-versions": f"{LIST}/capital-purchase/versions",
    "flow-warned": f"{LIST}/warned",
    "flow-simulation": f"{LIST}/capital-purchase/simulation",
}


@pytest.mark.parametrize(("device", "scheme"), LOOKS)
async def test_every_page_is_accessible_in_both_schemes_and_sizes(
    at: str, chromium: Any, scheme: str, device: str
) -> None:
    width, height = WIDTHS[device]
    page = await a_page(at, chromium, color_scheme=scheme, viewport={"width": width, "height": height})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name, path in PAGES.items():
        await page.goto(at + path)
        if await page.locator("#template-form").count():
            await page.locator("#simulation-form").wait_for()
        await examine(page, name, f"{device}-{scheme}", width)
        if name == "flow-warned":
            links = page.locator(".note li > .link")
            assert await links.count() > 1
            assert min([(await one.bounding_box())["height"] for one in await links.all()]) >= 24
    assert said == []
    await page.goto(f"{at}{LIST}/new")
    await page.locator("#template-form button", has_text="Create and publish").click()
    await page.locator("[data-error-summary]").wait_for()
    await examine(page, "flow-refused", f"{device}-{scheme}", width)
    await page.context.close()


async def examine(page: Any, name: str, kind: str, width: int) -> None:
    assert await accessible(page, name) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}-{kind}.png", full_page=True)


async def test_the_screen_is_tried_before_it_is_saved(at: str, chromium: Any) -> None:
    page = await a_page(at, chromium)
    await page.goto(f"{at}{LIST}/capital-purchase")
    await page.locator("[id='f-steps.0.name']").fill("The boss")
    await page.get_by_label("Requester", exact=True).select_option(label="Hana Sato")
    await page.get_by_role("button", name="Show who approves").click()
    found = page.locator("#simulation ol.sim")
    await found.get_by_text("The boss").wait_for()
    assert await found.get_by_text("Daniel Okafor").count() == 1
    await page.context.close()


async def test_a_step_is_added_beside_another_without_losing_what_was_typed(at: str, chromium: Any) -> None:
    page = await a_page(at, chromium)
    await page.goto(f"{at}{LIST}/travel")
    await page.locator("[id='f-steps.0.name']").fill("The boss")
    await page.get_by_role("button", name="Add a step to stage 1").click()
    await page.locator("#step-row-2").wait_for()
    assert await page.locator("[id='f-steps.0.name']").input_value() == "The boss"
    await page.context.close()
