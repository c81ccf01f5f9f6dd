"""What an edit costs and what changed, in a real browser: no accessibility fault, no sideways scrolling."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts.models import BrowserSession
from app.accounts.recognise import hashed
from app.actor import Actor, acting_as
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.clock import utc_now
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from tests.browser import LOOKS
from tests.database import WorkersDatabase
from tests.looking import accessible
from tests.real import RealCompany
from tests.serving import serving
from tests.story import CAMERAS

pytestmark = pytest.mark.browser
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
PICTURES = os.environ.get("PICTURES")


@dataclass
class Stage:
    url: str
    waiting: str
    """Decided by the manager: an edit costs his vote."""
    changed: str
    """Changed after his vote: he is asked again."""
    returned: str


@pytest.fixture
async def stage(real_company: RealCompany, clean_database: WorkersDatabase) -> AsyncIterator[Stage]:
    hana, daniel, maya = [await real_company.actor(key) for key in ("hana", "daniel", "maya")]
    later = utc_now() + timedelta(hours=1)
    async with real_company.database.in_its_own() as session:
        for key in ("hana", "daniel"):
            user = real_company.company.cast[key].id
            session.add(
                BrowserSession(token_sha256=hashed(f"token-{key}"), user_id=user, seen_at=utc_now(), expires_at=later)
            )
    numbers = [await _asked(real_company, hana) for _ in range(3)]
    for number in numbers:
        await _decided(real_company, daniel, number)
    await _changed(real_company, hana, numbers[1])
    await _decided(real_company, maya, numbers[2], Decision.RETURN, "Two quotes, please, and the delivery date.")
    async with serving(clean_database.app_url) as url:
        yield Stage(url, *numbers)


async def _asked(real_company: RealCompany, who: Actor) -> str:
    with acting_as(who):
        async with real_company.database.in_its_own() as session:
            form = await TicketTemplates(session, who).form("purchase-request")
            drafting = Drafting(session, who)
            ticket = await drafting.start(Content("Replace 24 thermal cameras", fields=CAMERAS), form=form)
            await drafting.submit(ticket)
            return ticket.ticket_no


async def _decided(
    real_company: RealCompany, who: Actor, number: str, decision: Decision = Decision.APPROVE, comment: str = ""
) -> None:
    with acting_as(who):
        async with real_company.database.in_its_own() as session:
            desk = ApprovalDesk(session, who)
            ticket = await desk.lock(number)
            running = await desk.running(ticket)
            assert running is not None
            vote = explain(running.state, who.id, running.context).votes[0]
            seen = vote.content_hash
            await desk.decide(ticket, seat=vote.seat, decision=decision, seen_hash=seen, comment=comment)


async def _changed(real_company: RealCompany, who: Actor, number: str) -> None:
    with acting_as(who):
        async with real_company.database.in_its_own() as session:
            drafting = Drafting(session, who)
            drafting.accept_rewind = True
            ticket = await drafting.lock(number)
            supplier = "Kameratechnik Sonnenschein-Hohenfels GmbH & Co. KG"
            fields = {**CAMERAS, "supplier": supplier, "reason": "Blind. " * 60}
            await drafting.edit(ticket, Content("Replace 30 thermal cameras", "The **old** ones.", fields))


@pytest.mark.parametrize(("device", "scheme"), LOOKS)
async def test_every_state_is_accessible_in_both_schemes_and_sizes(
    stage: Stage, chromium: Any, scheme: str, device: str
) -> None:
    width, height = WIDTHS[device]
    said: list[str] = []
    for who, pages in {"hana": _askers_pages(stage), "daniel": _approvers_pages(stage)}.items():
        context = await chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
        await context.add_cookies([{"name": "countersign", "value": f"token-{who}", "url": stage.url}])
        page = await context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        for name, path in pages.items():
            await page.goto(stage.url + path)
            if name == "refused":
                await page.locator('[name="fields.supplier"]').fill("Another Oy")
                await page.get_by_role("button", name="Save", exact=True).click()
                await page.get_by_role("button", name="Save and ask again").wait_for()
            assert await accessible(page, name) == []
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"{name}-{device}-{scheme}.png", full_page=True)
        await context.close()
    assert said == []


def _askers_pages(stage: Stage) -> dict[str, str]:
    return {
        "edit": f"/tickets/{stage.waiting}/edit", "refused": f"/tickets/{stage.waiting}/edit",
        "returned": f"/tickets/{stage.returned}/edit", "returned-ticket": f"/tickets/{stage.returned}",
    }  # fmt: skip


def _approvers_pages(stage: Stage) -> dict[str, str]:
    return {"changed-ticket": f"/tickets/{stage.changed}", "changed-inbox": "/approvals"}
