"""What SQLAlchemy made of a statement when it sent it first: the SQL, how its values are bound, what each column is."""

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import CompoundSelect, CursorResult, Executable, Select, TextClause, UpdateBase
from sqlalchemy.engine.result import ChunkedIteratorResult, SimpleResultMetaData
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.attributes import instance_dict, instance_state
from sqlalchemy.util import LRUCache

UNDERSTOOD = (
    "include_deleted", "populate_existing", "planned_each_time", "planned_once", "plain_write", "stands_alone",
)  # fmt: skip
"""Options that a statement may have."""
MOST = 2_000
MOST_PLANS = 20
"""That a connection keeps: each takes PostgreSQL 0.3 to 1.6 MB (measured)."""
_PLACE = re.compile(r"\$(\d+)")
_LOCKS_OR_CHANGES = re.compile(
    r"\bFOR (?:UPDATE|SHARE|NO KEY UPDATE|KEY SHARE)\b|\b(?:pg_\w+|set_config|\w+val)\(", re.I
)
"""Locks of rows and of numbers, settings of a transaction, and what takes from a sequence."""
Process = Callable[[Any], Any] | None
Read = Callable[[Session, Sequence[Any]], Any]
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Way:
    """What SQLAlchemy made of a statement; without `compiled`, one that has to go the long way."""

    compiled: Any = None
    columns: Any = None
    readers: Sequence[Read] | None = None
    """None: a row is its columns."""
    binds: Sequence[tuple[str, int, Process]] | None = None
    """Of each value in the SQL its name, and its place in the statement; None: the SQL itself depends on values."""
    only_reads: bool = False
    """It locks nothing and changes nothing."""


@dataclass(frozen=True, slots=True)
class _Written:
    """The values of a statement are part of its SQL, but for those that it is given."""

    sql: str
    given: Sequence[tuple[str, Process]]


@dataclass(frozen=True, slots=True)
class Known:
    """A statement: what others like it have in common with it, its own values, its ways by the names it is given."""

    key: Any
    values: Sequence[Any]
    ways: dict[tuple[str, ...], Way] = field(default_factory=dict)
    is_planned_once: bool = False
    stands_alone: bool = False
    written: dict[tuple[str, ...], _Written] = field(default_factory=dict)
    """With its values written into it, by the names it is given."""


WAYS: LRUCache[Any, Way] = LRUCache(MOST)
_KNOWN: WeakKeyDictionary[Executable, Known | None] = WeakKeyDictionary()
_LONG = Way()
_NOTHING = SimpleResultMetaData([])
_PLANS: WeakKeyDictionary[Any, OrderedDict[str, Any]] = WeakKeyDictionary()
"""By connection, what was used last at the end."""


def known_of(statement: Any) -> Known | None:
    if not isinstance(statement, Select | CompoundSelect | TextClause | UpdateBase):
        return None
    if isinstance(statement, UpdateBase) and not statement._execution_options.get("plain_write"):
        return None
    if statement not in _KNOWN:
        options = statement._execution_options
        made = statement._generate_cache_key() if set(UNDERSTOOD).issuperset(options) else None
        asked = {name: bool(options.get(name)) for name in UNDERSTOOD}
        once, alone = asked["planned_once"], asked["stands_alone"]
        known = Known((made.key, *asked.values()), made.bindparams, {}, once, alone) if made else None
        _KNOWN[statement] = known if made and not made.params else None
    return _KNOWN[statement]


async def planned(connection: Any, sql: str, values: Row) -> Sequence[Row]:
    kept = _PLANS.setdefault(connection, OrderedDict())
    statement = kept.pop(sql, None) or await connection.prepare(sql)
    rows: Sequence[Row] = await statement.fetch(*values)
    kept[sql] = statement
    if len(kept) > MOST_PLANS:
        kept.popitem(last=False)
    return rows


def written(known: Known, compiled: Any, params: Mapping[str, Any]) -> tuple[str, Row]:
    """What PostgreSQL is to plan once has its own values written into it, each cast as it would be sent."""
    names = tuple(params)
    if names not in known.written:
        sql, named, processes, origins = _expanded(compiled, known.values, params)
        places, given = [], []
        for name, value in named.items():
            bind = compiled.binds[origins.get(name, name)]
            if bind.key in params:
                given.append((bind.key, processes.get(name)))
            places.append(f"${len(given)}" if bind.key in params else compiled.render_literal_value(value, bind.type))
        known.written[names] = _Written(_PLACE.sub(lambda place: places[int(place[1]) - 1], sql), given)
    sent = known.written[names]
    return sent.sql, [process(params[name]) if process else params[name] for name, process in sent.given]


def bind(way: Way, own: Sequence[Any], given: Mapping[str, Any]) -> tuple[str, Row]:
    if way.binds is not None:
        values = [
            (given[name] if name in given else own[at].effective_value, process) for name, at, process in way.binds
        ]
        return way.compiled.string, [process(value) if process else value for value, process in values]
    sql, named, processes, _origins = _expanded(way.compiled, own, given)
    return sql, [processes[name](value) if name in processes else value for name, value in named.items()]


def _expanded(
    compiled: Any, own: Sequence[Any], given: Mapping[str, Any]
) -> tuple[str, dict[str, Any], Mapping[str, Any], Mapping[str, str]]:
    """The SQL with a place for each value, the values by name in their order, what is made of them, and from which one
    of the statement's each comes."""
    named = compiled.construct_params(given, extracted_parameters=own, escape_names=False)
    if not (compiled.literal_execute_params or compiled.post_compile_params):
        return (
            compiled.string,
            {name: named[name] for name in compiled.positiontup or ()},
            compiled._bind_processors,
            {},
        )
    expanded = compiled._process_parameters_for_postcompile(named)
    origins = {name: origin for origin, names in expanded.parameter_expansion.items() for name in names}
    processes = {**compiled._bind_processors, **expanded.processors}
    return expanded.statement, {name: named[name] for name in expanded.positiontup}, processes, origins


# ---- what SQLAlchemy made of it ----


def way_of(result: Any, given: Collection[str]) -> Way:
    cursor: Any = result.raw if isinstance(result, ChunkedIteratorResult) else result
    if not isinstance(cursor, CursorResult):
        return _LONG
    entities: Sequence[Any] = () if cursor is result else result.context.compile_state._entities
    compiled: Any = cursor.context.compiled
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise TypeError("Python would have to fill something in: this is no plain write.")
    if not cursor.returns_rows and isinstance(compiled.statement, UpdateBase):
        return Way(compiled, _NOTHING, None, _binds_of(compiled, given))
    if not cursor.returns_rows:
        return _LONG
    sent, keys = cursor._metadata, list(result.keys())
    if not keys or len(set(keys)) != len(keys):
        return _LONG
    binds, only_reads = _binds_of(compiled, given), _only_reads(compiled)
    if all(_is_column(one) for one in entities):
        columns = SimpleResultMetaData(keys, _processors=sent._processors)
        return Way(compiled, columns, None, binds, only_reads) if len(keys) == len(sent._keys) else _LONG
    readers = _readers(result.context, compiled, sent._processors or [None] * len(sent._keys))
    return Way(compiled, SimpleResultMetaData(keys), readers, binds, only_reads) if readers else _LONG


def _only_reads(compiled: Any) -> bool:
    is_query = isinstance(compiled.statement, Select | CompoundSelect)
    return is_query and not _LOCKS_OR_CHANGES.search(compiled.string)


def _binds_of(compiled: Any, given: Collection[str]) -> Sequence[tuple[str, int, Process]] | None:
    if compiled.literal_execute_params or compiled.post_compile_params or compiled.cache_key is None:
        return None
    same, _names = compiled._cache_key_bind_match
    places = {id(one): at for at, key in enumerate(compiled.cache_key.bindparams) for one in same[key]}
    used = [(compiled.binds[name], compiled._bind_processors.get(name)) for name in compiled.positiontup or ()]
    if any(id(one) not in places or (one.required and one.key not in given) for one, _process in used):
        return None
    return [(one.key, places[id(one)], process) for one, process in used]


def _is_column(entity: Any) -> bool:
    return hasattr(entity, "_fetch_column")


def _readers(context: Any, compiled: Any, processes: Sequence[Process]) -> Sequence[Read] | None:
    columns = enumerate(compiled._result_columns)
    places = {thing: at for at, column in columns for thing in column.objects if not isinstance(thing, str)}
    readers = []
    for entity in context.compile_state._entities:
        if _is_column(entity):
            at = places.get(entity._fetch_column)
            if at is None:
                return None
            readers.append(_column(at, processes[at]))
        elif (mapper := _plain(entity, places)) is not None:
            names = [(one.key, places.get(one.columns[0])) for one in mapper.column_attrs]
            there = [(name, at, processes[at]) for name, at in names if at is not None]
            readers.append(_entity(mapper, there, anew=bool(context.populate_existing)))
        else:
            return None
    return readers


def _plain(entity: Any, places: Mapping[Any, int]) -> Mapper[Any] | None:
    """A table's own rows, whole but for what is deferred; nothing is loaded along with them."""
    mapper: Mapper[Any] | None = getattr(entity, "mapper", None)
    if mapper is None or entity.is_aliased_class or mapper.relationships or mapper.inherits or mapper.polymorphic_map:
        return None
    if mapper.class_manager.dispatch.load or mapper.class_manager.dispatch.refresh:
        return None
    return mapper if all(one.deferred or one.columns[0] in places for one in mapper.column_attrs) else None


def _column(at: int, process: Process) -> Read:
    return (lambda _session, row: process(row[at])) if process else (lambda _session, row: row[at])


def _entity(mapper: Mapper[Any], names: Sequence[tuple[str, int, Process]], *, anew: bool) -> Read:
    """What the session knows stays as it is, but for what is missing of it; `anew`: it is read again."""
    manager, home = mapper.class_manager, mapper._identity_class
    places = {name: at for name, at, _process in names}
    key = [places[mapper.get_property_by_column(one).key] for one in mapper.primary_key]
    loaded, left = frozenset(places), frozenset(mapper.column_attrs.keys()) - frozenset(places)

    def values(row: Row) -> dict[str, Any]:
        return {name: process(row[at]) if process else row[at] for name, at, process in names}

    def read(session: Session, row: Row) -> Any:
        identity = (home, tuple([row[at] for at in key]), None)
        if None in identity[1]:
            return None
        known = session.identity_map.get(identity)
        if known is not None:
            again(session, known, row)
            return known
        instance = manager.new_instance()
        state = instance_state(instance)
        state.key, state.identity_token, state.session_id = identity, None, session.hash_key
        session.identity_map._add_unpresent(state, identity)
        instance_dict(instance).update(values(row))
        return instance

    def again(session: Session, instance: Any, row: Row) -> None:
        state, held = instance_state(instance), instance_dict(instance)
        if anew:
            held.update(values(row))
            for name in left:
                held.pop(name, None)
            state._commit_all(held, session.identity_map)
        elif missing := state.unloaded & loaded:
            found = values(row)
            held.update({name: found[name] for name in missing})
            state._commit(held, missing)

    return read
