"""Pieces of statements that are made once and sent many times."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Executable,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY

Made = TypeVar("Made", bound=Executable)


def constant(code: str) -> ColumnElement[str]:
    """A prepared statement's plan uses a partial index only if the statement itself says the index's condition.

    For codes of our own, never for what somebody typed.
    """
    assert code.isidentifier(), code
    return literal_column(f"'{code}'")


def given(name: str) -> BindParameter[int]:
    """The id given under this name when the statement is sent."""
    return bindparam(name, type_=BigInteger)


def table_of(model: type[Any]) -> Table:
    """For what is written past the session, which knows entities only."""
    table: Table = model.__table__
    return table


def moment(name: str) -> BindParameter[datetime]:
    """The time given under this name when the statement is sent."""
    return bindparam(name, type_=DateTime(timezone=True))


def given_rows(**columns: Any) -> TableValuedAlias:
    """A table of the lists given under its columns' names when the statement is sent; told here is each one's type."""
    lists = (bindparam(name, type_=ARRAY(type_)) for name, type_ in columns.items())
    return func.unnest(*lists).table_valued(*columns).render_derived()


def planned_once(statement: Made) -> Made:
    """For what is made once for a person: its values are written into the SQL, so that PostgreSQL keeps its plan. Ids,
    codes and times of ours, never what somebody typed.

    A plan that fits everybody reads half a million rows for whoever asked for few, and to plan a menu's numbers takes
    longer than to count them.
    """
    return statement.execution_options(planned_once=True)


def planned_each_time(statement: Made) -> Made:
    """For what is looked for by what somebody chose or may see: which way is short depends on these values (9 ms,
    and 660 by a plan for any). What is looked up by an id needs none of it: to plan that takes longer than to read it.
    """
    return statement.execution_options(planned_each_time=True)


def plain_write(statement: Made) -> Made:
    """For a write on a table, made once, without defaults of Python's, that changes nothing that the session holds and
    of which nobody asks more than that it is done and what it returns. It costs what a SELECT costs.
    """
    return statement.execution_options(plain_write=True)


def alone(statement: Made) -> Made:
    """For a plain write that nothing else hangs on: where no transaction has begun it needs none, and stays even if
    what asked for it fails.
    """
    return plain_write(statement).execution_options(stands_alone=True)


def one_of(column: Any, codes: Iterable[str]) -> ColumnElement[bool]:
    """One of these: `in_` writes the SQL anew each time that it is sent."""
    condition: ColumnElement[bool] = column == func.any(literal(list(codes), ARRAY(Text)))
    return condition


def these(ids: Iterable[int]) -> ColumnElement[Any]:
    """A list in the statement: its SQL is the same for any number of them."""
    return cast(literal(sorted(ids), ARRAY(BigInteger)), ARRAY(BigInteger))


def among(column: Any, name: str = "ids", *, of: Any = BigInteger) -> ColumnElement[bool]:
    """One of the ids or codes given under this name when the statement is sent: its SQL is the same for any number."""
    condition: ColumnElement[bool] = column == func.any(bindparam(name, type_=ARRAY(of)))
    return condition
