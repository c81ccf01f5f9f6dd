"""Models and migrations agree, and any number of processes may migrate at once."""

import asyncio

import asyncpg
import pytest

from app.db.migrations import check, upgrade
from app.db.version import head, version_of
from tests.database import WorkersDatabase


async def test_the_migrations_make_exactly_what_the_models_describe(owner_url: str) -> None:
    assert await asyncio.to_thread(check, owner_url) is None


async def test_a_fresh_database_is_at_the_newest_migration(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        assert head() is not None
        assert await version_of(connection) == head()
    finally:
        await connection.close()


async def test_two_processes_may_migrate_at_the_same_time(owner_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, owner_url) for _ in range(2)))


async def test_the_app_may_write_rows_and_nothing_else(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE ticket.mine (id int)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DROP TABLE ticket.users")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM ticket.schema_version")
    finally:
        await connection.close()


@pytest.mark.parametrize("table", ["ticket_notes", "audit_entries"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_app_cannot_touch_what_was_recorded(database_url: str, table: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(statement.format(f"ticket.{table}"))
    finally:
        await connection.close()


async def test_the_reader_reads_and_does_not_write(database: WorkersDatabase) -> None:
    connection = await asyncpg.connect(database.reader_dsn)
    try:
        assert await connection.fetchval("SELECT count(*) FROM ticket.tickets") is not None
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("DELETE FROM ticket.outbox")
    finally:
        await connection.close()
