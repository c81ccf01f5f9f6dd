"""Pieces of SQL over a JSONB document, written as the expression indexes are.

Keys stand inline with `->` and `->>`: a subscript or a bound key is another expression to the planner."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Numeric, Text, case, cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from app.conditions import stored
from app.conditions.fields import KEY

Clause = ColumnElement[bool]


def part(document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    return document.op("->", return_type=JSONB())(_inline(key))


def text_of(document: ColumnElement[Any], key: str) -> ColumnElement[str]:
    return document.op("->>", return_type=Text())(_inline(key))


def has_type(document: ColumnElement[Any], name: str) -> Clause:
    return func.jsonb_typeof(document) == literal_column(f"'{name}'", Text())


def looks_like(text: ColumnElement[str], pattern: str) -> Clause:
    return text.bool_op("~")(literal_column(f"'^{pattern}$'", Text()))


def is_day(text: ColumnElement[str]) -> Clause:
    """The thirtieth of February compares well as a text, and is no day all the same."""
    return func.pg_input_is_valid(text, literal_column("'date'", Text()))


def number(text: ColumnElement[str]) -> ColumnElement[Any]:
    """NULL for what is no number; a bare cast would fail the whole query on one bad row."""
    return case((looks_like(text, stored.NUMBER), cast(text, Numeric())))


def beginning(text: ColumnElement[str], length: int) -> ColumnElement[str]:
    return func.left(text, literal_column(str(length), Integer()), type_=Text())


def rows_of(document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    table = part(document, key)
    return case((has_type(table, "array"), table), else_=literal_column("'[]'::jsonb", JSONB()))


def _inline(key: str) -> ColumnElement[str]:
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a field key")
    return literal_column(f"'{key}'", Text())
