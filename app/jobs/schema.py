"""The queue's tables: pgqueuer's own, in our schema and without its trigger."""

from functools import lru_cache
from typing import Any

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.adapters.persistence.schema_ddl import render_install, render_uninstall
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import Connection

from app.db.base import SCHEMA


@lru_cache
def queue_names() -> DBSettings:
    return DBSettings(db_schema=SCHEMA)


def queries_over(connection: Any) -> Queries:
    """`connection` is asyncpg's own."""
    names = queue_names()
    return Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(names),
        qbq=QueryQueueBuilder(names),
        qbs=QuerySchedulerBuilder(names),
    )


def pgqueuer_install_sql() -> str:
    """Many statements: see `run_script`.

    Its trigger sends a NOTIFY in each transaction that enqueues, which costs more than a worker that looks every
    second (promises.md, trap 9), so it goes.
    """
    names = queue_names()
    return (
        render_install(names, create_schema=False)
        + f"\n\nDROP TRIGGER {names.trigger} ON {names.qualified.queue_table};"
        + f"\n\nDROP FUNCTION {names.qualified.function};"
    )


def pgqueuer_uninstall_sql() -> str:
    names = queue_names()
    triggers, functions = (
        f"DROP TRIGGER IF EXISTS {names.trigger}",
        f"DROP FUNCTION IF EXISTS {names.qualified.function}",
    )
    lines = render_uninstall(names).splitlines()
    return "\n".join(line for line in lines if not line.startswith((triggers, functions)))


def run_script(bind: Connection, sql: str) -> None:
    """In a migration, `run_script(op.get_bind(), pgqueuer_install_sql())`: asyncpg prepares one statement at a time."""
    bind.connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))  # type: ignore[union-attr]
