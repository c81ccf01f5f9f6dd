"""The dispatcher: hands every event once to the readers that registered, in the transaction that marks it done."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import OutboxRow
from app.activity.outbox import News, announce_held, as_news, claim, mark_dispatched, put_off
from app.db.session import Database
from app.jobs.registry import loop, periodic
from app.jobs.supervision import stopped_within

Reader = Callable[[AsyncSession, list[News]], Awaitable[None]]
readers: list[Reader] = []
"""Called in this order; what a reader writes is kept together with the mark, or not at all."""

CHANNEL = "countersign_events"
LOOK_EVERY, LONGEST_REST = 0.2, 1.0
TOGETHER = 200
MOST_TICKETS_NAMED = 400
"""A NOTIFY carries less than 8,000 bytes; beyond that it says that anything may have changed."""
HOUR = 3600
logger = logging.getLogger(__name__)


def reader(read: Reader) -> Reader:
    """`@reader` on `async def (session, news)`."""
    readers.append(read)
    return read


@loop("outbox")
async def keep_dispatching(database: Database, stop: asyncio.Event) -> None:
    """Looks every 200 ms while there is something, and ever less often up to a second while there is not."""
    rest = LOOK_EVERY
    while not stop.is_set():
        found = await look(database)
        if found == TOGETHER:
            continue
        rest = LOOK_EVERY if found else min(rest * 1.25, LONGEST_REST)
        await stopped_within(stop, rest)


async def look(database: Database) -> int:
    """Dispatches what is due, at most a batch of it; how many rows that were."""
    try:
        found = await _dispatch(database, limit=TOGETHER)
    except Exception:
        logger.exception("a batch of events could not be dispatched; trying them one by one")
        found = await _one_by_one(database)
    await _announce_held(database)
    return found


async def _announce_held(database: Database) -> None:
    """What a decision sends waits until it can no longer be taken back; that it was taken shows at once."""
    async with database.in_its_own() as session:
        if tickets := await announce_held(session, limit=TOGETHER):
            await session.execute(select(func.pg_notify(CHANNEL, _announcement(tickets))))


async def _dispatch(database: Database, *, limit: int) -> int:
    async with database.in_its_own() as session:
        rows = await claim(session, limit=limit)
        if rows:
            await _tell_readers(session, rows)
        return len(rows)


async def _tell_readers(session: AsyncSession, rows: Sequence[OutboxRow]) -> None:
    news = await as_news(session, rows)
    for read in readers:
        await read(session, news)
    await mark_dispatched(session, [row.id for row in rows])
    tickets = {row.ticket_id for row in rows if row.ticket_id}
    await session.execute(select(func.pg_notify(CHANNEL, _announcement(tickets))))


def _announcement(tickets: set[int]) -> str:
    """Numbers only: who may see what is decided by whoever listens."""
    named = sorted(tickets) if len(tickets) <= MOST_TICKETS_NAMED else None
    return json.dumps({"tickets": named}, separators=(",", ":"))


async def _one_by_one(database: Database) -> int:
    for done in range(TOGETHER):
        if not await _dispatch_next(database):
            return done
    return TOGETHER


async def _dispatch_next(database: Database) -> bool:
    """An event that fails is put off, and with it all that follows on its ticket; the others go out."""
    async with database.in_its_own() as session:
        rows = await claim(session, limit=1)
        if not rows:
            return False
        row_id, attempts = rows[0].id, rows[0].attempts
        try:
            async with session.begin_nested():
                await _tell_readers(session, rows)
        except Exception:
            logger.exception("event %s of the outbox could not be dispatched", row_id)
            await put_off(session, row_id, attempts)
    return True


@periodic(HOUR)
async def forget_dispatched(database: Database) -> None:
    async with database.in_its_own() as session:
        await session.execute(text("DELETE FROM ticket.outbox WHERE dispatched_at < now() - interval '7 days'"))
