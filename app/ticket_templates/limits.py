"""Whether a value keeps within its field's limits; says the sentence if it does not."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import re2

from app.ticket_templates.fields import TEXTS, FieldDefinition, FieldType
from app.ticket_templates.parsing import moment_of
from app.web.i18n import gettext as _
from app.web.i18n import ngettext

COUNTED = frozenset({FieldType.CHOICES, FieldType.ATTACHMENT})
TODAY = "today"
"""A date's limit that moves: not in the past, not in the future."""


def broken_limit(field: FieldDefinition, value: Any, *, now: datetime, zone: ZoneInfo) -> str | None:
    low, high = limit_of(field, field.min, now, zone), limit_of(field, field.max, now, zone)
    size = _size(field, value, zone)
    if size is not None:
        if low is not None and size < low:
            return _too_small(field, low)
        if high is not None and size > high:
            return _too_large(field, high)
    if field.pattern and isinstance(value, str) and not _fits(field.pattern, value):
        return field.help or _("This is not in the form that is asked for.")
    return None


def limit_of(field: FieldDefinition, limit: int | str | None, now: datetime, zone: ZoneInfo) -> Any:
    """The limit as something to compare with; raises ValueError where it is no limit of this type."""
    if limit is None:
        return None
    if field.type in {FieldType.DATE, FieldType.DATETIME}:
        return now.astimezone(zone).date() if limit == TODAY else date.fromisoformat(str(limit))
    if field.type in {FieldType.NUMBER, FieldType.MONEY}:
        return _decimal(limit)
    return int(limit)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """RE2 only: time is linear whatever an admin writes; raises `re2.error`."""
    options = re2.Options()
    options.log_errors, options.max_mem = False, 1 << 20
    return re2.compile(pattern, options)


def _fits(pattern: str, text: str) -> bool:
    return compiled(pattern).fullmatch(text) is not None


def _decimal(limit: int | str) -> Decimal:
    try:
        number = Decimal(str(limit))
    except InvalidOperation as error:
        raise ValueError(str(limit)) from error
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(str(limit))
    return number


def _size(field: FieldDefinition, value: Any, zone: ZoneInfo) -> Any:
    """What the limits count."""
    if field.type in TEXTS or field.type in COUNTED:
        return len(value)
    if field.type is FieldType.NUMBER:
        return Decimal(value)
    if field.type is FieldType.MONEY:
        return Decimal(value["amount"])
    if field.type is FieldType.DATE:
        return date.fromisoformat(value)
    if field.type is FieldType.DATETIME:
        return moment_of(value).astimezone(zone).date()
    return None


def _too_small(field: FieldDefinition, low: Any) -> str:
    if field.type in TEXTS:
        return _("At least %(limit)d characters.") % {"limit": low}
    if field.type is FieldType.CHOICES:
        return ngettext("Choose at least %(limit)d.", "Choose at least %(limit)d.", low) % {"limit": low}
    if field.type is FieldType.ATTACHMENT:
        return ngettext("At least %(limit)d file.", "At least %(limit)d files.", low) % {"limit": low}
    if isinstance(low, date):
        return _("Not in the past.") if field.min == TODAY else _("Not before %(day)s.") % {"day": low.isoformat()}
    return _("At least %(limit)s.") % {"limit": f"{low:,f}"}


def _too_large(field: FieldDefinition, high: Any) -> str:
    if field.type in TEXTS:
        return _("At most %(limit)d characters.") % {"limit": high}
    if field.type is FieldType.CHOICES:
        return ngettext("Choose at most %(limit)d.", "Choose at most %(limit)d.", high) % {"limit": high}
    if field.type is FieldType.ATTACHMENT:
        return ngettext("At most %(limit)d file.", "At most %(limit)d files.", high) % {"limit": high}
    if isinstance(high, date):
        return _("Not in the future.") if field.max == TODAY else _("Not after %(day)s.") % {"day": high.isoformat()}
    return _("At most %(limit)s.") % {"limit": f"{high:,f}"}
