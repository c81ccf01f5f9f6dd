"""Makes a typed value of what a leaf is compared with, or says why it is none."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from app.conditions import limits, stored
from app.conditions.fields import CURRENCY, WITH_LIST, WITHOUT_VALUE, Field, Kind, Op
from app.conditions.nodes import Moment, Money, Operand, Ref, Relative, Single
from app.conditions.problems import N_, Refused, shown

_DATE = re.compile(stored.DATE)


def operand(field: Field, op: Op, raw: Any) -> Operand:
    if op in WITHOUT_VALUE:
        if raw not in (None, True):
            raise Refused(N_("'{op}' takes no value"), op=op)
        return None
    if op not in WITH_LIST:
        return _single(field, raw)
    if _is_ref(raw) and _ref(field.kind, raw, whole_list=True) is Ref.MY_ROLES:
        return Ref.MY_ROLES
    if not isinstance(raw, list | tuple) or not raw:
        raise Refused(N_("'{op}' takes a list of at least one value"), op=op)
    if len(raw) > limits.LIST:
        raise Refused(N_("a list has at most {most} values"), most=str(limits.LIST))
    return tuple(_single(field, one) for one in raw)


def text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise Refused(N_("{value} is not a text"), value=shown(raw))
    if len(raw) > limits.TEXT:
        raise Refused(N_("a text has at most {most} characters"), most=str(limits.TEXT))
    if "\0" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        raise Refused(N_("a text has only characters that can be stored"))
    return raw


def _single(field: Field, raw: Any) -> Single:
    if _is_ref(raw):
        return _ref(field.kind, raw, whole_list=False)
    if isinstance(raw, dict) and "rel" in raw:
        return _relative(field.kind, raw)
    return _READERS[field.kind](field, raw)


def _is_ref(raw: Any) -> bool:
    return isinstance(raw, dict) and "ref" in raw


def _ref(kind: Kind, raw: Mapping[Any, Any], *, whole_list: bool) -> Ref:
    allowed = _REFS.get(kind, ())
    for ref in allowed:
        if raw["ref"] == ref.value and len(raw) == 1 and (whole_list or ref is not Ref.MY_ROLES):
            return ref
    raise Refused(N_("{value} can't be referred to here"), value=shown(raw["ref"]))


_REFS = {
    Kind.USER: (Ref.ME, Ref.REQUESTER),
    Kind.USERS: (Ref.ME, Ref.REQUESTER),
    Kind.ROLE: (Ref.MY_ROLES,),
    Kind.ROLES: (Ref.MY_ROLES,),
}


def _relative(kind: Kind, raw: Mapping[Any, Any]) -> Relative:
    moment, days, hours = raw["rel"], raw.get("days", 0), raw.get("hours", 0)
    if kind not in (Kind.DATE, Kind.DATETIME) or moment not in ("today", "now") or not raw.keys() <= _RELATIVE_KEYS:
        raise Refused(N_("{value} is not a date or time to count from here"), value=shown(moment))
    if moment == "now" and kind is Kind.DATE:
        raise Refused(N_("a date counts from 'today', not from 'now'"))
    if moment == "today" and hours != 0:
        raise Refused(N_("hours count from 'now', not from 'today'"))
    return Relative(Moment(moment), _whole(days, limits.DAYS), _whole(hours, limits.HOURS))


_RELATIVE_KEYS = {"rel", "days", "hours"}


def _whole(raw: Any, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not -most <= raw <= most:
        raise Refused(
            N_("{value} is not a whole number from {least} to {most}"),
            value=shown(raw),
            least=str(-most),
            most=str(most),
        )
    return raw


def _text(field: Field, raw: Any) -> str:
    return text(raw)


def _choice(field: Field, raw: Any) -> str:
    if not isinstance(raw, str) or not raw or (field.options and raw not in field.options):
        raise Refused(N_("{value} is not a valid choice value"), value=shown(raw))
    return text(raw)


def _number(field: Field, raw: Any) -> Single:
    number = stored.number(raw)
    if number is None:
        raise Refused(N_("{value} is not a number of a sensible size"), value=shown(raw))
    return number


def _money(field: Field, raw: Any) -> Money:
    if not isinstance(raw, dict) or set(raw) != {"amount", "currency"}:
        raise Refused(N_("{value} is not an amount with its currency"), value=shown(raw))
    amount, currency = stored.number(raw["amount"]), raw["currency"]
    if amount is None:
        raise Refused(N_("{value} is not a number of a sensible size"), value=shown(raw["amount"]))
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        raise Refused(N_("{value} is not a currency"), value=shown(currency))
    if field.currencies and currency not in field.currencies:
        raise Refused(N_("{value} is not a currency of this field"), value=shown(currency))
    return Money(amount, currency)


def _boolean(field: Field, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Refused(N_("{value} is neither true nor false"), value=shown(raw))
    return raw


def _date(field: Field, raw: Any) -> date:
    try:
        if isinstance(raw, str) and _DATE.fullmatch(raw) and (day := date.fromisoformat(raw)).year in limits.YEARS:
            return day
    except ValueError:
        pass
    raise Refused(N_("{value} is not a date like 2026-01-31"), value=shown(raw))


def _datetime(field: Field, raw: Any) -> datetime:
    try:
        if isinstance(raw, str) and (moment := datetime.fromisoformat(raw)).tzinfo is not None:
            moment = moment.astimezone(UTC).replace(microsecond=0)
            if moment.year in limits.YEARS:
                return moment
    except (ValueError, OverflowError):
        pass
    raise Refused(N_("{value} is not a time with its zone, like 2026-01-31T14:00:00+01:00"), value=shown(raw))


def _id(field: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < limits.ID:
        raise Refused(N_("{value} is not an id"), value=shown(raw))
    return raw


_READERS: Mapping[Kind, Callable[[Field, Any], Single]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choice,
    Kind.USER: _id,
    Kind.USERS: _id,
    Kind.ROLE: _id,
    Kind.ROLES: _id,
    Kind.LABELS: _id,
    Kind.CATEGORIES: _id,
}
