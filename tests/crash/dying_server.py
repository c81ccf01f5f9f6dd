"""Run as a program: serves the product and starts again whenever it is killed, like any supervisor would.

A request may carry `x-die-at: <n>`: the process then kills itself with -9 before its n-th step. A step is a statement,
a commit, or the beginning of the answer; a request that survives is told in `x-steps` how many it took. Forked from one
warm parent, so that it is back at once.
"""

import asyncio
import os
import signal
import socket
import sys
from contextvars import ContextVar
from typing import Any

import uvicorn
from sqlalchemy import event

from app.db.session import Database
from app.main import create_app
from tests.cast import settings_for

steps_left: ContextVar[list[int] | None] = ContextVar("steps_left", default=None)


def one_step_on(*_: Any) -> None:
    """In a list, because the answer is sent from another context than the statements."""
    left = steps_left.get()
    if left is None:
        return
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def counted(app: Any) -> Any:
    async def serve(scope: Any, receive: Any, send: Any) -> None:
        wanted = int(dict(scope.get("headers", [])).get(b"x-die-at", b"0"))
        left = [wanted] if wanted else None
        steps_left.set(left)

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start" and left:
                one_step_on()
                message["headers"] = [*message["headers"], (b"x-steps", str(wanted - left[0]).encode())]
            await send(message)

        await app(scope, receive, sent)

    return serve


def watch(database: Database) -> None:
    event.listen(database.engine.sync_engine, "before_cursor_execute", one_step_on)
    event.listen(database.engine.sync_engine, "commit", one_step_on)


def serve(app: Any, listening: socket.socket) -> None:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    asyncio.run(server.serve(sockets=[listening]))


def main() -> None:
    database = Database(sys.argv[1], pool_size=2, max_overflow=0)
    watch(database)
    app = counted(create_app(settings_for(sys.argv[1]), database=database))
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        child = os.fork()
        if child == 0:
            serve(app, listening)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
