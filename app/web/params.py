"""What comes in through a URL: one canonical spelling, or there is nothing there."""

import re

from app.errors import NotFound

_ROW_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,7}", re.ASCII)
_TICKET_NO = re.compile(r"[A-Z]{2,8}-[1-9][0-9]{0,14}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)
MAX_ID = 2**63 - 1


def row_id(text: str) -> int:
    if not _ROW_ID.fullmatch(text) or int(text) > MAX_ID:
        raise NotFound
    return int(text)


def optional_row_id(text: str | None) -> int | None:
    """For filters: what is no id matches nothing to filter by."""
    try:
        return row_id(text) if text else None
    except NotFound:
        return None


def version_number(text: str) -> int:
    if not _VERSION_NUMBER.fullmatch(text):
        raise NotFound
    return int(text)


def ticket_no(text: str) -> str:
    if not _TICKET_NO.fullmatch(text):
        raise NotFound
    return text


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def key(text: str) -> str:
    if not is_key(text):
        raise NotFound
    return text
