"""What a flush would write of plain rows, as statements that are made once (docs/decisions/0012).

SQLAlchemy's unit of work finds out anew each time in which order tables are written, which columns have defaults and
how a row is found again: 0.5 to 1 ms of CPU for each row. For rows without relationships, inheritance, versions or
events there is nothing to find out. Whatever is not as plain as that is left to it, and so are deletions and many rows
at once, which it sends together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import ClauseElement, Column, Table, bindparam, insert, update
from sqlalchemy.orm import InstanceState, Mapper, Session

from app.db.constants import plain_write

MOST_AT_ONCE = 6
"""Rows."""
_NOT_HANDLED = ("before_insert", "after_insert", "before_update", "after_update")
Values = dict[str, Any]
"""By the column's name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table with nothing but columns, each of them one attribute."""

    table: Table
    key: Column[Any]
    columns: Mapping[str, Column[Any]]
    """By attribute."""
    evaluates_none: frozenset[str]
    """Columns in which None that was set is a value (JSON's null)."""
    on_update: Mapping[str, Column[Any]]
    """Columns that Python fills in when a row changes."""
    expires: frozenset[str]
    """Attributes that PostgreSQL computes anew whenever a row changes."""


@dataclass(frozen=True, slots=True)
class Write:
    state: InstanceState[Any]
    statement: Any
    values: Values
    filled: Values
    """Attributes that the flush decides upon."""
    returned: Sequence[str] = ()
    """Attributes that PostgreSQL tells."""
    expires: frozenset[str] = frozenset()


def writes_of(session: Session) -> list[Write] | None:
    """In their order; None where the unit of work has to see to it."""
    if session._deleted or session.dispatch.before_flush or len(session._new) > MOST_AT_ONCE:
        return None
    changed = sorted(session._dirty_states, key=_place)
    if len(changed) > MOST_AT_ONCE:
        return None
    writes = []
    for state in changed:
        shape = _shape_of(state.manager.mapper)
        if shape is None:
            return None
        if (write := _update(state, shape)) is not None:
            writes.append(write)
    for state in sorted(session._new, key=lambda one: one.insert_order or 0):
        shape = _shape_of(state.manager.mapper)
        write = _insert(state, shape) if shape else None
        if write is None:
            return None
        writes.append(write)
    return writes


def _place(state: InstanceState[Any]) -> tuple[str, Any]:
    """Always the same order, so that two who write the same rows do not wait for each other."""
    assert state.key is not None
    return str(state.manager.mapper.local_table), state.key[1]


@cache
def _shape_of(mapper: Mapper[Any]) -> Shape | None:
    table: Any = mapper.local_table
    properties = mapper.column_attrs
    is_plain = not (
        mapper.relationships or mapper.inherits or mapper.polymorphic_map or mapper.version_id_col is not None
        or len(mapper.tables) != 1 or len(mapper.primary_key) != 1 or mapper.eager_defaults is True
        or any(len(one.columns) != 1 for one in properties)
    )  # fmt: skip
    heard = any(getattr(mapper.dispatch, name) for name in _NOT_HANDLED)
    if not is_plain or heard or mapper.class_manager.dispatch.refresh_flush or not isinstance(table, Table):
        return None
    columns: dict[str, Any] = {one.key: one.columns[0] for one in properties}
    if any(key != column.key or column.table is not table for key, column in columns.items()):
        return None
    if any(_is_sql(column.default) or _is_sql(column.onupdate) for column in columns.values()):
        return None
    return Shape(
        table=table,
        key=cast(Column[Any], mapper.primary_key[0]),
        columns=columns,
        evaluates_none=frozenset(one.key for one in mapper._insert_cols_evaluating_none[table]),
        on_update={key: column for key, column in columns.items() if column.onupdate is not None},
        expires=frozenset(key for key, column in columns.items() if column.server_onupdate is not None),
    )


def _is_sql(default: Any) -> bool:
    return default is not None and not (default.is_scalar or default.is_callable)


def _filled(default: Any) -> Any:
    return default.arg if default.is_scalar else default.arg(None)


def _update(state: InstanceState[Any], shape: Shape) -> Write | None:
    """None if nothing is different."""
    held, said = state.dict, Values()
    for key in state.committed_state.keys() & shape.columns.keys() & held.keys():
        value = held[key]
        is_same = not _is_clause(value) and state.manager[key].impl.is_equal(value, state.committed_state[key]) is True
        if not is_same:
            said[key] = value.__clause_element__() if hasattr(value, "__clause_element__") else value
    if not said:
        return None
    filled = {key: _filled(one.onupdate) for key, one in shape.on_update.items() if key not in said}
    clauses = {key: value for key, value in said.items() if isinstance(value, ClauseElement)}
    values = {key: value for key, value in {**said, **filled}.items() if key not in clauses}
    assert state.key is not None
    statement = _updating(shape.table, tuple(sorted(values)))
    if clauses:
        statement = statement.values(clauses)
    given = {f"v_{key}": value for key, value in values.items()} | {"v_the_row": state.key[1][0]}
    return Write(state, statement, given, filled, (), (shape.expires - said.keys()) | clauses.keys())


def _is_clause(value: Any) -> bool:
    return isinstance(value, ClauseElement) or hasattr(value, "__clause_element__")


@lru_cache(maxsize=500)
def _updating(table: Table, names: tuple[str, ...]) -> Any:
    """With what tells that the row is there."""
    [key] = table.primary_key
    values = {name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names}
    this_row = key == bindparam("v_the_row", type_=key.type)
    return plain_write(update(table).where(this_row).values(values).returning(key))


def _insert(state: InstanceState[Any], shape: Shape) -> Write | None:
    held, values, filled, returned = state.dict, Values(), Values(), []
    for key, column in shape.columns.items():
        value = held.get(key)
        if _is_clause(value):
            return None
        if value is not None or (key in held and key in shape.evaluates_none):
            values[key] = value
        elif column.default is not None:
            values[key] = filled[key] = _filled(column.default)
        elif column.server_default is not None or column is shape.key:
            returned.append(key)
        elif key not in shape.evaluates_none:
            values[key] = None
    statement = _inserting(shape.table, tuple(values), tuple(returned))
    return Write(state, statement, {f"v_{key}": value for key, value in values.items()}, filled, returned)


@lru_cache(maxsize=500)
def _inserting(table: Table, names: tuple[str, ...], returned: tuple[str, ...]) -> Any:
    values = {name: bindparam(f"v_{name}", type_=table.c[name].type) for name in names}
    columns = [table.c[name] for name in returned] or list(table.primary_key)
    return plain_write(insert(table).values(values).returning(*columns))
