"""Reads a ticket's stored values. What can't be read is a `Gap` and never an error."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from app.conditions.fields import CURRENCY, ID_LISTS, Kind, Values
from app.conditions.limits import EXPONENT
from app.conditions.nodes import Money

NUMBER = rf"-?[0-9]{{1,{EXPONENT + 1}}}(\.[0-9]{{1,{EXPONENT}}})?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATETIME = rf"{DATE}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,6}})?(Z|\+00:00)"
ID = r"[0-9]{1,18}"
"""These four are read by PostgreSQL too (`sql_terms.py`), so that both take exactly the same texts."""

_NUMBER, _DATE, _DATETIME, _ID = map(re.compile, (NUMBER, DATE, DATETIME, ID))


class Gap(Enum):
    """Why there is nothing to compare."""

    EMPTY = "empty"
    MISSHAPEN = "misshapen"
    UNKNOWN = "unknown"


def value_of(values: Values, key: str, kind: Kind, known: frozenset[str] = frozenset()) -> Any:
    """A key that is neither stored nor `known` is a field that this ticket's form does not have."""
    if key not in values and key not in known:
        return Gap.UNKNOWN
    return read(kind, values.get(key))


def read(kind: Kind, raw: Any) -> Any:
    if raw is None or raw == "":
        return Gap.EMPTY
    value = _READERS[kind](raw)
    return Gap.MISSHAPEN if value is None else value


def number(raw: Any) -> Decimal | None:
    """JSON numbers and decimal strings; the text is what decides, as it does in PostgreSQL."""
    text = _number_text(raw)
    return Decimal(text) if text is not None and _NUMBER.fullmatch(text) else None


def _number_text(raw: Any) -> str | None:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int):
        return str(raw) if raw.bit_length() <= 128 else None
    exact = raw if isinstance(raw, Decimal) else Decimal(repr(raw))
    return format(exact, "f") if _is_writable(exact) else None


def _is_writable(exact: Decimal) -> bool:
    """Asked before its digits are written out: 1e999999 has a million of them."""
    exponent = exact.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -EXPONENT and (not exact or exact.adjusted() <= EXPONENT)


def _text(raw: Any) -> str | None:
    return raw if isinstance(raw, str) else None


def _boolean(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _money(raw: Any) -> Money | Gap | None:
    if not isinstance(raw, Mapping):
        return None
    if raw.get("amount") is None or raw.get("amount") == "":
        return Gap.EMPTY
    amount, currency = number(raw["amount"]), raw.get("currency")
    if amount is None or not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        return None
    return Money(amount, currency)


def _date(raw: Any) -> date | None:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _datetime(raw: Any) -> datetime | None:
    """Whole seconds: what people type has no fractions, and texts of one length sort like the times they name."""
    if isinstance(raw, datetime):
        return None if raw.tzinfo is None else raw.astimezone(UTC).replace(microsecond=0)
    if not isinstance(raw, str) or not _DATETIME.fullmatch(raw):
        return None
    try:
        return datetime.fromisoformat(raw[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _id(raw: Any) -> int | None:
    text = None if isinstance(raw, str) else _number_text(raw)
    return int(text) if text is not None and _ID.fullmatch(text) else None


def _choices(raw: Any) -> frozenset[str] | Gap | None:
    if not isinstance(raw, list | tuple):
        return None
    return frozenset(member for member in raw if isinstance(member, str)) if raw else Gap.EMPTY


def _ids(raw: Any) -> frozenset[Any] | Gap | None:
    """Members compare as numbers, so 5.0 is 5; what is no number is nobody's id."""
    if not isinstance(raw, list | tuple | set | frozenset):
        return None
    return frozenset(known for member in raw if (known := _member(member)) is not None) if raw else Gap.EMPTY


def _member(raw: Any) -> Any:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    return None if isinstance(raw, Decimal) and not raw.is_finite() else raw


def _files(raw: Any) -> frozenset[str] | Gap | None:
    """By what is in them."""
    if not isinstance(raw, list):
        return None
    return frozenset(str(one.get("sha256") if isinstance(one, Mapping) else one) for one in raw) if raw else Gap.EMPTY


def _table(raw: Any) -> list[Any] | None:
    return raw if isinstance(raw, list) else None


_READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.CHOICE: _text,
    Kind.NUMBER: number,
    Kind.MONEY: _money,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.USER: _id,
    Kind.ROLE: _id,
    Kind.CHOICES: _choices,
    **dict.fromkeys(ID_LISTS, _ids),
    Kind.FILES: _files,
    Kind.TABLE: _table,
}
