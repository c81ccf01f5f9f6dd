"""The product on a port of its own, for browsers that are real."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import httpx
import uvicorn

from app.db.session import Database
from app.main import create_app
from tests.cast import settings_for
from tests.waiting import until


class _Server(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[str]:
    """The URL it answers at, on a database with real commits."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(replace(settings_for(database_url), public_url=url), database=Database(database_url))
        server = _Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await until(lambda: _has(server))
            yield url
        finally:
            app.state.hub.end()
            server.should_exit = True
            await asyncio.wait_for(task, 60)


def browsing(**how: Any) -> httpx.AsyncClient:
    """For `http:` only: to read the certificates of all authorities takes longer than a page."""
    return httpx.AsyncClient(verify=False, timeout=60, **how)


async def _has(server: uvicorn.Server) -> bool:
    return server.started
