"""From what a browser or a script sent to the stored form of one field's value.

Stored are: text, decimals as text, `{"amount", "currency"}`, ISO dates, UTC moments, booleans, option keys, ids.
Nothing (an empty answer) is None. What does not fit raises ValueError with the sentence for the person.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from app.ticket_templates.fields import LONGEST, FieldDefinition, FieldType
from app.web.forms import MAX_ID, Submitted, clean, parse_decimal
from app.web.i18n import gettext as _
from app.web.i18n import series

YEARS = range(1900, 2201)


def from_form(field: FieldDefinition, submitted: Submitted, name: str, zone: ZoneInfo) -> Any:
    """`name` is the input's; a money field's currency comes beside it."""
    if field.type is FieldType.CHOICES:
        return _options(field, [value for value in submitted.all(name) if value])
    text = submitted.get(name)
    if field.type is FieldType.BOOLEAN:
        return _yes_or_no(field, text)
    if field.type in LONGEST:
        return _text(field, text)
    text = text.strip()
    if not text:
        return None
    if field.type is FieldType.MONEY:
        currency = submitted.get(f"{name}_currency") or (field.currencies[0] if field.currencies else "")
        return _money(field, text, currency)
    if field.type is FieldType.DATETIME:
        return _typed_moment(text, zone)
    return _TYPED[field.type](field, text)


def from_json(field: FieldDefinition, value: Any) -> Any:
    if value is None:
        return None
    if field.type is FieldType.ATTACHMENT:
        raise ValueError(_("Files are attached, not written."))
    if field.type is FieldType.DATETIME:
        return _moment(value)
    if field.type is FieldType.MONEY:
        return _json_money(field, value)
    if field.type is FieldType.BOOLEAN:
        return _boolean(value)
    if field.type is FieldType.CHOICES:
        if not isinstance(value, list):
            raise ValueError(_("A list is expected here."))
        return _options(field, value)
    if field.type is FieldType.NUMBER:
        return plain_decimal(_json_decimal(value))
    if field.type in {FieldType.USER, FieldType.ROLE}:
        return _json_id(value)
    if not isinstance(value, str):
        raise ValueError(_("A text is expected here."))
    return _text(field, value) if field.type in LONGEST else _TYPED[field.type](field, value)


def plain_decimal(number: Decimal) -> str:
    """One spelling for one number: 1250.50 and 1250.5 are the same answer."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(field: FieldDefinition, text: str) -> str | None:
    longest = LONGEST[field.type]
    if len(text) > 4 * longest:
        raise ValueError(
            _("At most %(limit)d characters, this has %(length)d.") % {"limit": longest, "length": len(text)}
        )
    value = clean(text, multiline=field.type is FieldType.LONG_TEXT)
    if len(value) > longest:
        raise ValueError(
            _("At most %(limit)d characters, this has %(length)d.") % {"limit": longest, "length": len(value)}
        )
    return value or None


def _number(_field: FieldDefinition, text: str) -> str:
    return plain_decimal(parse_decimal(text))


def _money(field: FieldDefinition, text: str, currency: str) -> dict[str, str]:
    """`12.500` is twelve thousand in half of Europe, so it is asked about and never taken for 12.50."""
    amount = parse_decimal(text)
    if -int(amount.as_tuple().exponent) > max(2, get_currency_precision(currency)):
        raise ValueError(_("A number like 1250 or 1,250.50."))
    return _amount(field, amount, currency)


def _json_money(field: FieldDefinition, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != {"amount", "currency"} or not isinstance(value["currency"], str):
        raise ValueError(_('Like {"amount": "38400.00", "currency": "EUR"}.'))
    return _amount(field, _json_decimal(value["amount"]), value["currency"])


def _amount(field: FieldDefinition, amount: Decimal, currency: str) -> dict[str, str]:
    if currency not in field.currencies:
        raise ValueError(_("In one of these currencies: %(currencies)s.") % {"currencies": series(field.currencies)})
    places = int(get_currency_precision(currency))
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise ValueError(_("%(currency)s has %(places)d decimals.") % {"currency": currency, "places": places})
    return {"amount": format(exact if exact else abs(exact), "f"), "currency": currency}


def _json_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(_("A number like 1250 or 1,250.50."))
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return parse_decimal(text.strip()[:64])


def _date(_field: FieldDefinition, text: str) -> str:
    try:
        if len(text) != 10:
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("A date like 2026-12-31.")) from error
    if day.year not in YEARS:
        raise ValueError(_("A date like 2026-12-31."))
    return day.isoformat()


def _typed_moment(text: str, zone: ZoneInfo) -> str:
    """A `datetime-local` input; a plain date is the start of that day."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return _within_years(moment)
    except (ValueError, OverflowError) as error:
        raise ValueError(_("A date and time like 2026-12-31T17:00.")) from error


def _moment(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return _within_years(moment)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(_("A time with its zone, like 2026-12-31T17:00:00Z.")) from error


def _within_years(moment: datetime) -> str:
    if moment.year not in YEARS:
        raise ValueError
    return moment_text(moment)


def _yes_or_no(field: FieldDefinition, text: str) -> bool | None:
    """A box that is not ticked sends nothing: that is a no, unless the question had to be answered."""
    if text in {"true", "1", "on", "yes"}:
        return True
    if text in {"false", "0", "no"}:
        return False
    return None if field.asks_yes_or_no else False


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("Only true or false."))
    return value


def _option(field: FieldDefinition, key: str) -> str:
    if key not in {option.key for option in field.options}:
        raise ValueError(_("Choose one of the options."))
    return key


def _options(field: FieldDefinition, keys: list[Any]) -> list[str] | None:
    """In the form's order, whatever the order they were ticked in."""
    known = [option.key for option in field.options]
    if not all(isinstance(key, str) and key in known for key in keys):
        raise ValueError(_("Choose from the options."))
    return [key for key in known if key in keys] or None


def _id(_field: FieldDefinition, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) <= MAX_ID):
        raise ValueError(_("Choose one of the options."))
    return int(text)


def _json_id(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_ID:
        raise ValueError(_("An id is expected here."))
    return value


_TYPED: dict[FieldType, Callable[[FieldDefinition, str], Any]] = {
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.CHOICE: _option,
    FieldType.USER: _id,
    FieldType.ROLE: _id,
}
