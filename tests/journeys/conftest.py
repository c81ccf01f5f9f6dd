"""`site`: the product served with its company in it, and nothing on any console when a journey ends."""

from collections.abc import AsyncIterator
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


@pytest.fixture
async def site(served_site: Site) -> AsyncIterator[Site]:
    yield served_site
    said = [*served_site.said]
    await served_site.close_browsers()
    assert said == [], "no script fault, no broken rule of the content security policy"
