"""A figure that takes too long is left out and named; the rest of the page is there."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.dashboards import durations
from app.db import patience
from tests.cast import Browser, Company
from tests.story import ask


async def test_the_page_names_what_it_left_out_and_shows_the_rest(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(session: AsyncSession, *_: Any) -> Any:
        await session.execute(text("SELECT pg_sleep(10)"))

    await ask(session, hana)
    monkeypatch.setattr(patience, "AT_MOST", 1_000)
    monkeypatch.setattr(durations, "medians_by_status", slow)
    answer = await daniel.get("/dashboards/operations?range=7d")
    assert answer.status_code == 200
    assert "Some figures are left out" in answer.text
    assert "how long tickets have been where they are" in answer.text
    assert 'data-count="1"' in answer.text


async def test_another_fault_is_no_matter_of_patience(session: AsyncSession) -> None:
    async def wrong() -> None:
        await session.execute(text("SELECT 1 / 0"))

    with pytest.raises(Exception, match="division by zero"):
        await patience.Patience(session).wait_for("it", wrong, None)


async def test_what_comes_after_it_may_take_its_time_again(session: AsyncSession) -> None:
    async def quick() -> str:
        return "found"

    async def slow() -> str:
        await session.execute(text("SELECT pg_sleep(10)"))
        return "never"

    before = (await session.execute(text("SHOW statement_timeout"))).scalar()
    waiting = patience.Patience(session, at_most=500)
    assert await waiting.wait_for("quick", quick, "nothing") == "found"
    assert (await session.execute(text("SHOW statement_timeout"))).scalar() == before or before == "0"
    assert await waiting.wait_for("slow", slow, "nothing") == "nothing"
    assert waiting.left_out == ["slow"]
    assert (await session.execute(text("SELECT 1"))).scalar() == 1
