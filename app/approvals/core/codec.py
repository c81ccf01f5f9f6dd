"""Dataclasses to plain JSON and back, by their annotations: for events, for state, and for nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

Reader = Callable[[Any], Any]

_AS_IT_IS = frozenset({str, int, bool, NoneType})


def to_plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in _AS_IT_IS:
        return value
    names = _field_names(kind)
    if names is not None:
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: to_plain(inner) for key, inner in value.items()}
    return [to_plain(inner) for inner in value]


def from_plain(kind: Any, plain: Any) -> Any:
    """A missing key takes the field's default, so a record written by an older version still reads."""
    return _reader(kind)(plain)


@cache
def _field_names(kind: Any) -> tuple[str, ...] | None:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


@cache
def _reader(kind: Any) -> Reader:
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if get_origin(kind) is UnionType:
        (inner,) = (_reader(arm) for arm in get_args(kind) if arm is not NoneType)
        return lambda plain: None if plain is None else inner(plain)
    if get_origin(kind) is tuple:
        each = _reader(get_args(kind)[0])
        return lambda plain: tuple([each(value) for value in plain])
    return lambda plain: plain


def _dataclass_reader(kind: Any) -> Reader:
    """Looks its fields up when it first reads, because a state may hold a state."""

    def read(plain: Mapping[str, Any]) -> Any:
        readers = _field_readers(kind)
        return kind(**{name: readers[name](value) for name, value in plain.items() if name in readers})

    return read


@cache
def _field_readers(kind: Any) -> dict[str, Reader]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}
