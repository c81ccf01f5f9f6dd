"""What every test may ask for: a database of this worker, a session that is thrown away, a browser."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

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
from tests.real import real_company  # noqa: F401


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
def engine(database: WorkersDatabase) -> AsyncEngine:
    return _engine(database)


def _engine(database: WorkersDatabase) -> AsyncEngine:
    """Keeps no connection, so that nothing of it has to end."""
    return create_async_engine(
        database.app_url, poolclass=NullPool, connect_args={"server_settings": {"search_path": "ticket", "jit": "off"}}
    )


@pytest.fixture(scope="session")
def furnished_engine(database: WorkersDatabase) -> AsyncEngine:
    """Where the cast and their company are already at work: to hire them took longer than most tests."""
    return _engine(furnished_database(database))


@pytest.fixture
async def connection(request: pytest.FixtureRequest, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """In a transaction that is thrown away, whatever is committed inside it."""
    if "company" in request.fixturenames:
        engine = request.getfixturevalue("furnished_engine")
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
async def session(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(
        bind=connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
    ) as session:
        yield session


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
