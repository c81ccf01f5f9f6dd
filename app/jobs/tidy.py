"""The queue keeps a line for each job that was done; after a month nobody asks."""

from sqlalchemy import text

from app.db.session import Database
from app.jobs.registry import periodic

HOUR = 3600
FORGET = (
    "DELETE FROM ticket.pgqueuer_log WHERE created < now() - interval '30 days'",
    "DELETE FROM ticket.pgqueuer_statistics WHERE created < now() - interval '30 days'",
)


@periodic(HOUR)
async def forget_old_jobs(database: Database) -> None:
    async with database.in_its_own() as session:
        for statement in FORGET:
            await session.execute(text(statement))
