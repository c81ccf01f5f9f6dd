"""How one field reads in SQL: `present` says that there is something to compare, `compare` and `against` compare it."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Numeric,
    Text,
    and_,
    any_,
    cast,
    collate,
    func,
    literal,
    literal_column,
    true,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import TypeEngine

from app.conditions import stored
from app.conditions.fields import IDS, Kind, Op
from app.conditions.nodes import Money
from app.conditions.sql_json import Clause, beginning, has_type, is_day, looks_like, number, part, text_of
from app.conditions.unicode import fold

COMPARISONS: Mapping[Op, Callable[[Any, Any], Clause]] = {
    Op.EQ: operator.eq,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.LT: operator.lt,
    Op.LE: operator.le,
}
SORTED_LENGTH = 100
"""So many characters of a text are in its index and decide its place in a list: an index takes no long ones."""
_WILD = re.compile(r"([\\%_])")
_THREE_LETTERS = re.compile(r"[^\W_]{3}")


class Term(Protocol):
    @property
    def present(self) -> Clause: ...

    def compare(self, op: Op, value: Any) -> Clause: ...

    def against(self, op: Op, other: Any) -> Clause:
        """Compares with another field's term, of the same kind."""


@dataclass(frozen=True, slots=True)
class Scalar:
    value: ColumnElement[Any]
    shape: Clause | None
    """What must hold beside a comparison; None where `value` is NULL unless it can be compared."""
    type_: TypeEngine[Any]
    write: Callable[[Any], Any]
    """Makes of a typed value what `value` is compared with."""
    common: ColumnElement[Any]
    """`value` as it reads in the custom fields, whichever place it comes from."""

    @property
    def present(self) -> Clause:
        return self._is_there(self.value)

    def _is_there(self, indexed: ColumnElement[Any]) -> Clause:
        """`indexed`: what an index has only where it is not null. The shape says so too, but not to the planner."""
        return indexed.is_not(None) if self.shape is None else and_(indexed.is_not(None), self.shape)

    def compare(self, op: Op, value: Any) -> Clause:
        if op is Op.IN:
            members = literal([self.write(one) for one in value], ARRAY(self.type_))
            return self._guarded(self.value == any_(members))
        if op in (Op.CONTAINS, Op.STARTS):
            return self._guarded(_finds(self.value, fold(value), anywhere=op is Op.CONTAINS))
        return self._guarded(COMPARISONS[op](self.value, literal(self.write(value), self.type_)))

    def against(self, op: Op, other: "Scalar") -> Clause:
        return self._guarded(other._guarded(COMPARISONS[op](self.common, other.common)))

    def _guarded(self, comparison: Clause) -> Clause:
        return comparison if self.shape is None else and_(comparison, self.shape)


@dataclass(frozen=True, slots=True)
class Instant(Scalar):
    """A column of times, which have fractions of a second; compared as `stored` reads them, in whole seconds."""

    def compare(self, op: Op, value: datetime) -> Clause:
        this, next_ = (literal(at, self.type_) for at in (value, value + timedelta(seconds=1)))
        match op:
            case Op.GT:
                return self.value >= next_
            case Op.GE:
                return self.value >= this
            case Op.LT:
                return self.value < this
            case Op.LE:
                return self.value < next_
        return and_(self.value >= this, self.value < next_)


@dataclass(frozen=True, slots=True)
class Written(Scalar):
    """A date or time as text, in the order of its signs. PostgreSQL finds no index by "is not null" of what has a
    collation of its own; by a comparison it does."""

    @property
    def present(self) -> Clause:
        return and_(self.value > literal_column("''", Text()), self._guarded(true()))


@dataclass(frozen=True, slots=True)
class Words(Scalar):
    """A text of the custom fields: found by how it begins, as its index has it, and then compared whole."""

    @property
    def begins(self) -> ColumnElement[str]:
        return _begins(self.value)

    @property
    def present(self) -> Clause:
        return self._is_there(self.begins)

    def compare(self, op: Op, value: Any) -> Clause:
        exactly = Scalar.compare(self, op, value)
        if op is Op.EQ:
            return and_(self.begins == _begins(literal(value, Text())), exactly)
        if op is Op.IN:
            members: Any = array([_begins(literal(one, Text())) for one in value], type_=Text())
            return and_(self.begins == any_(members), exactly)
        if op is Op.STARTS:
            return and_(_like(self.begins, fold(value)[:SORTED_LENGTH], anywhere=False), exactly)
        return exactly


@dataclass(frozen=True, slots=True)
class Amount:
    """Between two currencies every comparison is false."""

    amount: ColumnElement[Any]
    currency: ColumnElement[str]

    @property
    def present(self) -> Clause:
        is_there = and_(self.currency.is_not(None), self.amount.is_not(None))
        return and_(is_there, looks_like(self.currency, "[A-Z]{3}"))

    def compare(self, op: Op, value: Money) -> Clause:
        same_currency = self.currency == literal(value.currency, Text())
        return and_(same_currency, COMPARISONS[op](self.amount, literal(value.amount, Numeric())))

    def against(self, op: Op, other: "Amount") -> Clause:
        same_currency = and_(self.currency == other.currency, looks_like(self.currency, "[A-Z]{3}"))
        return and_(same_currency, COMPARISONS[op](self.amount, other.amount))


def stored_term(kind: Kind, document: ColumnElement[Any], key: str) -> Term:
    """Of a custom field."""
    whole, text = part(document, key), text_of(document, key)
    if kind is Kind.MONEY:
        return Amount(number(text_of(whole, "amount")), text_of(whole, "currency"))
    if kind is Kind.NUMBER:
        exact = number(text)
        return Scalar(exact, None, Numeric(), _as_is, exact)
    if kind is Kind.DATE:
        day = collate(text, "C")
        return Written(day, and_(looks_like(text, stored.DATE), is_day(text)), Text(), _iso_day, day)
    if kind is Kind.DATETIME:
        second = collate(beginning(text, 19), "C")
        shape = and_(looks_like(text, stored.DATETIME), is_day(beginning(text, 10)))
        return Written(second, shape, Text(), _iso_second, second)
    if kind is Kind.BOOLEAN:
        return Scalar(text, has_type(whole, "boolean"), Text(), _json_boolean, text)
    if kind in IDS:
        return Scalar(text, and_(has_type(whole, "number"), looks_like(text, stored.ID)), Text(), str, text)
    scalar = Words if kind is Kind.TEXT else Scalar
    return scalar(text, and_(has_type(whole, "string"), text != literal_column("''", Text())), Text(), _as_is, text)


def column_term(kind: Kind, column: ColumnElement[Any]) -> Term:
    """Of a built-in column."""
    match kind:
        case Kind.TEXT | Kind.CHOICE:
            return Scalar(column, column != literal_column("''", Text()), Text(), _as_is, column)
        case Kind.NUMBER:
            return Scalar(column, None, Numeric(), _as_is, column)
        case Kind.BOOLEAN:
            return Scalar(column, None, Boolean(), _as_is, cast(column, Text()))
        case Kind.DATE:
            return Scalar(column, None, Date(), _as_is, collate(_written(column, "YYYY-MM-DD"), "C"))
        case Kind.DATETIME:
            utc = column.op("AT TIME ZONE")(literal_column("'UTC'", Text()))
            second = collate(_written(utc, 'YYYY-MM-DD"T"HH24:MI:SS'), "C")
            return Instant(column, None, DateTime(timezone=True), _as_is, second)
        case Kind.USER | Kind.ROLE:
            return Scalar(column, None, BigInteger(), _as_is, cast(column, Text()))
    raise ValueError(f"no column holds a {kind} field")


def folded(text: ColumnElement[str]) -> ColumnElement[str]:
    return func.lower(collate(text, "pg_c_utf8"), type_=Text())


def _begins(text: ColumnElement[str]) -> ColumnElement[str]:
    return folded(beginning(text, SORTED_LENGTH))


def _finds(text: ColumnElement[str], part: str, *, anywhere: bool) -> Clause:
    """By LIKE, which an index on trigrams can answer; of a part without one it would read the whole index."""
    if not _THREE_LETTERS.search(part):
        needle = literal(part, Text())
        return func.strpos(folded(text), needle) > 0 if anywhere else func.starts_with(folded(text), needle)
    return _like(folded(text), part, anywhere=anywhere)


def _like(words: ColumnElement[str], part: str, *, anywhere: bool) -> Clause:
    plain = _WILD.sub(r"\\\1", part)
    return words.like(literal(f"%{plain}%" if anywhere else f"{plain}%", Text()))


def _written(moment: ColumnElement[Any], form: str) -> ColumnElement[str]:
    return func.to_char(moment, literal_column(f"'{form}'", Text()), type_=Text())


def _as_is(value: Any) -> Any:
    return value


def _iso_day(value: Any) -> str:
    return str(value.isoformat())


def _iso_second(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _json_boolean(value: bool) -> str:
    return "true" if value else "false"
