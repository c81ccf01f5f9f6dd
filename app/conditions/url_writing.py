"""Writes one part of a condition as the text of a chip; `url_reading` reads it back to the same part."""

import re
from datetime import datetime
from decimal import Decimal

from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Money, Not, Ref, Relative, Single, Some

_NEEDS_QUOTES = re.compile(r"[',;()]|^[@~]|^$")


def write_chip(condition: Condition) -> str:
    match condition:
        case Leaf():
            return _leaf(condition)
        case Not(part):
            return f"not({write_chip(part)})"
        case All(parts):
            return f"all({';'.join(map(write_chip, parts))})"
        case Any_(parts):
            return f"any({';'.join(map(write_chip, parts))})"
        case Some(table, where):
            return f"some({table};{write_chip(where)})"
        case Every(table, where):
            return f"every({table};{write_chip(where)})"


def _leaf(leaf: Leaf) -> str:
    head = f"{leaf.field}:{leaf.op.value}"
    if leaf.other is not None:
        return f"{head}:~{leaf.other}"
    if leaf.value is None:
        return head
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    return f"{head}:{','.join(map(_value, values))}"


def _value(value: Single) -> str:
    match value:
        case Ref():
            return f"@{value.value}"
        case Relative():
            return _relative(value)
        case Money(amount, currency):
            return f"{amount:f}{currency}"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case int() | Decimal():
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        case str():
            return _text(value)
    return value.isoformat()


def _relative(value: Relative) -> str:
    days, hours = f"{value.days:+}d" if value.days else "", f"{value.hours:+}h" if value.hours else ""
    return f"{value.moment.value}{days}{hours}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'" if _NEEDS_QUOTES.search(value) else value
