"""Codes written into statements, where a plan has to know them."""

from sqlalchemy import ColumnElement, literal_column


def constant(code: str) -> ColumnElement[str]:
    """A prepared statement's plan uses a partial index only if the statement itself says the index's condition.

    For codes of our own, never for what somebody typed.
    """
    assert code.isidentifier(), code
    return literal_column(f"'{code}'")
