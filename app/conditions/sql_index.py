"""The indexes on one custom field: they answer conditions as `sql` writes them, and keep lists in its order."""

from typing import Any

from sqlalchemy import ColumnElement, Text, literal_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from app.conditions.fields import LISTS, UNSORTED, Kind
from app.conditions.sql_json import part, text_of
from app.conditions.sql_lists import Members
from app.conditions.sql_terms import Amount, Scalar, Words, folded, stored_term


def index_on(kind: Kind, key: str, *, document: str, then: str) -> str:
    """What comes after `ON table`; rows without the field are not in it.

    `document` and `then` are a column and an order of the table, as the index writes them. The order decides between
    what is equal; the same way round as the field, so that one index is read from either end.
    """
    column = literal_column(document, JSONB())
    if kind is Kind.FILES:
        return f"({then}) WHERE {_written(Members(part(column, key)).present)}"
    if kind in LISTS:
        members = _written(part(column, key))
        return f"USING gin (({members}) jsonb_path_ops) WHERE ({members}) IS NOT NULL"
    values = [f"({_written(one)})" for one in sorted_by(kind, column, key)]
    there = " AND ".join(f"{value} IS NOT NULL" for value in values)
    return f"({', '.join([*values, then])}) WHERE {there}"


def index_on_parts(column: str, operators: str) -> str:
    """For what a text column contains, whatever its case. `operators`: the class for trigrams, as this database calls
    it; a part of fewer than three letters has none, and is looked for in every row."""
    return _on_parts(folded(literal_column(column, Text())), operators)


def index_on_parts_of(key: str, operators: str, *, document: str) -> str:
    """The same for a text among the custom fields; rows without it are not in the index."""
    words = folded(text_of(literal_column(document, JSONB()), key))
    return f"{_on_parts(words, operators)} WHERE ({_written(words)}) IS NOT NULL"


def sorted_by(kind: Kind, document: ColumnElement[Any], key: str) -> tuple[ColumnElement[Any], ...]:
    """What a list in the order of this field is sorted by; money by its currency first, for amounts of two do not
    compare. Where one of them is null there is nothing to sort by."""
    term = stored_term(kind, document, key)
    if isinstance(term, Amount):
        return (term.currency, term.amount)
    if isinstance(term, Words):
        return (term.begins,)
    if isinstance(term, Scalar) and kind not in UNSORTED:
        return (term.value,)
    raise ValueError(f"no list is sorted by a {kind} field")


def _on_parts(words: ColumnElement[str], operators: str) -> str:
    return f"USING gin (({_written(words)}) {operators})"


def _written(expression: ColumnElement[Any]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(expression.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
