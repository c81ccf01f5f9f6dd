"""A SELECT that was sent before goes to the driver at once, past what SQLAlchemy would find out anew each time.

The first time SQLAlchemy sends it, and what it made of it is kept: the SQL, how values are bound, what each column is.
From then on it costs a fifth to a third, and one that is made once a ninth (docs/decisions/0012). So does a write that
says that it may (`plain_write`); others, and whatever has options of its own, go the long way.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, IteratorResult, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.db.direct_ways import WAYS, Row, bind, known_of, planned, way_of, written
from app.db.direct_writes import Write, writes_of

UNTIL_LOCKED = "until_locked"
"""In a session's `info`: what it found out that holds until it locks or writes anything, or its transaction ends."""
_PLAN_EACH_TIME = "SET LOCAL plan_cache_mode = force_custom_plan"


class DirectSession(AsyncSession):
    """In every other way an AsyncSession: flushes first, has one entity for one row, fails as SQLAlchemy does."""

    async def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if statement._execution_options.get("planned_each_time"):
            await self._plan_each_time()
        known = None if options or isinstance(params, list | tuple) else known_of(statement)
        if _locks_or_writes(statement) and not (known and known.stands_alone):
            self.info.pop(UNTIL_LOCKED, None)
        if known is None:
            return await super().execute(statement, params, **options)
        names = tuple(params) if params else ()
        way = known.ways.get(names) or WAYS.get((known.key, names))
        if way is None:
            result = await super().execute(statement, params)
            way = WAYS[known.key, names] = known.ways[names] = way_of(result, names)
            return result
        known.ways[names] = way
        if way.compiled is None:
            return await super().execute(statement, params)
        once = known.is_planned_once
        sent = written(known, way.compiled, params or {}) if once else bind(way, known.values, params or {})
        rows = await self._fetch(*sent, keeps_plan=once, begins=not (way.only_reads or known.stands_alone))
        if way.readers is not None:
            session, readers = self.sync_session, way.readers
            rows = [tuple([read(session, row) for read in readers]) for row in rows]
        return IteratorResult(way.columns, iter(rows))

    async def scalar(self, statement: Any, params: Any = None, **options: Any) -> Any:
        return (await self.execute(statement, params, **options)).scalar()

    async def scalars(self, statement: Any, params: Any = None, **options: Any) -> Any:
        return (await self.execute(statement, params, **options)).scalars()

    async def stream(self, statement: Any, params: Any = None, **options: Any) -> Any:
        if statement._execution_options.get("planned_each_time"):
            await self._plan_each_time()
        return await super().stream(statement, params, **options)

    async def flush(self, objects: Any = None) -> None:
        """As SQLAlchemy would, but rows that are plain are written by statements that are made once."""
        session = self.sync_session
        if objects or session._is_clean() or session._flushing:
            await super().flush(objects)
            return
        writes = writes_of(session)
        if writes is None:
            await super().flush()
            return
        session._flushing = True
        try:
            for write in writes:
                await self._write(write)
        except BaseException as error:
            await self.run_sync(_undo_as_a_flush_would, error)
            raise
        finally:
            session._flushing = False
        self.info.pop(UNTIL_LOCKED, None)
        session._register_persistent({write.state for write in writes} | set(session._dirty_states))

    async def commit(self) -> None:
        await self.flush()
        await super().commit()

    async def _write(self, write: Write) -> None:
        row = (await self.execute(write.statement, write.values)).first()
        state = write.state
        if row is None:
            raise StaleDataError(f"A row of {state.manager.mapper.local_table} is not there any more.")
        state.dict.update(write.filled)
        state.dict.update(zip(write.returned, row, strict=False))
        if write.expires:
            state._expire_attributes(state.dict, write.expires)

    async def _plan_each_time(self) -> None:
        """For the rest of the transaction; else PostgreSQL may plan for any value from the sixth time on."""
        session = self.sync_session
        if self.info.get(_PLAN_EACH_TIME) is (session.get_nested_transaction() or session.get_transaction() or self):
            return
        await self._send(_PLAN_EACH_TIME, (), lambda driver: driver.execute(_PLAN_EACH_TIME))
        self.info[_PLAN_EACH_TIME] = session.get_nested_transaction() or session.get_transaction()

    async def _fetch(self, sql: str, values: Row, *, keeps_plan: bool, begins: bool) -> Sequence[Row]:
        session = self.sync_session
        if session.autoflush and not session._flushing and not session._is_clean():
            await self.flush()
        connection, _wrapped = await self._in_use()
        for heard in connection.dispatch.before_cursor_execute:
            sql, values = heard(connection, None, sql, tuple(values), None, False)
        found: Sequence[Row] = await self._send(
            sql,
            values,
            lambda driver: planned(driver, sql, values) if keeps_plan else driver.fetch(sql, *values),
            begins=begins,
        )
        return found

    async def _send(self, sql: str, values: Row, work: Callable[[Any], Awaitable[Any]], *, begins: bool = True) -> Any:
        """`begins`: PostgreSQL's transaction begins with this at the latest. Each statement sees what is committed when
        it is sent, so that what only reads needs none: a page sends no BEGIN and no COMMIT."""
        connection, wrapped = await self._in_use()
        try:
            if begins and wrapped._transaction is None:
                await wrapped._start_transaction()
            return await work(wrapped.driver_connection)
        except BaseException as error:
            await self.run_sync(_fail_as_sqlalchemy_would, connection, wrapped, error, sql, values)
            raise

    async def _in_use(self) -> tuple[Any, Any]:
        """The connection, and SQLAlchemy's wrapper of asyncpg's; found once a transaction, and once a savepoint."""
        session = self.sync_session
        kept = self.info.get(DirectSession)
        if kept is None or kept[0] is not (session.get_nested_transaction() or session.get_transaction()):
            connection = await self.connection()
            wrapped = (await connection.get_raw_connection()).dbapi_connection
            kept = session.get_nested_transaction() or session.get_transaction(), (connection.sync_connection, wrapped)
            self.info[DirectSession] = kept
        in_use: tuple[Any, Any] = kept[1]
        return in_use


def _locks_or_writes(statement: Any) -> bool:
    return not isinstance(statement, Select | CompoundSelect) or statement._for_update_arg is not None


def _undo_as_a_flush_would(session: Session, error: BaseException) -> None:
    """The transaction is over, or the savepoint; who goes on without rolling back is told so, and why."""
    transaction = session._autobegin_t()
    transaction._begin().rollback()
    transaction._rollback_exception = error


def _fail_as_sqlalchemy_would(
    _session: Session, connection: Any, wrapped: Any, error: BaseException, sql: str, values: Row
) -> None:
    """A connection that is lost, or whose task was called off, leaves the pool; who listens to faults hears of them."""
    try:
        wrapped._handle_exception(error)
    except BaseException as translated:
        connection._handle_dbapi_exception(translated, sql, tuple(values), None, None)
