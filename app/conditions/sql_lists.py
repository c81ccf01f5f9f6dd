"""Fields that hold several values: lists among the custom fields, and rows of a linking table."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    and_,
    any_,
    distinct,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.conditions.fields import Op
from app.conditions.sql_json import Clause, has_type


@dataclass(frozen=True, slots=True)
class Members:
    """`@>` is what a GIN index on the list answers."""

    members: ColumnElement[Any]

    @property
    def present(self) -> Clause:
        return and_(has_type(self.members, "array"), self.members != literal_column("'[]'::jsonb", JSONB()))

    def compare(self, op: Op, value: Any) -> Clause:
        match op:
            case Op.HAS:
                return self._holds([value])
            case Op.HAS_ALL:
                return and_(self._holds(list(value)), self.present)
        return or_(false(), *(self._holds([one]) for one in value))

    def against(self, op: Op, other: Any) -> Clause:
        raise ValueError("two lists are not compared")

    def _holds(self, wanted: list[Any]) -> Clause:
        return self.members.bool_op("@>")(literal(wanted, JSONB()))


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """A built-in list kept as rows: `of` joins the linking table to the ticket, `id` is what it links to."""

    id: ColumnElement[int]
    of: ColumnElement[bool]

    @property
    def present(self) -> Clause:
        return exists(select(1).where(self.of))

    def compare(self, op: Op, value: Any) -> Clause:
        match op:
            case Op.HAS:
                return exists(select(1).where(self.of, self.id == literal(value, BigInteger())))
            case Op.HAS_ANY:
                return exists(select(1).where(self.of, self._among(value)))
        found = select(func.count(distinct(self.id))).where(self.of, self._among(value)).scalar_subquery()
        return and_(found == len(set(value)), self.present)

    def against(self, op: Op, other: Any) -> Clause:
        raise ValueError("two lists are not compared")

    def _among(self, value: Any) -> Clause:
        return self.id == any_(literal(list(value), ARRAY(BigInteger())))
