"""The database as its owner: who shapes tables and indexes; the app's own role may not.

Told once by whoever starts a process; where nobody has, nothing is shaped (a test, a tool)."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from app.db.base import SCHEMA

logger = logging.getLogger(__name__)
_url: list[str] = []
_ONE_AT_A_TIME = 7_202_611_022
"""The key of the advisory lock."""


def use(url: str | None) -> None:
    _url[:] = [url] if url else []


def url_in_use() -> str | None:
    return next(iter(_url), None)


@asynccontextmanager
async def as_owner(url: str) -> AsyncIterator[Any]:
    """One process at a time, and outside any transaction."""
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1), timeout=10)
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("SELECT pg_advisory_lock($1)", _ONE_AT_A_TIME)
        yield connection
    finally:
        await connection.close()


async def reconcile_indexes(
    url: str, table: str, prefix: str, wanted: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Makes the indexes whose names begin with `prefix` exactly these: (built, dropped).

    `wanted`: what comes after `ON table`, by name. Concurrently: nobody who writes a ticket waits. One that was cut
    short is left invalid by PostgreSQL, and built anew.
    """
    schema, _dot, name = table.partition(".")
    async with as_owner(url) as connection:
        found = {
            row["name"]: row["valid"]
            for row in await connection.fetch(_FIND, schema, name, prefix.replace("_", r"\_") + "%")
        }
        dropped = [one for one, valid in found.items() if one not in wanted or not valid]
        built = [one for one in wanted if not found.get(one, False)]
        for one in dropped:
            await connection.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {schema}."{one}"')
        for one in built:
            await connection.execute(f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{one}" ON {table} {wanted[one]}')
        if built:
            await connection.execute(f"ANALYZE {table}")  # an expression has statistics of its own
    return built, dropped


async def operators_for_trigrams(url: str) -> str | None:
    """The class of operators that finds a part of a text in an index; none where this database cannot have it.

    `pg_trgm` comes with PostgreSQL, and an owner may create it; a hoster can leave it out or forbid it.
    """
    async with as_owner(url) as connection:
        try:
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA {SCHEMA}")
        except asyncpg.PostgresError as error:
            logger.info("No pg_trgm here, so “contains” reads the tickets that the other filters leave: %s", error)
        schema = await connection.fetchval(_TRIGRAMS)
    return f'"{schema}".gin_trgm_ops' if schema else None


_TRIGRAMS = """
    SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'
"""
_FIND = """
    SELECT c.relname AS name, i.indisvalid AS valid
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname = $1 AND t.relname = $2 AND c.relname LIKE $3
"""
