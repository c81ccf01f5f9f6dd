"""The worker: takes jobs from the queue, keeps the periodic ones and the loops going; inside `serve` or on its own."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from pgqueuer.core.applications import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, ScheduleExecutor
from pgqueuer.domain.models import Job, Schedule

from app.actor import SYSTEM, acting_as
from app.config import Settings
from app.db.session import Database
from app.jobs import tidy  # noqa: F401  (registers itself)
from app.jobs.registry import JOBS, LOOPS, PERIODIC, JobHandler, Periodic
from app.jobs.schema import queries_over
from app.jobs.supervision import supervise

LOOK_EVERY = timedelta(seconds=1)
GIVEN_UP_AFTER = timedelta(seconds=30)
"""Without a sign of life for that long, another worker takes a job over."""
MOST_AT_ONCE = 20
ATTEMPTS = 6
"""Then a job is held: listed for an admin, out of everybody's way."""


async def run(settings: Settings, stop: asyncio.Event, database: Database | None = None) -> None:
    """Until `stop`; jobs that have begun are finished first."""
    mine = database or Database(settings.database_url or "", role=settings.app_role, pool_size=5, max_overflow=20)
    try:
        with acting_as(SYSTEM):
            async with asyncio.TaskGroup() as group:
                group.create_task(supervise("the job queue", partial(_work_off, mine, stop), stop))
                for name, loop in LOOPS.items():
                    group.create_task(supervise(name, partial(loop, mine, stop), stop))
    finally:
        if mine is not database:
            await mine.close()


async def _work_off(database: Database, stop: asyncio.Event) -> None:
    """The queue has a connection of its own; when that breaks this ends, and the supervisor begins anew."""
    async with database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        queue = _queue_over(raw, database)
        stopping = asyncio.create_task(_pass_on(stop, queue.shutdown))
        try:
            await queue.run(
                dequeue_timeout=LOOK_EVERY,
                heartbeat_timeout=GIVEN_UP_AFTER,
                max_concurrent_tasks=MOST_AT_ONCE,
                shutdown_on_listener_failure=True,
            )
        finally:
            stopping.cancel()
            await connection.invalidate()


def _queue_over(raw: Any, database: Database) -> PgQueuer:
    queries = queries_over(raw)
    queue = PgQueuer(queries.driver, queries=queries)
    for name, handler in JOBS.items():
        retrying = partial(DatabaseRetryEntrypointExecutor, max_attempts=ATTEMPTS - 1)
        queue.entrypoint(name, on_failure="hold", executor_factory=retrying, accepts_context=False)(
            _taking_jobs(handler, database)
        )
    for each in PERIODIC.values():
        every = partial(_Every, each.seconds)
        queue.schedule(each.name, "* * * * *", executor_factory=every, accepts_context=False)(_ticking(each, database))
    return queue


class _Every(ScheduleExecutor):
    """Every so many seconds, where pgqueuer would go by the minutes of its cron expression."""

    def __init__(self, seconds: int, parameters: Any) -> None:
        super().__init__(parameters)
        self._seconds = seconds

    def next_in(self) -> timedelta:
        return timedelta(seconds=self._seconds)


def _taking_jobs(handler: JobHandler, database: Database) -> Callable[[Job], Awaitable[None]]:
    async def take(job: Job) -> None:
        await handler(database, json.loads(job.payload or b"{}"))

    return take


def _ticking(each: Periodic, database: Database) -> Callable[[Schedule], Awaitable[None]]:
    async def tick(_: Schedule) -> None:
        await each.handler(database)

    return tick


async def _pass_on(stop: asyncio.Event, shutdown: asyncio.Event) -> None:
    await stop.wait()
    shutdown.set()
