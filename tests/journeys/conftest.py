"""`site`: the product served with its company in it, and nothing on any console when a journey ends.

A journey that failed is walked once more (docs/decisions/0010): the summary says RERUN for it.
"""

import sys
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread
from tests.journeys.site import Site, open_site


class House:
    """Where all journeys of one file take place: they ask for things of their own, and leave what they did behind."""

    def __init__(self, database: WorkersDatabase, chromium: Any) -> None:
        self._database, self._chromium, self._open = database, chromium, AsyncExitStack()
        self._site: Site | None = None

    async def site(self) -> Site:
        if self._site is None:
            self._site = await self._open.enter_async_context(open_site(self._database, self._chromium))
        return self._site

    async def close(self) -> None:
        self._site = None
        await self._open.aclose()
        in_a_thread(restore_what_migrations_brought(self._database.superuser_dsn))


@pytest.fixture(scope="module")
async def house(database: WorkersDatabase, chromium: Any) -> AsyncIterator[House]:
    house = House(database, chromium)
    yield house
    await house.close()


FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
async def site(house: House, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """After a journey that failed the next one, or its second try, finds everything new."""
    site = await house.site()
    yield site
    said = [*site.said]
    if request.node.stash.get(FAILED, False):
        sys.stdout.write(await site.shown())
        await house.close()
    else:
        await site.close_browsers()
    assert said == [], "no script fault, no broken rule of the content security policy"
