"""Adds up what changes have left in the rollup since the last time."""

from sqlalchemy import text

from app.db.session import Database
from app.jobs.registry import periodic

MINUTE = 60
ADD_UP = text("""
    WITH gone AS (
        DELETE FROM ticket.ticket_rollup WHERE is_delta RETURNING measure, team_id, key, hour, open_to_all, number
    )
    INSERT INTO ticket.ticket_rollup AS kept (measure, team_id, key, hour, open_to_all, number, is_delta)
    SELECT measure, team_id, key, hour, open_to_all, sum(number), false FROM gone
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(number) <> 0
    ON CONFLICT (measure, team_id, key, hour, open_to_all) WHERE NOT is_delta
    DO UPDATE SET number = kept.number + excluded.number
""")


@periodic(MINUTE, name="dashboards.add_up")
async def add_up(database: Database) -> None:
    """One at a time: readers see the sums before it or after it, which are the same."""
    async with database.in_its_own() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('dashboards.add_up', 7))"))
        await session.execute(ADD_UP)
