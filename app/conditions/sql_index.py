"""The index that answers conditions on one custom field, written as `sql` writes the conditions themselves."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from app.conditions.fields import LISTS, Kind
from app.conditions.sql_json import part
from app.conditions.sql_terms import Amount, Scalar, stored_term

COMPARED_BY_ORDER = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.DATETIME})


def index_on(kind: Kind, key: str, *, document: str, newest: str) -> str:
    """What comes after `ON table`. Of what is equal the newest come first; rows without the field are not in it.

    `document` and `newest` are a column and an order of the table, as the index writes them.
    """
    column = literal_column(document, JSONB())
    if kind in LISTS:
        members = _written(part(column, key))
        return f"USING gin (({members}) jsonb_path_ops) WHERE ({members}) IS NOT NULL"
    term = stored_term(kind, column, key)
    if not isinstance(term, Scalar | Amount):
        raise ValueError(f"no index answers a {kind} field")
    value = _written(term.amount if isinstance(term, Amount) else term.value)
    follows = "" if kind in COMPARED_BY_ORDER else f", {newest}"
    return f"(({value}){follows}) WHERE ({value}) IS NOT NULL"


def _written(expression: ColumnElement[Any]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(expression.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
