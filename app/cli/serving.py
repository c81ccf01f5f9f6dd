"""Web, worker and embedded PostgreSQL in one process, started together and stopped together."""

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module

from app.cli import huge_pages
from app.cli.database import connected, is_up_to_date, refuse_if_unsafe, upgrade
from app.cli.pidfiles import pid_file
from app.config import Settings
from app.db.embedded import DatabaseWillNotStart, EmbeddedPostgres

STOPPING_MAY_TAKE = 8.0
"""The web server has 5 s of it for answers that are on their way."""
PAUSE_AFTER_A_CRASH = 2.0
LOOK_EVERY = 1.0

Part = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set."""

log = logging.getLogger(__name__)


def serve(settings: Settings, *, migrate: bool) -> None:
    _prepare(settings)
    from app.cli.web import WebServer, bind

    settings, listening = bind(settings)
    with connected(settings) as (found, embedded):
        refuse_if_unsafe(found, embedded=embedded is not None)
        if migrate and not asyncio.run(is_up_to_date(found)):
            upgrade(found)
        if found.demo:
            _seed(found)
        worker = [partial(_work, found)] if found.run_worker else []
        with pid_file(settings, "web"), pid_file(settings, "worker", wanted=found.run_worker):
            _run([WebServer(found, listening).run, *worker, huge_pages.keep, *_database(embedded)])


def work(settings: Settings) -> None:
    _prepare(settings)
    with connected(settings) as (found, embedded), pid_file(settings, "worker"):
        _run([partial(_work, found), *_database(embedded)])


def _prepare(settings: Settings) -> None:
    """Imports what only registers itself, and spares the garbage collector all that is imported now."""
    gc.disable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for loud in ("alembic", "httpx", "uvicorn.error"):
        logging.getLogger(loud).setLevel(logging.WARNING)
    import_module("app.background")
    from app.approvals.receipts import use_keys
    from app.attachments.storage import storage_for, use
    from app.clock import utc_now
    from app.db import owner
    from app.mailing.post import use_post_office

    use_keys(settings.signing_keys, utc_now())
    use(storage_for(settings))
    owner.use(settings.owner_url)
    use_post_office(settings)


def _seed(settings: Settings) -> None:
    from app.seeds.demo import seed

    asyncio.run(seed(settings))


def _run(parts: Sequence[Part]) -> None:
    """What was imported stays: the garbage collector need not look at it ever again."""
    import uvloop

    gc.freeze()
    gc.enable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_together(parts))


async def _together(parts: Sequence[Part]) -> None:
    """Whichever part ends first, by a signal or by a failure, ends the others."""
    stop = asyncio.Event()
    tasks = [asyncio.ensure_future(part(stop)) for part in parts]
    _stop_on_signals(stop, tasks)
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=STOPPING_MAY_TAKE)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in ended:
        with suppress(asyncio.CancelledError):
            task.result()


def _stop_on_signals(stop: asyncio.Event, tasks: Sequence[asyncio.Future[None]]) -> None:
    """The first asks, the second insists."""

    def told() -> None:
        if stop.is_set():
            for task in tasks:
                task.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, told)


async def _work(settings: Settings, stop: asyncio.Event) -> None:
    """A worker that fell over is started again; its jobs are still in the database."""
    from app.jobs import worker

    while not stop.is_set():
        try:
            await worker.run(settings, stop)
        except Exception:
            log.exception("The worker fell over; it starts again in %s s.", PAUSE_AFTER_A_CRASH)
        await _rest(stop, PAUSE_AFTER_A_CRASH)


def _database(embedded: EmbeddedPostgres | None) -> list[Part]:
    return [partial(_keep_alive, embedded)] if embedded else []


async def _keep_alive(embedded: EmbeddedPostgres, stop: asyncio.Event) -> None:
    """A killed server, or one that gave up on a full disk, comes back without anybody's help."""
    while not stop.is_set():
        if not embedded.is_running():
            await _revive(embedded)
        await _rest(stop, LOOK_EVERY)


async def _revive(embedded: EmbeddedPostgres) -> None:
    log.error("PostgreSQL is gone; starting it again.")
    try:
        await asyncio.to_thread(embedded.revive)
    except (DatabaseWillNotStart, OSError) as error:
        log.error("%s", error)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
