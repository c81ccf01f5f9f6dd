"""A worker over a database of its own, and jobs that exist for one test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from app.config import Settings
from app.db.session import Database
from app.jobs import registry, worker
from tests.database import WorkersDatabase

StartWorker = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def own_database(clean_database: WorkersDatabase) -> AsyncIterator[Database]:
    database = Database(clean_database.app_url)
    yield database
    await database.close()


@pytest.fixture
def only_our_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOBS", "PERIODIC", "LOOPS"):
        empty: dict[str, object] = {}
        monkeypatch.setattr(registry, name, empty)
        monkeypatch.setattr(worker, name, empty)


@pytest.fixture
def working(own_database: Database, only_our_jobs: None) -> StartWorker:
    @asynccontextmanager
    async def start() -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(Settings(secret_key="unused"), stop, own_database))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 60)

    return start
