"""Compiles a condition to the WHERE clause that keeps exactly the rows for which `evaluate` says yes.

`not` is pushed down to the leaves. A leaf on an empty value may be NULL, which WHERE takes for false; a negated one
is written `(leaf) IS NOT TRUE`. Values are bound; keys come from the registry only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from app.conditions.context import Context, Unresolved, resolve
from app.conditions.fields import LISTS, RULES_ONLY, Fields, Kind, Op
from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Not, Some
from app.conditions.sql_json import part, rows_of
from app.conditions.sql_lists import Links, Members
from app.conditions.sql_terms import Term, column_term, stored_term

__all__ = ["Columns", "Links", "compile_condition"]

Columns = Mapping[str, "ColumnElement[Any] | Links"]


def compile_condition(
    condition: Condition, fields: Fields, *, data_column: ColumnElement[Any], columns: Columns, ctx: Context
) -> ColumnElement[bool]:
    """`columns` are the built-in ones by the name that a field's `column` gives; a list's is a `Links`."""
    return _Compiler(fields, data_column, columns, ctx).node(condition, negated=False)


@dataclass(frozen=True, slots=True)
class _Compiler:
    fields: Fields
    data: ColumnElement[Any]
    columns: Columns
    ctx: Context

    def node(self, condition: Condition, *, negated: bool) -> ColumnElement[bool]:
        match condition:
            case Leaf():
                return self.leaf(condition, negated=negated)
            case Not(part):
                return self.node(part, negated=not negated)
            case All(parts) | Any_(parts):
                written = [self.node(part, negated=negated) for part in parts]
                both = isinstance(condition, All) != negated
                return and_(true(), *written) if both else or_(false(), *written)
            case Some(table, where):
                found = self.row(table, where, negated=False)
                return ~found if negated else found
            case Every(table, where):
                broken = self.row(table, where, negated=True)
                return broken if negated else ~broken

    def row(self, table: str, where: Condition, *, negated: bool) -> ColumnElement[bool]:
        row = func.jsonb_array_elements(rows_of(self.data, table), type_=JSONB()).column_valued("line")
        inner = _Compiler(self.fields[table].rows, row, {}, self.ctx)
        return exists(select(row).where(inner.node(where, negated=negated)))

    def leaf(self, leaf: Leaf, *, negated: bool) -> ColumnElement[bool]:
        """`ne` and `empty` are the negations of "is" and "is there", so that they hold where nothing is."""
        if leaf.op in RULES_ONLY:
            raise ValueError(f"{leaf.op} looks at a change, and a query sees none")
        truth = self.truth(leaf)
        return truth.is_not(true()) if negated != (leaf.op in (Op.NE, Op.EMPTY)) else truth

    def truth(self, leaf: Leaf) -> ColumnElement[bool]:
        term = self.term(leaf.field)
        if leaf.op is Op.EMPTY:
            return term.present
        op = Op.EQ if leaf.op is Op.NE else leaf.op
        if leaf.other is not None:
            return term.against(op, self.term(leaf.other))
        try:
            return term.compare(op, resolve(leaf, self.ctx))
        except Unresolved:
            return false()

    def term(self, key: str) -> Term:
        field = self.fields[key]
        if field.column is not None:
            column = self.columns[field.column]
            return column if isinstance(column, Links) else column_term(field.kind, column)
        if field.kind in LISTS or field.kind is Kind.FILES:
            return Members(part(self.data, key))
        return stored_term(field.kind, self.data, key)
