"""Writes a condition as the JSON that is stored, exported and sent."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Money, Not, Operand, Ref, Relative, Some
from app.conditions.reading import VERSION


def to_json(condition: Condition) -> dict[str, Any]:
    return {"v": VERSION, **_node(condition)}


def _node(condition: Condition) -> dict[str, Any]:
    match condition:
        case All(parts):
            return {"all": [_node(part) for part in parts]}
        case Any_(parts):
            return {"any": [_node(part) for part in parts]}
        case Not(part):
            return {"not": _node(part)}
        case Some(table, where):
            return {"some": {"field": table, "where": _node(where)}}
        case Every(table, where):
            return {"every": {"field": table, "where": _node(where)}}
        case Leaf():
            return _leaf(condition)


def _leaf(leaf: Leaf) -> dict[str, Any]:
    written: dict[str, Any] = {"field": leaf.field, "op": leaf.op.value}
    if leaf.other is not None:
        return {**written, "other": leaf.other}
    return written if leaf.value is None else {**written, "value": _value(leaf.value)}


def _value(value: Operand) -> Any:
    match value:
        case tuple():
            return [_value(one) for one in value]
        case Money(amount, currency):
            return {"amount": format(amount, "f"), "currency": currency}
        case Decimal():
            return format(value, "f")
        case Relative(moment, days, hours):
            counted = {"days": days, "hours": hours}
            return {"rel": moment.value} | {unit: count for unit, count in counted.items() if count}
        case Ref():
            return {"ref": value.value}
        case datetime():
            return value.isoformat()
        case str() | bool() | int() | None:
            return value
    return value.isoformat()
