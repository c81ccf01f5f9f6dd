"""The tests' own promise: what one commits, the next does not see."""

import asyncpg

from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase


async def counts(dsn: str) -> dict[str, int]:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'ticket'")
        return {row[0]: await connection.fetchval(f'SELECT count(*) FROM ticket."{row[0]}"') for row in tables}
    finally:
        await connection.close()


async def test_what_a_test_committed_is_gone_and_what_migrations_brought_is_back(database: WorkersDatabase) -> None:
    before = await counts(database.superuser_dsn)
    connection = await asyncpg.connect(database.superuser_dsn)
    await connection.execute("INSERT INTO ticket.outbox (attempts, created_at) VALUES (0, now())")
    await connection.execute("SET session_replication_role = replica; DELETE FROM ticket.users")
    await connection.close()
    assert await counts(database.superuser_dsn) != before
    await restore_what_migrations_brought(database.superuser_dsn)
    assert await counts(database.superuser_dsn) == before
