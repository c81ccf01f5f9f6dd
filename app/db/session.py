"""Sessions: one a request, one for each act that stands alone; deleted rows are hidden from every ORM query."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from weakref import WeakKeyDictionary

from asyncpg import InternalClientError
from sqlalchemy import Executable, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.util import greenlet_spawn

from app.db.base import Record
from app.db.direct import UNTIL_LOCKED, DirectSession

_RERUN = {"40001", "40P01"}
"""Serialization failure and deadlock: the statement was right, the moment was not."""


MAY_REST = 1.0
"""Seconds."""
STATEMENT_TIMEOUT = 15_000
"""Milliseconds."""


class Database:
    """The pool and its two doors: `session()` for a request, `in_its_own()` for an act that commits by itself."""

    def __init__(
        self,
        url: str,
        *,
        role: str | None = None,
        pool_size: int = 10,
        max_overflow: int = 5,
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=4,
            pool_use_lifo=True,
            connect_args={"timeout": 4, "server_settings": _settings(role)},
        )
        event.listen(self.engine.sync_engine, "checkin", _note_when)
        event.listen(self.engine.sync_engine, "checkout", _ping_after_a_pause)
        event.listen(self.engine.sync_engine, "handle_error", _see_it_dying)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, class_=DirectSession)
        self._joined: AsyncConnection | None = None

    def join(self, connection: AsyncConnection) -> None:
        """For tests: every session becomes a savepoint of this connection's transaction."""
        self._sessions = async_sessionmaker(
            bind=connection,
            expire_on_commit=False,
            class_=DirectSession,
            join_transaction_mode="create_savepoint",
        )
        self._joined = connection

    def session(self) -> AsyncSession:
        return self._sessions()

    async def fetch(self, sql: str, *values: Any) -> Sequence[Mapping[str, Any]]:
        """One question by itself, asked of asyncpg: a session around it would cost three times as much."""
        if self._joined is not None:
            driver = (await self._joined.get_raw_connection()).driver_connection
            return cast(Sequence[Mapping[str, Any]], await driver.fetch(sql, *values))  # type: ignore[union-attr]
        borrowed: Any = await greenlet_spawn(self.engine.sync_engine.raw_connection)
        try:
            found: Sequence[Mapping[str, Any]] = await borrowed.driver_connection.fetch(sql, *values)
        except BaseException:
            await greenlet_spawn(borrowed.invalidate)
            raise
        await greenlet_spawn(borrowed.close)
        return found

    @asynccontextmanager
    async def in_its_own(self) -> AsyncIterator[AsyncSession]:
        """A transaction of its own: for each act of a bulk, for jobs, for the record of a refusal."""
        async with self.session() as session, session.begin():
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def _note_when(_connection: Any, record: Any) -> None:
    record.info["back_at"] = time.monotonic()


def _ping_after_a_pause(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection that was used just now is there; one that has rested may have died with its server meanwhile."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
    if time.monotonic() - record.info.get("back_at", -MAY_REST) < MAY_REST:
        return
    try:
        connection.ping()
    except Exception as error:  # whatever it was, another connection is tried
        raise DisconnectionError from error


def _see_it_dying(context: ExceptionContext) -> None:
    """Between the server's farewell and the closed socket, asyncpg refuses in words that name no disconnect."""
    if isinstance(context.original_exception.__cause__, InternalClientError):
        context.is_disconnect = True


def _settings(role: str | None) -> dict[str, str]:
    settings = {
        "application_name": "countersign",
        "search_path": "ticket",
        "jit": "off",
        # PostgreSQL's own 4 is a turning disk's: for two thousand tickets it reads them all (measured: 300 ms, not 33)
        "random_page_cost": "1.1",
        "statement_timeout": str(STATEMENT_TIMEOUT),
        "lock_timeout": "5000",
        "idle_in_transaction_session_timeout": "60000",
    }
    return settings | ({"role": role} if role else {})


def sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")


def worth_a_rerun(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and sqlstate(error) in _RERUN


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_transaction_end")
def _look_again(session: Session, *_flushed_or_ended: Any) -> None:
    session.info.pop(UNTIL_LOCKED, None)


@event.listens_for(Session, "do_orm_execute")
def _look_again_after_a_lock(state: ORMExecuteState) -> None:
    """What is locked by `refresh` or `get` comes by here only."""
    if getattr(state.statement, "_for_update_arg", None) is not None:
        _look_again(state.session)


@event.listens_for(Session, "do_orm_execute")
def _hide_deleted(state: ORMExecuteState) -> None:
    """Ask for deleted rows with `execution_options(include_deleted=True)`: audit and restore code only."""
    if not state.is_orm_statement or state.execution_options.get("include_deleted"):
        return
    if state.is_column_load or state.is_relationship_load:
        return
    asked = state.statement
    if asked not in _with_only_live:
        _with_only_live[asked] = asked.options(_ONLY_LIVE)
    state.statement = _with_only_live[asked]


def _not_deleted(record: Any) -> Any:
    return record.deleted_at.is_(None)


_with_only_live: WeakKeyDictionary[Executable, Executable] = WeakKeyDictionary()
"""By the statement as it was made: one that is sent again keeps the key by which SQLAlchemy finds its SQL."""
_ONLY_LIVE = with_loader_criteria(Record, _not_deleted, include_aliases=True, propagate_to_loaders=False)
"""Made once: to make it costs as much as a small query."""
