"""What a condition can speak of: fields, their kinds, and the operators that each kind knows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
CURRENCY = re.compile(r"[A-Z]{3}")


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    CHOICES = "choices"
    USER = "user"
    USERS = "users"
    ROLE = "role"
    ROLES = "roles"
    LABELS = "labels"
    CATEGORIES = "categories"
    FILES = "files"
    """Answered or not is all that is asked of them."""
    TABLE = "table"
    """Rows of fields of their own; read by `some` and `every` only."""


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    IN = "in"
    CONTAINS = "contains"
    STARTS = "starts"
    HAS = "has"
    HAS_ANY = "has_any"
    HAS_ALL = "has_all"
    EMPTY = "empty"
    CHANGED = "changed"
    CHANGED_TO = "changed_to"
    CHANGED_FROM = "changed_from"


ORDERING = frozenset({Op.GT, Op.GE, Op.LT, Op.LE})
WITHOUT_VALUE = frozenset({Op.EMPTY, Op.CHANGED})
WITH_LIST = frozenset({Op.IN, Op.HAS_ANY, Op.HAS_ALL})
RULES_ONLY = frozenset({Op.CHANGED, Op.CHANGED_TO, Op.CHANGED_FROM})
BETWEEN_FIELDS = frozenset({Op.EQ, Op.NE}) | ORDERING
"""Operators that may compare with another field of the same kind."""

ID_LISTS = frozenset({Kind.USERS, Kind.ROLES, Kind.LABELS, Kind.CATEGORIES})
LISTS = ID_LISTS | {Kind.CHOICES}
UNSORTED = LISTS | {Kind.FILES, Kind.TABLE}
"""Of several in one field none is the first."""
IDS = frozenset({Kind.USER, Kind.ROLE}) | ID_LISTS

_SAME = (Op.EQ, Op.NE)
_ORDER = (Op.GT, Op.GE, Op.LT, Op.LE)
_CHANGE = (Op.CHANGED, Op.CHANGED_TO, Op.CHANGED_FROM)
_LIST = (Op.HAS, Op.HAS_ANY, Op.HAS_ALL, Op.EMPTY, Op.CHANGED)

OPERATORS: Mapping[Kind, tuple[Op, ...]] = MappingProxyType(
    {
        Kind.TEXT: (*_SAME, Op.IN, Op.CONTAINS, Op.STARTS, Op.EMPTY, *_CHANGE),
        Kind.NUMBER: (*_SAME, *_ORDER, Op.IN, Op.EMPTY, *_CHANGE),
        Kind.MONEY: (*_SAME, *_ORDER, Op.EMPTY, *_CHANGE),
        Kind.BOOLEAN: (*_SAME, Op.EMPTY, *_CHANGE),
        Kind.DATE: (*_SAME, *_ORDER, Op.EMPTY, *_CHANGE),
        Kind.DATETIME: (*_SAME, *_ORDER, Op.EMPTY, *_CHANGE),
        Kind.CHOICE: (*_SAME, Op.IN, Op.EMPTY, *_CHANGE),
        Kind.USER: (*_SAME, Op.IN, Op.EMPTY, *_CHANGE),
        Kind.ROLE: (*_SAME, Op.IN, Op.EMPTY, *_CHANGE),
        **dict.fromkeys(sorted(LISTS), _LIST),
        Kind.FILES: (Op.EMPTY, Op.CHANGED),
        Kind.TABLE: (),
    }
)
"""In the order in which an editor offers them."""


@dataclass(frozen=True, slots=True)
class Field:
    """`column` names a built-in column of the ticket; without it the value lives in the custom fields.

    No `options` means that any text is a valid choice, no `currencies` any currency. `rows` are a table's columns."""

    key: str
    label: str
    kind: Kind
    options: Mapping[str, str] = field(default_factory=dict)
    currencies: tuple[str, ...] = ()
    column: str | None = None
    rows: "Fields" = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keys are written into SQL as they are, so no other key gets this far."""
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} is not a field key")


Fields = Mapping[str, Field]
"""The registry: what this checker may speak of. What a viewer may not read is not in it."""

Values = Mapping[str, Any]
"""A ticket's fields in their stored form."""
