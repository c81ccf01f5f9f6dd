"""The value of one row, from what was typed to JSON and back. What it is (`as`) is said by the input that was drawn."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.conditions import stored
from app.web.forms import parse_decimal
from app.web.i18n import gettext as _

Typed = dict[str, list[str]]
DAYS = {"ago": -1, "ahead": 1}
HOURS = {"hours_ago": -1, "hours_ahead": 1}
_NUMBER = re.compile(stored.NUMBER, re.ASCII)
OTHER = "~"
"""Before the key of the field that is compared with."""
REF = "@"
MOST = 200


def operand(typed: Mapping[str, list[str]], op: str, zone: ZoneInfo) -> dict[str, Any]:
    """`{"value": …}` or `{"other": …}`; raises ValueError with the sentence that its author reads."""
    how = _one(typed, "how")
    if how.startswith(OTHER):
        return {"other": how.removeprefix(OTHER)}
    if how.startswith(REF):
        return {"value": _ref(how)}
    if how in DAYS or how in HOURS:
        return {"value": _relative(how, _one(typed, "value"))}
    is_list = op in {"in", "has_any", "has_all"}
    given = [text for text in _several(typed, is_list) if text.strip()][:MOST]
    if not given:
        raise ValueError(_("Fill this in."))
    read = [_single(text, typed, zone) for text in given]
    return {"value": read if is_list else read[0]}


def typed_operand(leaf: Mapping[str, Any]) -> Typed:
    """As it would have been typed, whatever field it is about."""
    if "other" in leaf:
        return {"how": [f"{OTHER}{leaf['other']}"]}
    value = leaf.get("value")
    if isinstance(value, Mapping) and "rel" in value:
        return _typed_relative(value)
    if value == {"ref": "my_roles"}:
        return {"how": ["@my_roles"]}
    if value is None or leaf.get("op") in {"empty", "changed"}:
        return {}
    several = list(value) if isinstance(value, list | tuple) else [value]
    typed = {"value": [_written(one) for one in several], "as": [_shape(several[0] if several else "")]}
    if typed["as"] == ["money"]:
        typed["currency"] = [str(several[0].get("currency", ""))]
    return typed


def fits_a_row(leaf: Mapping[str, Any]) -> bool:
    """A row counts days or hours, and one line holds one value."""
    value = leaf.get("value")
    if isinstance(value, Mapping):
        return not (value.get("rel") == "now" and value.get("days"))
    listed = value if isinstance(value, list | tuple) else ()
    return all(not isinstance(one, str) or one.splitlines() == [one.strip()] for one in listed)


def _several(typed: Mapping[str, list[str]], is_list: bool) -> list[str]:
    """Ticked boxes are several inputs, a box of lines is one."""
    given = typed.get("value", [])
    return [line.strip() for text in given for line in text.splitlines()] if is_list else given[:1]


def _single(text: str, typed: Mapping[str, list[str]], zone: ZoneInfo) -> Any:
    shape = _one(typed, "as")
    text = text if shape in ("", "text") else text.strip()
    if text.startswith(REF) and shape == "id":
        return _ref(text)
    match shape:
        case "number":
            return _exact(text)
        case "money":
            return {"amount": _exact(text), "currency": _one(typed, "currency").strip().upper()}
        case "boolean":
            return text == "yes"
        case "id":
            return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
        case "datetime":
            return _moment(text, zone)
    return text


def _exact(text: str) -> str:
    """As it was written where that is a number already, for the language takes longer ones than people type."""
    return text if _NUMBER.fullmatch(text) else format(parse_decimal(text), "f")


def _moment(text: str, zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("A date like 2026-12-31.")) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _relative(how: str, text: str) -> dict[str, Any]:
    plain = text.strip() or "0"
    if not (plain.isascii() and plain.isdigit() and len(plain) < 6):
        raise ValueError(_("A whole number from %(low)d to %(high)d.") % {"low": 0, "high": 36_500})
    if how in HOURS:
        return {"rel": "now"} | ({"hours": int(plain) * HOURS[how]} if int(plain) else {})
    return {"rel": "today"} | ({"days": int(plain) * DAYS[how]} if int(plain) else {})


def _typed_relative(value: Mapping[str, Any]) -> Typed:
    days, hours = int(value.get("days", 0)), int(value.get("hours", 0))
    if value["rel"] == "now":
        return {"how": ["hours_ahead" if hours > 0 else "hours_ago"], "value": [str(abs(hours))]}
    return {"how": ["ahead" if days > 0 else "ago"], "value": [str(abs(days))]}


def _written(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case {"amount": amount}:
            return str(amount)
        case {"ref": ref}:
            return f"{REF}{ref}"
    return str(value)


def _shape(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | {"ref": _}:
            return "id"
        case {"amount": _}:
            return "money"
    return "text"


def _ref(text: str) -> dict[str, str]:
    return {"ref": text.removeprefix(REF)}


def _one(typed: Mapping[str, list[str]], name: str) -> str:
    return (typed.get(name) or [""])[0]
