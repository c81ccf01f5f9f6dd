"""Run as a program: writes a row for each event, without asking whether there is one, until it is killed."""

import asyncio
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity import dispatch
from app.activity.outbox import News
from app.db.session import Database

INSERT = text(
    "INSERT INTO ticket.notifications (user_id, ticket_id, note_id, created_at) VALUES (1, :ticket, :note, now())"
)


async def note_down(session: AsyncSession, news: list[News]) -> None:
    for each in news:
        if each.note:
            await session.execute(INSERT, {"ticket": each.note.ticket_id, "note": each.note.id})


async def main() -> None:
    dispatch.readers[:] = [note_down]
    dispatch.TOGETHER = 3
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await dispatch.keep_dispatching(Database(sys.argv[1]), asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
