"""A process that is told to stop does so, whatever its live pages are doing at that moment."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from app.actor import Actor
from app.db.session import Database
from app.web.hub import HERE, Hub, Place
from tests.database import WorkersDatabase


@pytest.mark.parametrize("turns", range(8))
async def test_it_stops_in_whatever_turn_of_the_loop_its_last_page_has_gone(
    database: WorkersDatabase, turns: int
) -> None:
    """What a page's going set in motion must not swallow that the work is called off."""

    async def who_is(tokens: Iterable[str]) -> dict[str, Actor]:
        return {}

    async def attend(*_told: Any) -> None:
        pass

    pool = Database(database.app_url)
    hub = Hub(pool, who_is, attend)
    async with hub.stay(Place("token", Actor(1, "Ada"), ticket_id=1, parts=frozenset({HERE}))):
        await asyncio.sleep(0.5)  # it waits for pages to come and go by now
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await hub.close()
    await pool.close()
