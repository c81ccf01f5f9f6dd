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


@pytest.fixture
async def real_company(clean_database: WorkersDatabase) -> AsyncIterator[RealCompany]:
    database = Database(clean_database.app_url, pool_size=8, max_overflow=4)
    with acting_as(SYSTEM):
        async with database.session() as session:
            company = await furnish(session, await hire(session))
    yield RealCompany(database, company)
    await database.close()
