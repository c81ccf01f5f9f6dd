"""A database as the migrations left it, however much a test has committed."""

from typing import Any

import asyncpg

TABLES = (
    "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'ticket' AND relname <> 'schema_version' ORDER BY 1"
)
KEPT = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'kept' ORDER BY 1"
SEQUENCES = "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'ticket'"


async def remember_what_migrations_brought(superuser_dsn: str) -> None:
    connection = await asyncpg.connect(superuser_dsn)
    try:
        await connection.execute("CREATE SCHEMA IF NOT EXISTS kept")
        for (table,) in await connection.fetch(TABLES):
            if await connection.fetchval(f'SELECT EXISTS (SELECT FROM ticket."{table}")'):
                await connection.execute(f'CREATE TABLE kept."{table}" AS TABLE ticket."{table}"')
        await connection.execute(f"CREATE TABLE kept.sequence_values AS {SEQUENCES}")
    finally:
        await connection.close()


async def restore_what_migrations_brought(superuser_dsn: str) -> None:
    connection = await asyncpg.connect(superuser_dsn)
    try:
        async with connection.transaction():
            await _restore(connection)
    finally:
        await connection.close()


async def _restore(connection: Any) -> None:
    """As a replica: without the triggers that keep audit rows from being emptied."""
    await connection.execute("SET LOCAL session_replication_role = replica")
    if tables := [f'ticket."{table}"' for (table,) in await connection.fetch(TABLES)]:
        await connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    for (table,) in await connection.fetch(KEPT):
        if table != "sequence_values":
            await _refill(connection, table)
    await connection.execute(
        "SELECT setval(format('ticket.%I', sequencename)::regclass, coalesce(last_value, start_value),"
        " last_value IS NOT NULL) FROM kept.sequence_values"
    )


async def _refill(connection: Any, table: str) -> None:
    """By name: a generated column fills itself."""
    columns = await connection.fetchval(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
        " WHERE attrelid = format('ticket.%I', $1::text)::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = ''",
        table,
    )
    await connection.execute(
        f'INSERT INTO ticket."{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept."{table}"'
    )
