"""How the values in a sentence are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.conditions.fields import IDS, Field, Kind
from app.conditions.nodes import Moment, Money, Ref, Relative
from app.conditions.phrases import COMMA
from app.conditions.problems import N_, Translate

Names = Callable[[str, int], str]
"""What a person, role, label or category is called: `("user", 12)` → "Jonas Weber"."""
Formats = Callable[[Decimal | Money | date | datetime], str]
"""How this reader writes numbers, money and dates."""

WITHOUT_CENTS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})


def by_number(kind: str, number: int) -> str:
    """For want of a name."""
    return f"#{number}"


def plainly(value: Decimal | Money | date | datetime) -> str:
    match value:
        case Decimal():
            return f"{value:,f}"
        case Money(amount, currency):
            return f"{_with_cents(amount, currency):,f} {currency}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M UTC")
    return value.isoformat()


def _with_cents(amount: Decimal, currency: str) -> Decimal:
    """At least the currency's usual digits; more if somebody wrote more."""
    digits = 0 if currency in WITHOUT_CENTS else 2
    written = format(amount, "f")
    missing = digits - len(written.partition(".")[2])
    if missing <= 0:
        return amount
    return Decimal(written + ("" if "." in written else ".") + "0" * missing)


@dataclass(frozen=True, slots=True)
class Naming:
    translate: Translate
    names: Names
    formats: Formats

    def say(self, message: str, **details: str) -> str:
        return self.translate(message).format_map(details)

    def value(self, field: Field, value: Any) -> str:
        if isinstance(value, tuple | list | frozenset | set):
            return self.listed([self.value(field, one) for one in value])
        match value:
            case Relative():
                return self._relative(value)
            case Ref():
                return self.translate(_REFS[value])
            case bool():
                return self.translate(N_("yes") if value else N_("no"))
            case int() if field.kind in IDS:
                return self.names(_NAMED[field.kind], value)
            case Decimal() | Money() | date():
                return self.formats(value)
            case str() if field.kind in (Kind.CHOICE, Kind.CHOICES):
                return field.options.get(value, value)
        return self.say(N_("“{text}”"), text=str(value))

    def listed(self, written: list[str]) -> str:
        text, *rest = written or [self.translate(N_("nothing"))]
        for one in rest:
            text = self.say(COMMA, left=text, right=one)
        return text

    def _relative(self, value: Relative) -> str:
        unit, count = ("hours", value.hours) if value.hours else ("days", value.days)
        start = self.translate(_MOMENTS[value.moment])
        if value.hours and value.days:
            start = self.say(_COUNTED["days", value.days > 0], start=start, count=str(abs(value.days)))
        return self.say(_COUNTED[unit, count > 0], start=start, count=str(abs(count))) if count else start


_MOMENTS = {Moment.TODAY: N_("today"), Moment.NOW: N_("now")}
_COUNTED: Mapping[tuple[str, bool], str] = {
    ("days", True): N_("{start} + {count} d"),
    ("days", False): N_("{start} − {count} d"),
    ("hours", True): N_("{start} + {count} h"),
    ("hours", False): N_("{start} − {count} h"),
}
_REFS = {Ref.ME: N_("me"), Ref.REQUESTER: N_("the requester"), Ref.MY_ROLES: N_("my roles")}
_NAMED: Mapping[Kind, str] = {
    Kind.USER: "user",
    Kind.USERS: "user",
    Kind.ROLE: "role",
    Kind.ROLES: "role",
    Kind.LABELS: "label",
    Kind.CATEGORIES: "category",
}
