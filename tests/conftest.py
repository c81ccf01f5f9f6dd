"""What every test may ask for: a database of this worker, a session that is thrown away, a browser."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from app.db.direct import DirectSession
from app.web import paging
from tests.browser import launched_chromium
from tests.cast import (  # noqa: F401  (the cast are fixtures)
    ada,
    aisha,
    app,
    cast,
    client,
    company,
    daniel,
    elena,
    hana,
    ingrid,
    jonas,
    lucas,
    maya,
    nora,
    omar,
    otto,
    ruth,
    served,
    tomas,
)
from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread, workers_database
from tests.dispatching import dispatch  # noqa: F401
from tests.furnished import furnished_database
from tests.real import real_company, real_database  # noqa: F401

gc.disable()
STATEMENTS = 5_000
"""That are remembered: more than there are."""


LONGEST = (
    "secrecy/test_two_worlds", "journeys/test_ways_a_request", "journeys/test_every_page",
    "approvals/test_racing_votes", "journeys/", "secrecy/", "approvals/core/test_holding_the_invariants",
    "approving/test_racing", "crash/", "approvals/test_how", "approving/", "approvals/", "ops/", "dashboards/", "api/",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where workers share the files, the longest are begun first, or one worker would be left with them in the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: next((n for n, part in enumerate(LONGEST) if part in item.nodeid), len(LONGEST)))


def pytest_collection_finish() -> None:
    """All that was imported stays: to look it through again and again took a tenth of the time of all tests."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Iterator[WorkersDatabase]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    with workers_database(run, worker) as mine:
        yield mine


@pytest.fixture(scope="session")
def database_url(database: WorkersDatabase) -> str:
    """For `asyncpg.connect`, in the app's role."""
    return database.app_dsn


@pytest.fixture(scope="session")
def owner_url(database: WorkersDatabase) -> str:
    """For SQLAlchemy, in the owner's role."""
    return database.owner_url


@pytest.fixture(scope="session")
async def engine(database: WorkersDatabase) -> AsyncIterator[AsyncEngine]:
    async with _kept_connected(database) as engine:
        yield engine


@pytest.fixture(scope="session")
async def furnished_engine(database: WorkersDatabase) -> AsyncIterator[AsyncEngine]:
    """Where the cast and their company are already at work: to hire them took longer than most tests."""
    async with _kept_connected(furnished_database(database)) as engine:
        yield engine


@asynccontextmanager
async def _kept_connected(database: WorkersDatabase) -> AsyncIterator[AsyncEngine]:
    """One connection for test after test, which knows their statements already."""
    settings = {"search_path": "ticket", "jit": "off"}
    engine = create_async_engine(
        database.app_url,
        pool_size=1,
        pool_pre_ping=True,
        query_cache_size=STATEMENTS,
        connect_args={"server_settings": settings, "prepared_statement_cache_size": STATEMENTS},
    )
    yield engine
    await engine.dispose()


@pytest.fixture
def engine_of_this_test(request: pytest.FixtureRequest) -> AsyncEngine:
    found: AsyncEngine = request.getfixturevalue("furnished_engine" if "company" in request.fixturenames else "engine")
    return found


@pytest.fixture
async def connection(engine_of_this_test: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """In a transaction that is thrown away, whatever is committed inside it."""
    async with engine_of_this_test.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    async with DirectSession(
        bind=connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
    ) as session:
        yield session


@pytest.fixture(autouse=True)
def nothing_was_many() -> None:
    """What one test counted is nothing to the next, whose people have the same ids."""
    paging._many.clear()


@pytest.fixture
def clean_database(database: WorkersDatabase) -> Iterator[WorkersDatabase]:
    """For tests that need real commits: afterwards everything they wrote is gone."""
    yield database
    in_a_thread(restore_what_migrations_brought(database.superuser_dsn))


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Any]:
    """Playwright's `Browser` (async API) on Debian's Chromium."""
    async with launched_chromium() as browser:
        yield browser


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A journey that had to be walked twice says where it stood the first time."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"first try of {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
