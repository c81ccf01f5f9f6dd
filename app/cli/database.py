"""The database a command works on: the one in the environment, or the embedded one for as long as it takes."""

import asyncio
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg

from app.config import Settings
from app.db.embedded import DatabaseWillNotStart, EmbeddedPostgres
from app.errors import Unavailable

SERVER_MAY_TAKE = 30.0
"""A database container that starts at the same time as we do."""

log = logging.getLogger(__name__)


@contextmanager
def connected(settings: Settings) -> Iterator[tuple[Settings, EmbeddedPostgres | None]]:
    if settings.database_url:
        asyncio.run(_wait_for(settings.owner_url or settings.database_url))
        yield settings, None
        return
    server = EmbeddedPostgres(settings.data_dir)
    connections = server.start()
    try:
        yield settings.connected_to(app_url=connections.app_url, owner_url=connections.owner_url), server
    finally:
        with _uninterrupted():
            server.stop()


def upgrade(settings: Settings) -> None:
    from app.db import migrations

    signs_in_as = urlsplit(settings.database_url or "").username
    owner = urlsplit(settings.owner_url or "").username
    migrations.upgrade(settings.owner_url or "", app_user=signs_in_as if signs_in_as != owner else None)


async def is_up_to_date(settings: Settings) -> bool:
    from app.db.version import head, version_of

    connection = await asyncpg.connect(_dsn(settings.owner_url or ""), timeout=10)
    try:
        return await version_of(connection) == head()
    finally:
        await connection.close()


def refuse_if_unsafe(settings: Settings, *, embedded: bool) -> None:
    """Our own server may not run where a crash loses what was acknowledged; another's owner is told."""
    from app.db.doctor import safety

    unsafe = [check.sentence for check in asyncio.run(safety(settings)) if not check.ok]
    if unsafe and embedded:
        raise DatabaseWillNotStart(" ".join(unsafe))
    for sentence in unsafe:
        log.warning("%s", sentence)


async def _wait_for(url: str) -> None:
    deadline = time.monotonic() + SERVER_MAY_TAKE
    while (problem := await _problem_with(url)) is not None:
        if time.monotonic() > deadline or not isinstance(problem, OSError | asyncpg.CannotConnectNowError):
            place = urlsplit(url)
            raise Unavailable(f"The database {place.hostname or ''}{place.path} cannot be used: {problem}")
        await asyncio.sleep(0.5)


async def _problem_with(url: str) -> Exception | None:
    try:
        connection = await asyncpg.connect(_dsn(url), timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        return problem
    await connection.close()
    return None


def _dsn(url: str) -> str:
    return url.replace("+asyncpg", "", 1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C must not leave the database running."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
