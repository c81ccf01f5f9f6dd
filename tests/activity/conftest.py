"""A database with real commits, and readers that exist for one test."""

from collections.abc import AsyncIterator

import pytest

from app.activity import dispatch
from app.activity.dispatch import Reader
from app.db.session import Database
from tests.database import WorkersDatabase


@pytest.fixture
async def own_database(clean_database: WorkersDatabase) -> AsyncIterator[Database]:
    database = Database(clean_database.app_url, pool_size=15, max_overflow=15)
    yield database
    await database.close()


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[Reader]:
    ours: list[Reader] = []
    monkeypatch.setattr(dispatch, "readers", ours)
    return ours
