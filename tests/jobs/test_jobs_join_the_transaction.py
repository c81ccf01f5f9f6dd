"""A job is there if and only if the change that asked for it is."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.db.session import Database
from app.jobs import enqueue, queue_of
from tests.database import WorkersDatabase

WAITING = text("SELECT entrypoint, payload, execute_after - now() AS wait FROM ticket.pgqueuer ORDER BY id")


async def test_a_rolled_back_change_leaves_no_job(clean_database: WorkersDatabase) -> None:
    database = Database(clean_database.app_url)
    async with database.session() as session:
        await enqueue(session, "example.sent", {"id": 7})
        await session.rollback()
    async with database.session() as session:
        assert (await session.execute(WAITING)).all() == []
    await database.close()


async def test_a_committed_change_brings_its_job(clean_database: WorkersDatabase) -> None:
    database = Database(clean_database.app_url)
    async with database.in_its_own() as session:
        await enqueue(session, "example.sent", {"id": 7})
    async with database.session() as session:
        [job] = (await session.execute(WAITING)).all()
    assert (job.entrypoint, job.payload) == ("example.sent", b'{"id": 7}')
    await database.close()


async def test_a_job_can_wait_for_its_time(session: AsyncSession) -> None:
    await enqueue(session, "example.later", {}, run_at=utc_now() + timedelta(hours=2))
    [job] = (await session.execute(WAITING)).all()
    assert timedelta(hours=1, minutes=59) < job.wait <= timedelta(hours=2)


async def test_one_occurrence_is_queued_once(session: AsyncSession) -> None:
    await enqueue(session, "example.deadline", {"step": 7}, key="7:noon")
    await enqueue(session, "example.deadline", {"step": 7}, key="7:noon")
    await enqueue(session, "example.deadline", {"step": 7}, key="7:evening")
    await enqueue(session, "example.other", {"step": 7}, key="7:noon")
    assert len((await session.execute(WAITING)).all()) == 3


async def test_the_queue_can_be_read_in_the_same_transaction(session: AsyncSession) -> None:
    await enqueue(session, "example.sent", {"id": 7})
    assert [(row.entrypoint, row.count) for row in await (await queue_of(session)).queue_size()] == [
        ("example.sent", 1)
    ]
