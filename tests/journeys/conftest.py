"""`site`: the product served with its company in it, and nothing on any console when a journey ends.

A journey in which a wait ran out is walked once more (docs/decisions/0010): the summary says RERUN for it.
"""

import sys
from collections.abc import AsyncIterator, Generator
from typing import Any

import pytest

from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread
from tests.journeys.site import Site, open_site


@pytest.fixture(scope="module")
async def served_site(database: WorkersDatabase, chromium: Any) -> AsyncIterator[Site]:
    """For all journeys of one file: they ask for things of their own, and leave what they did behind."""
    async with open_site(database, chromium) as site:
        yield site
    in_a_thread(restore_what_migrations_brought(database.superuser_dsn))


RAN_OUT = "TimeoutError: .*Timeout \\d+ms exceeded"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=[RAN_OUT]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
async def site(served_site: Site, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    yield served_site
    said = [*served_site.said]
    if request.node.stash.get(FAILED, False):
        sys.stdout.write(await served_site.shown())
    await served_site.close_browsers()
    assert said == [], "no script fault, no broken rule of the content security policy"
