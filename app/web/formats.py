"""Dates, numbers and money as this person reads them."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, match_skeleton
from babel.numbers import format_currency, format_decimal, get_currency_precision

from app.actor import current_actor
from app.clock import utc_now
from app.web.i18n import N_
from app.web.i18n import gettext as _

DAY, SHORT_DAY = "yMMMEd", "MMMd"
_ENGLISH = {
    DAY: "EEE d MMM y", SHORT_DAY: "d MMM", "E": "EEE", "MMMMEEEEd": "EEEE d MMMM", "yMMMMEEEEd": "EEEE d MMMM y",
}  # fmt: skip
"""What of a date is said, as CLDR names it. English has its day first here; others are as CLDR has them."""


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _locale() -> str:
    return current_actor().locale.replace("-", "_")


def local(moment: datetime) -> datetime:
    return moment.astimezone(zone_of(current_actor().time_zone))


def exact(moment: datetime) -> str:
    """`Fri, 20 Nov 2026, 14:05:12 CET`"""
    return _exact(moment, current_actor().time_zone, _locale())


@lru_cache(maxsize=8192)
def _exact(moment: datetime, zone: str, locale: str) -> str:
    here = moment.astimezone(zone_of(zone))
    time = f"{here:%H:%M:%S} {here.tzname()}"
    return _("%(day)s, %(time)s") % {"day": _date(here, DAY, locale), "time": time}


def relative(moment: datetime, now: datetime | None = None) -> str:
    """`3d ago`, `in 4h`; the words of `static/js/times.js`, which refreshes them."""
    delta = moment - (now or utc_now())
    text = short_duration(abs(delta))
    if abs(delta) < timedelta(minutes=1):
        return _("just now") if delta <= timedelta(0) else _("now")
    return _("in %(time)s") % {"time": text} if delta > timedelta(0) else _("%(time)s ago") % {"time": text}


SPANS = {
    "days-hours": N_("%(days)dd %(hours)dh"), "days": N_("%(days)dd"), "hours-minutes": N_("%(hours)dh %(minutes)dm"),
    "hours": N_("%(hours)dh"), "minutes": N_("%(minutes)dm"),
}  # fmt: skip


def short_duration(delta: timedelta) -> str:
    """`5d 2h`, `9h 20m`, `34m`"""
    minutes = int(delta.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        span = "days-hours" if hours and days < 10 else "days"
    else:
        span = "hours-minutes" if hours and rest else "hours" if hours else "minutes"
    return _(SPANS[span]) % {"days": days, "hours": hours, "minutes": rest}


def span_words() -> dict[str, str]:
    """As `static/js/times.js` fills them in."""
    return {name: _(said).replace("%(", "{").replace(")d", "}") for name, said in SPANS.items()}


def day(value: date | datetime) -> str:
    """`Fri 18 Dec 2026`"""
    here = local(value) if isinstance(value, datetime) else value
    return _date(here, DAY, _locale())


def short_day(value: date | datetime) -> str:
    here = local(value) if isinstance(value, datetime) else value
    return _date(here, SHORT_DAY, _locale())


def _date(value: date, skeleton: str, locale: str) -> str:
    """Each day once: Babel is slow, and a list shows the same few days over and over."""
    only = value.date() if isinstance(value, datetime) else value
    return _written(only, skeleton, locale)


@lru_cache(maxsize=8192)
def _written(value: date, skeleton: str, locale: str) -> str:
    pattern = _ENGLISH[skeleton] if locale == "en" else _pattern(skeleton, locale)
    return str(format_date(value, pattern, locale=locale))


def _pattern(skeleton: str, locale: str) -> str:
    """What this language makes of it, or of the nearest that it knows."""
    known = Locale.parse(locale).datetime_skeletons
    return str(known[skeleton if skeleton in known else match_skeleton(skeleton, known)].pattern)


def clock_time(moment: datetime) -> str:
    """Hours to 24 whoever reads; a language with digits of its own would need Babel here, which is slow."""
    return f"{local(moment):%H:%M}"


def day_and_time(moment: datetime) -> str:
    """`Fri 18 Dec 2026, 14:05`"""
    return _("%(day)s, %(time)s") % {"day": day(moment), "time": clock_time(moment)}


def clock_or_day(moment: datetime) -> str:
    """`14:05` of today, else with its day."""
    return clock_time(moment) if local(moment).date() == local(utc_now()).date() else day_and_time(moment)


def heading_day(moment: datetime) -> str:
    """Above a day of the timeline: `Today`, `Yesterday`, `Friday 20 November`."""
    here, today = local(moment).date(), local(utc_now()).date()
    if here == today:
        return _("Today")
    if here == today - timedelta(days=1):
        return _("Yesterday")
    return _date(here, "MMMMEEEEd" if here.year == today.year else "yMMMMEEEEd", _locale())


def due(moment: datetime) -> str:
    """`Today 17:00`, `Tomorrow`, `Wed`, `18 Dec`, `1d overdue`"""
    now = utc_now()
    if moment < now:
        return _("%(time)s overdue") % {"time": short_duration(now - moment)}
    here, today = local(moment), local(now).date()
    days = (here.date() - today).days
    if days == 0:
        return _("Today %(time)s") % {"time": clock_time(moment)}
    if days == 1:
        return _("Tomorrow")
    return _date(here, "E" if days < 7 else SHORT_DAY, _locale())


def due_said(moment: datetime) -> str:
    """`Due today 17:00`, `Due tomorrow`, `Due Wed`, `1d overdue`"""
    now = utc_now()
    days = (local(moment).date() - local(now).date()).days
    if moment < now or days > 1:
        return due(moment) if moment < now else _("Due %(when)s") % {"when": due(moment)}
    return _("Due tomorrow") if days else _("Due today %(time)s") % {"time": clock_time(moment)}


def due_tone(moment: datetime) -> str:
    """`neg` when overdue, `warn` when due before the end of the viewer's day."""
    now = utc_now()
    if moment < now:
        return "neg"
    return "warn" if local(moment).date() == local(now).date() else ""


def number(value: Decimal | float) -> str:
    return str(format_decimal(value, locale=_locale()))


def whole(value: int) -> str:
    return _grouped(value, _locale())


@lru_cache(maxsize=8192)
def _grouped(value: int, locale: str) -> str:
    return str(format_decimal(value, locale=locale))


def money(value: Any) -> str:
    """`€38,400.00` from `{"amount", "currency"}`."""
    if not isinstance(value, dict) or "amount" not in value:
        return ""
    return _in_currency(str(value["amount"]), value.get("currency", "EUR"), _locale(), to_the_cent=True)


@lru_cache(maxsize=4096)
def _in_currency(amount: str, currency: str, locale: str, *, to_the_cent: bool) -> str:
    """Babel takes a tenth of a millisecond for each."""
    return str(format_currency(Decimal(amount), currency, locale=locale, decimal_quantization=to_the_cent))


_AMOUNT = re.compile(r"(?<![\w.,])(-?\d{1,3}(?:,\d{3})*(?:\.\d+)?) ([A-Z]{3})\b", re.ASCII)
_IN_QUOTES = re.compile("(“[^”]*”|「[^」]*」)")


def amounts(reason: str) -> str:
    """A reason as it was recorded, whoever reads it, with its `38,400.00 EUR` as this reader's fields show them; what
    somebody typed is quoted in it, and stays."""
    parts = _IN_QUOTES.split(reason)
    return "".join(part if place % 2 else _AMOUNT.sub(_amount, part) for place, part in enumerate(parts))


def _amount(found: re.Match[str]) -> str:
    """All of its digits: it may be those behind the cents that settled it. “Top 10 SAP systems” is no amount."""
    amount, currency = found[1].replace(",", ""), found[2]
    if "." not in found[1] and get_currency_precision(currency):
        return found[0]
    return _in_currency(amount, currency, _locale(), to_the_cent=False)


def short_money(value: Any) -> str:
    """Without cents where there are none: `€38,400`."""
    text = money(value)
    return text[:-3] if text.endswith((".00", ",00")) else text


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
