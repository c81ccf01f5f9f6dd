"""Stable ids of page fragments: the page and the swap name the same element."""

import re
from typing import Any

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def dom_id(record: Any, part: str | None = None) -> str:
    """`ticket-42`, `ticket-42-timeline`; a record may name itself with `dom_name`, a string is taken as it is."""
    name = record if isinstance(record, str) else f"{_name(record)}-{record.id}"
    return f"{name}-{part}" if part else name


def _name(record: Any) -> str:
    return getattr(record, "dom_name", None) or _BOUNDARY.sub("-", type(record).__name__).lower()
