"""The tree's nodes, and the typed values that its leaves hold."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from app.conditions.fields import Kind, Op


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str


class Moment(Enum):
    TODAY = "today"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Relative:
    """A date or time that is worked out anew at each evaluation."""

    moment: Moment
    days: int = 0
    hours: int = 0


class Ref(Enum):
    """Whom the context names."""

    ME = "me"
    REQUESTER = "requester"
    MY_ROLES = "my_roles"


Single: TypeAlias = str | Decimal | Money | bool | date | datetime | int | Relative | Ref
Operand: TypeAlias = Single | tuple[Single, ...] | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """Compares with `value`, or with the field `other` of the same kind. Ids are `int`, numbers always `Decimal`."""

    field: str
    kind: Kind
    op: Op
    value: Operand = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class Some:
    """At least one row of the table `field`; `where` reads the fields of a row."""

    field: str
    where: "Condition"


@dataclass(frozen=True, slots=True)
class Every:
    """All rows of the table `field`; true of a table without rows, as everywhere in logic."""

    field: str
    where: "Condition"


Condition: TypeAlias = All | Any_ | Not | Leaf | Some | Every
