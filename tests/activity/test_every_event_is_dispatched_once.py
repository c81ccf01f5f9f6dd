"""The dispatcher against real commits: none lost, none twice, a ticket's events in their order."""

import asyncio
import json
import random
from collections import defaultdict
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity import dispatch, outbox
from app.activity.dispatch import Reader, forget_dispatched, keep_dispatching, look
from app.activity.models import OutboxRow, TicketNote
from app.activity.outbox import News, drop_waiting
from app.clock import utc_now
from app.db.session import Database
from tests.activity.makers import a_ticket, happened
from tests.database import WorkersDatabase
from tests.waiting import until

WRITERS, EVENTS_EACH = 10, 15
LAST_WEEK = (
    "UPDATE ticket.outbox SET dispatched_at = now() - interval '8 days' WHERE id = (SELECT min(id) FROM ticket.outbox)"
)


class Hearing:
    """A reader that remembers, by ticket, what it was told."""

    def __init__(self) -> None:
        self.heard: dict[int, list[object]] = defaultdict(list)

    async def __call__(self, session: AsyncSession, news: list[News]) -> None:
        for each in news:
            if each.note and each.note.event_details:
                self.heard[each.note.ticket_id].append(each.note.event_details["what"])

    @property
    def number(self) -> int:
        return sum(len(all_of_one) for all_of_one in self.heard.values())


@pytest.fixture
def hearing(readers: list[Reader]) -> Hearing:
    mine = Hearing()
    readers.append(mine)
    return mine


async def tickets(database: Database, number: int) -> list[int]:
    async with database.in_its_own() as session:
        return [(await a_ticket(session)).id for _ in range(number)]


async def write(
    database: Database, ticket: int, *whats: object, hold: float = 0, wait: timedelta | None = None
) -> None:
    async with database.in_its_own() as session:
        for what in whats:
            await happened(session, ticket, what, not_before=utc_now() + wait if wait else None)
        await asyncio.sleep(hold)


async def all_dispatched(database: Database) -> bool:
    return await left(database) == 0


async def left(database: Database) -> int:
    async with database.session() as session:
        return len((await session.execute(select(OutboxRow.id).where(OutboxRow.dispatched_at.is_(None)))).all())


async def test_no_event_is_lost_when_commits_come_out_of_order(own_database: Database, hearing: Hearing) -> None:
    mine, dice = await tickets(own_database, 4), random.Random(7)

    async def writer(number: int) -> None:
        for what in range(EVENTS_EACH):
            await write(own_database, dice.choice(mine), [number, what], hold=dice.random() * 0.006)

    stop = asyncio.Event()
    dispatchers = [asyncio.create_task(keep_dispatching(own_database, stop)) for _ in range(3)]
    await asyncio.gather(*(writer(number) for number in range(WRITERS)))
    await until(lambda: all_dispatched(own_database))
    stop.set()
    await asyncio.gather(*dispatchers)
    assert hearing.number == WRITERS * EVENTS_EACH
    assert hearing.heard == await as_written(own_database, mine)


async def as_written(database: Database, mine: list[int]) -> dict[int, list[object]]:
    async with database.session() as session:
        query = select(TicketNote).where(TicketNote.ticket_id.in_(mine)).order_by(TicketNote.ticket_id, TicketNote.seq)
        written = defaultdict(list)
        for note in (await session.execute(query)).scalars():
            written[note.ticket_id].append((note.event_details or {})["what"])
        return written


async def test_an_event_is_not_told_before_it_is_committed(own_database: Database, hearing: Hearing) -> None:
    [ticket] = await tickets(own_database, 1)
    async with own_database.session() as session:
        await happened(session, ticket, 1)
        await look(own_database)
        assert hearing.number == 0
        await session.commit()
    await look(own_database)
    assert hearing.heard[ticket] == [1]


async def test_what_was_rolled_back_is_never_told(own_database: Database, hearing: Hearing) -> None:
    [ticket] = await tickets(own_database, 1)
    async with own_database.session() as session:
        await happened(session, ticket, 1)
        await session.rollback()
    await write(own_database, ticket, 2)
    await look(own_database)
    assert hearing.heard[ticket] == [2]


async def test_an_event_with_a_time_waits_and_so_does_what_follows_on_its_ticket(
    own_database: Database, hearing: Hearing
) -> None:
    first, second = await tickets(own_database, 2)
    await write(own_database, first, 1)
    await write(own_database, first, 2, wait=timedelta(hours=1))
    await write(own_database, first, 3)
    await write(own_database, second, 4)
    await look(own_database)
    assert hearing.heard == {first: [1], second: [4]}
    await let_time_pass(own_database)
    await look(own_database)
    assert hearing.heard[first] == [1, 2, 3]


async def let_time_pass(database: Database) -> None:
    async with database.in_its_own() as session:
        await session.execute(text("UPDATE ticket.outbox SET not_before = now() - interval '1 second'"))


async def test_what_a_retraction_drops_is_never_told(own_database: Database, hearing: Hearing) -> None:
    [ticket] = await tickets(own_database, 1)
    async with own_database.in_its_own() as session:
        note = await happened(session, ticket, 1, not_before=utc_now() + timedelta(hours=1))
        await happened(session, ticket, 2)
    async with own_database.in_its_own() as session:
        await drop_waiting(session, [note.id])
    await look(own_database)
    assert hearing.heard[ticket] == [2]


async def test_a_second_dispatcher_does_not_overtake_the_first(own_database: Database, hearing: Hearing) -> None:
    first, second = await tickets(own_database, 2)
    await write(own_database, first, 1)
    async with own_database.session() as session:
        assert len(await outbox.claim(session, limit=10)) == 1
        await write(own_database, first, 2)
        await write(own_database, second, 3)
        await look(own_database)
        assert hearing.heard == {second: [3]}
        await session.rollback()
    await look(own_database)
    assert hearing.heard == {second: [3], first: [1, 2]}


async def test_a_failing_event_is_put_off_and_the_others_go_out(
    own_database: Database, hearing: Hearing, readers: list[Reader]
) -> None:
    first, second = await tickets(own_database, 2)
    broken = True

    async def stumble(session: AsyncSession, news: list[News]) -> None:
        if broken and any(each.note and (each.note.event_details or {})["what"] == "bad" for each in news):
            await session.execute(text("SELECT 1 / 0"))

    readers.insert(0, stumble)
    await write(own_database, first, "good", "bad", "after")
    await write(own_database, second, "other")
    await look(own_database)
    assert hearing.heard == {first: ["good"], second: ["other"]}
    async with own_database.session() as session:
        waiting = (await session.execute(select(OutboxRow).where(OutboxRow.attempts > 0))).scalars().all()
    assert [row.attempts for row in waiting] == [1]
    broken = False
    await let_time_pass(own_database)
    await look(own_database)
    assert hearing.heard[first] == ["good", "bad", "after"]


async def test_an_event_that_always_fails_ends_up_held_and_its_ticket_goes_on(
    own_database: Database, hearing: Hearing, readers: list[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "HELD_AFTER", 2)
    [ticket] = await tickets(own_database, 1)

    async def stumble(session: AsyncSession, news: list[News]) -> None:
        if any(each.note and (each.note.event_details or {})["what"] == "bad" for each in news):
            raise RuntimeError("always")

    readers.insert(0, stumble)
    await write(own_database, ticket, "bad", "after")
    for _ in range(3):
        await look(own_database)
        await let_time_pass(own_database)
    assert hearing.heard[ticket] == ["after"]
    assert await left(own_database) == 1


async def test_one_notification_is_sent_per_batch_and_names_the_tickets(
    own_database: Database, hearing: Hearing, clean_database: WorkersDatabase
) -> None:
    mine = await tickets(own_database, 3)
    listener, said = await asyncpg.connect(clean_database.app_dsn), asyncio.Queue[str]()
    await listener.add_listener(dispatch.CHANNEL, lambda *spoken: said.put_nowait(spoken[-1]))
    for ticket in mine:
        await write(own_database, ticket, 1, 2)
    await look(own_database)
    assert json.loads(await asyncio.wait_for(said.get(), 5)) == {"tickets": mine}
    await look(own_database)
    await listener.execute("SELECT 1")
    assert said.empty()
    await listener.close()


async def test_old_dispatched_rows_are_forgotten(own_database: Database, hearing: Hearing) -> None:
    [ticket] = await tickets(own_database, 1)
    await write(own_database, ticket, 1, 2)
    await look(own_database)
    async with own_database.in_its_own() as session:
        await session.execute(text(LAST_WEEK))
    await forget_dispatched(own_database)
    async with own_database.session() as session:
        assert len((await session.execute(select(OutboxRow.id))).all()) == 1
