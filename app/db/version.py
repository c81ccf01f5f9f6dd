"""Which shape this version expects, read without alembic: it is asked at every start."""

import re

import asyncpg

from app.config import resource
from app.db.base import SCHEMA

VERSION_TABLE = "schema_version"
REVISION = re.compile(r'^revision(?:: str)? = "(\w+)"', re.MULTILINE)
REVISES = re.compile(r'^down_revision(?:: [\w| ]+)? = "(\w+)"', re.MULTILINE)


def head() -> str | None:
    """The one migration that no other builds on."""
    written = [path.read_text(encoding="utf-8") for path in resource("migrations").glob("versions/*.py")]
    all_of_them = {revision for text in written for revision in REVISION.findall(text)}
    built_on = {revision for text in written for revision in REVISES.findall(text)}
    return next(iter(all_of_them - built_on), None)


async def version_of(connection: asyncpg.Connection) -> str | None:
    table = f"{SCHEMA}.{VERSION_TABLE}"
    if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
        return None
    found: str | None = await connection.fetchval(f"SELECT version_num FROM {table}")  # noqa: S608
    return found
