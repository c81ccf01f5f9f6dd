"""The form door: everything is read, all errors come at once, and what was typed is kept."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Self
from zoneinfo import ZoneInfo

from litestar import Request
from litestar.exceptions import HTTPException

from app.errors import Refused
from app.web.i18n import gettext as _

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
MAX_ID = 2**63 - 1


@dataclass(slots=True)
class Submitted:
    """What a browser sent: names to lists of strings; files are left out here."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.values.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def __contains__(self, name: str) -> bool:
        return name in self.values


async def submitted(request: Request[Any, Any, Any]) -> Submitted:
    """A body that is no form is refused, never a 500."""
    try:
        form = await request.form()
    except HTTPException:
        raise
    except Exception as error:  # the parser's own errors have no common type
        raise Refused(_("This form could not be read. Send it again.")) from error
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return Submitted(values)


def clean(text: str, *, multiline: bool = False) -> str:
    """NFC, line ends as `\\n`, no surrounding space; raises ValueError on characters that hide or break text."""
    if found := _CONTROL.search(text):
        raise ValueError(_where(text, found.start()))
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return normal if multiline else " ".join(normal.split())


def _where(text: str, at: int) -> str:
    """Nobody sees such a character: it comes along with what was copied from elsewhere."""
    before = " ".join(text[:at].split())[-20:]
    code = f"U+{ord(text[at]):04X}"
    if not before:
        return _("It begins with an invisible character that cannot be stored (%(code)s). Delete it.") % {"code": code}
    sentence = _("An invisible character that cannot be stored (%(code)s) comes after “%(before)s”. Delete it.")
    return sentence % {"code": code, "before": before}


def is_clean(text: str) -> bool:
    return not _CONTROL.search(text)


class Form:
    """Base of hand-written forms: `errors` by field name, `typed` as it came."""

    def __init__(self, values: Submitted) -> None:
        self.typed = values
        self.errors: dict[str, str] = {}

    def __bool__(self) -> bool:
        return not self.errors

    @classmethod
    def fresh(cls, **values: str) -> Self:
        """As it is shown first: filled in with what there is, and nothing wrong yet."""
        form = cls(Submitted({name: [value] for name, value in values.items()}))
        form.errors.clear()
        return form

    def refuse(self, refused: Refused) -> None:
        """What the service found wrong, at its fields; without a field it is about the whole form."""
        said = refused.errors or {"": refused.sentence}
        self.errors.update({name: _(sentence) for name, sentence in said.items()})

    def text(
        self,
        name: str,
        *,
        required: bool = False,
        limit: int = 300,
        multiline: bool = False,
    ) -> str:
        try:
            value = clean(self.typed.get(name), multiline=multiline)
        except ValueError as error:
            self.errors[name] = str(error)
            return ""
        if required and not value:
            self.errors[name] = _("Fill this in.")
        elif len(value) > limit:
            self.errors[name] = _("At most %(limit)d characters, this has %(length)d.") % {
                "limit": limit, "length": len(value),
            }  # fmt: skip
        return value

    def choice(self, name: str, options: Collection[str], *, default: str = "") -> str:
        value = self.typed.get(name) or default
        if value not in options:
            self.errors[name] = _("Choose one of the options.")
        return value

    def choices(self, name: str, options: Collection[str]) -> list[str]:
        values = list(dict.fromkeys(self.typed.all(name)))
        if any(value not in options for value in values):
            self.errors[name] = _("Choose from the options.")
        return [value for value in values if value in options]

    def flag(self, name: str) -> bool:
        return self.typed.get(name) in {"1", "on", "true", "yes"}

    def row(self, name: str, *, required: bool = False) -> int | None:
        """An id picked from a list; whether it exists is for the service to say."""
        value = self.typed.get(name).strip()
        if not value:
            if required:
                self.errors[name] = _("Choose one of the options.")
            return None
        if not (value.isascii() and value.isdigit() and 0 < int(value[:20]) <= MAX_ID):
            self.errors[name] = _("Choose one of the options.")
            return None
        return int(value)

    def rows(self, name: str) -> list[int]:
        values = [value for value in self.typed.all(name) if value]
        if any(not (v.isascii() and v.isdigit() and 0 < int(v[:20]) <= MAX_ID) for v in values):
            self.errors[name] = _("Choose from the options.")
            return []
        return list(dict.fromkeys(int(value) for value in values))

    def integer(self, name: str, *, low: int, high: int, required: bool = False) -> int | None:
        value = self.typed.get(name).strip()
        if not value:
            if required:
                self.errors[name] = _("Fill this in.")
            return None
        if not re.fullmatch(r"-?[0-9]{1,12}", value, re.ASCII) or not low <= int(value) <= high:
            self.errors[name] = _("A whole number from %(low)d to %(high)d.") % {
                "low": low,
                "high": high,
            }
            return None
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        value = self.typed.get(name).strip()
        if not value:
            return None
        try:
            return parse_decimal(value)
        except ValueError as error:
            self.errors[name] = str(error)
            return None

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A `datetime-local` or `date` input in the person's zone; a bare date is the end of that day."""
        value = self.typed.get(name).strip()
        if not value:
            return None
        try:
            if len(value) == 10:
                day = date.fromisoformat(value)
                moment = datetime(day.year, day.month, day.day, 17, 0, tzinfo=zone)
            else:
                moment = datetime.fromisoformat(value).replace(tzinfo=zone)
            if not 2000 <= moment.year <= 2200:
                raise ValueError
            return moment
        except (ValueError, OverflowError):
            self.errors[name] = _("A date like 2026-12-31.")
            return None


_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?", re.ASCII)


def parse_decimal(text: str) -> Decimal:
    """`38,400.00`, `38400`, `38 400`: grouping by comma, space or apostrophe; a dot is the decimal point."""
    plain = re.sub(r"(?<=[0-9])[,'\u00a0\u202f ](?=[0-9]{3}(?:[^0-9]|$))", "", text)
    if not _DECIMAL.fullmatch(plain):
        raise ValueError(_("A number like 1250 or 1,250.50."))
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise ValueError(_("A number like 1250 or 1,250.50.")) from error


def summary(errors: Mapping[str, str], labels: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """(field, label, sentence) for the list of errors at the top of a refused form."""
    return [(name, labels.get(name, name), sentence) for name, sentence in errors.items()]
