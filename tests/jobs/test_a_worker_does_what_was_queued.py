"""The worker against a real queue: done once, tried again, held, and alive after its connection died."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.session import Database
from app.jobs import enqueue, worker
from app.jobs.held import HeldJob, held_jobs, release_jobs
from app.jobs.registry import job, loop, periodic
from app.web.outage import is_unavailable
from tests.database import WorkersDatabase
from tests.jobs.conftest import StartWorker
from tests.waiting import until


class Heard:
    """What a handler was told, and a way to wait for so many of them."""

    def __init__(self) -> None:
        self.payloads: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def next(self) -> Mapping[str, Any]:
        return await asyncio.wait_for(self.payloads.get(), 20)


async def queue(database: Database, name: str, **payload: Any) -> None:
    async with database.in_its_own() as session:
        await enqueue(session, name, payload)


async def test_a_job_reaches_its_handler(working: StartWorker, own_database: Database) -> None:
    heard = Heard()

    @job("example.sent")
    async def send(database: Database, payload: Mapping[str, Any]) -> None:
        await heard.payloads.put(payload)

    async with working():
        await queue(own_database, "example.sent", id=7)
        assert await heard.next() == {"id": 7}


async def test_a_job_that_fails_is_tried_again(working: StartWorker, own_database: Database) -> None:
    heard, failed = Heard(), []

    @job("example.shaky")
    async def shaky(database: Database, payload: Mapping[str, Any]) -> None:
        if not failed:
            failed.append(payload)
            raise RuntimeError("the first time it fails")
        await heard.payloads.put(payload)

    async with working():
        await queue(own_database, "example.shaky", id=8)
        assert await heard.next() == {"id": 8}


async def test_a_poisonous_job_is_held_and_the_queue_goes_on(
    working: StartWorker, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ATTEMPTS", 1)
    heard, mended = Heard(), []

    @job("example.poison")
    async def poison(database: Database, payload: Mapping[str, Any]) -> None:
        if not mended:
            raise RuntimeError("always")
        await heard.payloads.put(payload)

    @job("example.sent")
    async def send(database: Database, payload: Mapping[str, Any]) -> None:
        await heard.payloads.put(payload)

    async with working():
        await queue(own_database, "example.poison", id=9)
        await queue(own_database, "example.sent", id=10)
        assert await heard.next() == {"id": 10}
        [poisoned] = await until(lambda: held(own_database))
        assert poisoned.name == "example.poison"
        mended.append(True)
        async with own_database.in_its_own() as session:
            await release_jobs(session, [poisoned.id])
        assert await heard.next() == {"id": 9}


async def held(database: Database) -> Sequence[HeldJob]:
    async with database.session() as session:
        return await held_jobs(session)


async def test_a_worker_comes_back_after_its_connections_died(
    working: StartWorker, own_database: Database, clean_database: WorkersDatabase
) -> None:
    heard = Heard()

    @job("example.sent")
    async def send(database: Database, payload: Mapping[str, Any]) -> None:
        await heard.payloads.put(payload)

    async with working():
        await queue(own_database, "example.sent", id=1)
        assert await heard.next() == {"id": 1}
        await end_all_connections(clean_database)
        await until(lambda: queued_again(own_database))
        assert await heard.next() == {"id": 2}


async def queued_again(database: Database) -> bool:
    """Whoever asks in the moment of the end is told that the database is away, and asks again."""
    try:
        await queue(database, "example.sent", id=2)
    except DBAPIError as error:
        if not is_unavailable(error):
            raise
        return False
    return True


async def end_all_connections(database: WorkersDatabase) -> None:
    connection = await asyncpg.connect(database.superuser_dsn)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = 'countersign_app'"
    )
    await connection.close()


async def test_two_workers_share_one_tick(working: StartWorker, own_database: Database) -> None:
    heard = Heard()

    @periodic(1, name="example.tick")
    async def tick(database: Database) -> None:
        await heard.payloads.put({})

    async with working(), working():
        for _ in range(3):
            await heard.next()
        async with own_database.session() as session:
            rows = (await session.execute(text("SELECT entrypoint FROM ticket.pgqueuer_schedules"))).scalars().all()
    assert rows == ["example.tick"]


async def test_a_loop_that_fails_is_started_again_and_ends_when_told(
    working: StartWorker, own_database: Database
) -> None:
    heard, starts = Heard(), []

    @loop("example.loop")
    async def turn(database: Database, stop: asyncio.Event) -> None:
        starts.append(1)
        if len(starts) == 1:
            raise RuntimeError("the first time it fails")
        await heard.payloads.put({})
        await stop.wait()

    async with working():
        await heard.next()
    assert len(starts) == 2


def test_one_name_is_one_job(only_our_jobs: None) -> None:
    @job("example.sent")
    async def send(database: Database, payload: Mapping[str, Any]) -> None: ...

    with pytest.raises(ValueError, match="registered twice"):

        @job("example.sent")
        async def send_again(database: Database, payload: Mapping[str, Any]) -> None: ...
