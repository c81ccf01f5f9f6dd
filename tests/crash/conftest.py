"""`breakable`: the product on a PostgreSQL of its own, as durable as in real life, that a test may kill."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from app.actor import SYSTEM, acting_as
from app.db.embedded import EmbeddedPostgres, processes
from app.db.migrations import upgrade
from app.db.session import Database
from app.main import create_app
from tests.cast import furnish, hire, settings_for
from tests.crash.deciding import sign_in_daniel
from tests.real import RealCompany
from tests.waiting import until

MEMORY = Path("/dev/shm")


@dataclass
class Breakable:
    server: EmbeddedPostgres
    there: RealCompany
    client: httpx.AsyncClient
    fuse: int = 0
    """Statements that the product may still make before the server is told to stop at once; 0: as many as it likes."""

    def stop_at_once(self) -> None:
        """What `pg_ctl stop -m immediate` does: no checkpoint, no good-bye."""
        if pid := processes.postmaster_of(self.server.cluster.data):
            os.kill(pid, signal.SIGQUIT)

    async def come_back(self) -> None:
        await self.gone()
        await asyncio.to_thread(self.server.revive)

    async def gone(self) -> None:
        async def is_gone() -> bool:
            return not self.server.is_running()

        await until(is_gone)

    def burn(self, *_: Any) -> None:
        self.fuse -= 1
        if self.fuse == 0:
            self.stop_at_once()


@contextmanager
def _own_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
async def breakable() -> AsyncIterator[Breakable]:
    with _own_server() as server:
        connections = await asyncio.to_thread(server.start)
        await asyncio.to_thread(upgrade, connections.owner_url)
        database = Database(connections.app_url)
        with acting_as(SYSTEM):
            async with database.session() as session:
                company = await furnish(session, await hire(session))
            async with database.in_its_own() as session:
                await sign_in_daniel(session, company)
        product = Database(connections.app_url)
        app = create_app(replace(settings_for(connections.app_url), public_url="http://test"), database=product)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            this = Breakable(server, RealCompany(database, company), client)
            event.listen(product.engine.sync_engine, "before_cursor_execute", this.burn)
            event.listen(product.engine.sync_engine, "commit", this.burn)
            yield this
        await database.close()
