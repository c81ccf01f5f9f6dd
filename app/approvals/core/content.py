"""What a vote is bound to: the fingerprint of the watched values, and what changed between two of them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

FILES = "files"
"""The name under which the ticket's own files are watched, each by its SHA-256."""


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    before: Any
    after: Any


def watch_hash(values: Mapping[str, Any], files: Iterable[str], watches: Iterable[str] | None) -> str:
    """`watches` None is everything. A value that is missing and one that is null are the same to a reader."""
    whole = with_files(values, files)
    names = whole.keys() if watches is None else watches
    watched = {name: whole[name] for name in names if whole.get(name) is not None}
    return hashlib.sha256(canonical_json(watched).encode()).hexdigest()


def with_files(values: Mapping[str, Any], files: Iterable[str]) -> dict[str, Any]:
    return {**values, FILES: sorted(files) or None}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    names = sorted(before.keys() | after.keys())
    pairs = [Change(name, before.get(name), after.get(name)) for name in names]
    return [pair for pair in pairs if canonical_json(pair.before) != canonical_json(pair.after)]


def canonical_json(value: Any) -> str:
    return json.dumps(
        _plain(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _plain(value: Any) -> Any:
    """Numbers are equal when they are worth the same: 10, 10.0 and 1E+1 have one spelling."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | Decimal):
        return _spell(Decimal(value))
    if isinstance(value, float):
        return _spell(Decimal(repr(value)))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner) for inner in value), key=canonical_json)
    return [_plain(inner) for inner in value]


def _spell(number: Decimal) -> dict[str, str]:
    """Marked, so that the number 5 and the text "5" differ. Exact: `normalize` would round to 28 digits."""
    digits = format(number, "f") if number else "0"
    return {"#": digits.rstrip("0").rstrip(".") if "." in digits else digits}
