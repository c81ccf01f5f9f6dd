"""One throw-away PostgreSQL for a whole run, migrated once; each worker gets a copy of its own."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from app.config import APP_ROLE
from app.db.embedded import Connections, EmbeddedPostgres
from app.db.embedded.cluster import OWNER_ROLE, READER_ROLE
from app.db.embedded.locks import exclusively
from app.db.migrations import upgrade
from tests.cleaning import remember_what_migrations_brought

PREFIX = f"countersign-test-{os.geteuid()}-"
TEMPLATE = "migrated"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WorkersDatabase:
    """The `*_url` are SQLAlchemy's, the `*_dsn` asyncpg's own."""

    name: str
    connections: Connections

    @property
    def app_url(self) -> str:
        return self.connections.url(APP_ROLE, self.name)

    @property
    def owner_url(self) -> str:
        return self.connections.url(OWNER_ROLE, self.name)

    @property
    def app_dsn(self) -> str:
        return self.connections.dsn(APP_ROLE, self.name)

    @property
    def reader_dsn(self) -> str:
        return self.connections.dsn(READER_ROLE, self.name)

    @property
    def superuser_dsn(self) -> str:
        return self.connections.dsn(database=self.name)


@contextmanager
def workers_database(run: str, worker: str) -> Iterator[WorkersDatabase]:
    """`run` names the test run, so that its workers share one server; the last of them removes it."""
    server = EmbeddedPostgres(_fast_folder() / f"{PREFIX}{run}", durable=False)
    with _one_at_a_time():
        _sweep()
        connections = server.start()
    try:
        with _one_at_a_time():
            in_a_thread(_make_copy(connections, worker))
        yield WorkersDatabase(worker, connections)
    finally:
        with _one_at_a_time():
            _end(server)


async def _make_copy(connections: Connections, name: str) -> None:
    connection = await asyncpg.connect(connections.dsn(database="postgres"))
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1 AND datistemplate", TEMPLATE):
            await _make_template(connection, connections)
        await _copy(connection, name)
        await remember_what_migrations_brought(connections.dsn(database=name))
    finally:
        await connection.close()


async def _copy(connection: Any, name: str) -> None:
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} OWNER {OWNER_ROLE} STRATEGY file_copy')
    await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {APP_ROLE}, {READER_ROLE}')


async def _make_template(connection: Any, connections: Connections) -> None:
    await connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER_ROLE}")
    await asyncio.to_thread(upgrade, connections.url(OWNER_ROLE, TEMPLATE))
    await connection.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")


async def another_copy(database: WorkersDatabase, name: str) -> WorkersDatabase:
    """As migrations left it, beside this worker's own."""
    connection = await asyncpg.connect(database.connections.dsn(database="postgres"))
    try:
        await _copy(connection, name)
    finally:
        await connection.close()
    return WorkersDatabase(name, database.connections)


def _sweep() -> None:
    """What a killed run left behind: nobody holds its lock, so its server may stop and its folder go."""
    for home in _fast_folder().glob(f"{PREFIX}*"):
        _end(EmbeddedPostgres(home, durable=False))


def _end(server: EmbeddedPostgres) -> None:
    if server.stop():
        shutil.rmtree(server.home.parent, ignore_errors=True)


def _one_at_a_time() -> AbstractContextManager[None]:
    return exclusively(_fast_folder() / f"countersign-tests-{os.geteuid()}.lock")


def in_a_thread(work: Coroutine[Any, Any, Result]) -> Result:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _fast_folder() -> Path:
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
