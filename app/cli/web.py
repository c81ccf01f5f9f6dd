"""The web server, inside the process that also runs the worker and the database."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn

from app.config import ConfigurationError, Settings
from app.errors import DomainError
from app.main import create_app

ANSWERS_MAY_TAKE = 5
WAITING_CONNECTIONS = 2048
READ_AHEAD = 128 << 10
"""Bytes that the system takes for each connection before they are read; left to itself it takes more, and each upload
that is under way holds twice as much in memory."""
DEMO = """Sign in with one click on the page, or with the password demo-password as
  hana@aldermoor.example    who asks
  daniel@aldermoor.example  her manager, who approves; so does maya@ in Finance
  jonas@aldermoor.example   who handles
  ada@aldermoor.example     who administers
  mei@aldermoor.example     who asks in 繁體中文"""


def bind(settings: Settings) -> tuple[Settings, socket.socket]:
    """First of all, so that a taken port is told before anything is started; port 0 takes any that is free."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_AHEAD)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}. Set PORT to another."
        ) from error
    port = listening.getsockname()[1]
    public_url = settings.public_url
    if settings.port == 0 and public_url.endswith(":0"):
        public_url = f"{public_url.removesuffix(':0')}:{port}"
    return replace(settings, port=port, public_url=public_url), listening


class WebServer(uvicorn.Server):
    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self.settings = settings
        self.listening = listening
        self.site = create_app(settings)
        super().__init__(
            uvicorn.Config(
                self.site,
                loop="none",
                http="httptools",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=WAITING_CONNECTIONS,
                timeout_graceful_shutdown=ANSWERS_MAY_TAKE,
            )
        )

    async def run(self, stop: asyncio.Event) -> None:  # type: ignore[override]
        """Open streams are ended first, or they would hold up the end."""
        serving = asyncio.create_task(self.serve(sockets=[self.listening]))
        told = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((serving, told), return_when=asyncio.FIRST_COMPLETED)
            self.site.state.hub.end()
            self.should_exit = True
            await serving
        finally:
            told.cancel()
            serving.cancel()
        if not self.started:
            raise DomainError("The web server did not start; the reason is in the lines above.")

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are heard once, for web, worker and database together."""
        yield

    def _announce(self) -> None:
        print(f"\nCountersign is at {self.settings.public_url} (Ctrl-C stops it).", flush=True)
        if self.settings.demo:
            print(DEMO, flush=True)
