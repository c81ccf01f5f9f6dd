"""kill -9 at any moment: what was told stays told once, and the rest is told by whoever comes next."""

import asyncio
import random
import sys

from sqlalchemy import func, select

from app.activity.models import OutboxRow
from app.db.session import Database
from app.notifications.models import Notification
from tests.activity.makers import a_ticket, happened
from tests.database import WorkersDatabase
from tests.waiting import until

EVENTS = 150


async def start(url: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.activity.dying_dispatcher", url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    await asyncio.wait_for(process.stdout.readline(), 30)
    return process


async def told(database: Database) -> int:
    async with database.session() as session:
        return int((await session.execute(select(func.count()).select_from(Notification))).scalar_one())


async def test_each_event_has_one_visible_effect(own_database: Database, clean_database: WorkersDatabase) -> None:
    dice = random.Random(7)
    async with own_database.in_its_own() as session:
        ticket = await a_ticket(session)
        for number in range(EVENTS):
            await happened(session, ticket.id, number)
    before = 0
    for _ in range(2):
        process = await start(clean_database.app_url)
        await until_told(own_database, before + dice.randint(1, 40))
        process.kill()
        await process.wait()
        before = await told(own_database)
    process = await start(clean_database.app_url)
    await until_told(own_database, EVENTS)
    process.kill()
    await process.wait()
    async with own_database.session() as session:
        assert (await session.execute(select(OutboxRow.id).where(OutboxRow.dispatched_at.is_(None)))).all() == []
    assert await told(own_database) == EVENTS


async def until_told(database: Database, number: int) -> None:
    async def enough() -> bool:
        return await told(database) >= number

    await until(enough)
