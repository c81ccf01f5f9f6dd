"""For races and crashes: the cast and its company really committed, and sessions that really commit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.actor import SYSTEM, Actor, acting_as
from app.db.session import Database
from app.seeds.teller import actor_by_email
from tests.cast import Company, furnish, hire
from tests.database import WorkersDatabase


@dataclass
class RealCompany:
    database: Database
    company: Company

    async def actor(self, key: str) -> Actor:
        async with self.database.session() as session:
            return await actor_by_email(session, self.company.cast[key].email)


@pytest.fixture(scope="session")
async def real_database(database: WorkersDatabase) -> AsyncIterator[Database]:
    """Kept from test to test, with the statements that it has made already."""
    kept = Database(database.app_url, pool_size=8, max_overflow=4)
    yield kept
    await kept.close()


@pytest.fixture
async def real_company(real_database: Database, clean_database: WorkersDatabase) -> RealCompany:
    with acting_as(SYSTEM):
        async with real_database.session() as session:
            company = await furnish(session, await hire(session))
    return RealCompany(real_database, company)
