"""What an administrator may type about working hours: `09:00-12:00, 13:00-17:00`, and holidays one a line."""

import itertools
import re
from collections.abc import Iterable
from datetime import date, time

from app.catalogue.business_time import WEEKDAYS, BusinessCalendar, Window, calendar_from_json
from app.catalogue.models import Calendar
from app.web.formats import zone_of
from app.web.forms import Form, Submitted
from app.web.i18n import gettext as _

_RANGE = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*(24:00|(?:[01]?[0-9]|2[0-3]):[0-5][0-9])", re.ASCII)
MOST_HOLIDAYS = 1000


class CalendarForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.key = self.text("key", limit=63)
        self.name = self.text("name", required=True, limit=120)
        self.is_default = self.flag("is_default")
        zone = self.text("zone", required=True, limit=64)
        if zone and zone_of(zone).key != zone:
            self.errors["zone"] = _("Choose a time zone from the list.")
        hours = {number: self._windows(day) for number, day in enumerate(WEEKDAYS)}
        self.hours = BusinessCalendar(
            zone=zone_of(zone),
            hours={day: windows for day, windows in hours.items() if windows},
            holidays=self._holidays(),
        )

    def _windows(self, day: str) -> tuple[Window, ...]:
        text = self.text(day, limit=120)
        windows = []
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            found = _RANGE.fullmatch(part)
            if found is None:
                self.errors[day] = _("Like 09:00-12:00, 13:00-17:00.")
                return ()
            hour, minute = map(int, found.group(3).split(":"))
            end = time(hour % 24, minute)
            windows.append(Window(time(int(found.group(1)), int(found.group(2))), end))
        if not _in_order(windows):
            self.errors[day] = _("Each range ends after it starts, and the next one comes later.")
        return tuple(windows)

    def _holidays(self) -> frozenset[date]:
        lines = [line.strip() for line in self.text("holidays", limit=20_000, multiline=True).splitlines()]
        try:
            days = frozenset(date.fromisoformat(line.split()[0]) for line in lines if line)
        except ValueError:
            self.errors["holidays"] = _("One day a line, like 2026-12-25.")
            return frozenset()
        if len(days) > MOST_HOLIDAYS:
            self.errors["holidays"] = _("At most %(most)d days.") % {"most": MOST_HOLIDAYS}
        return days


def as_typed(calendar: Calendar) -> CalendarForm:
    hours = calendar_from_json(calendar.definition)
    days = {
        day: ", ".join(_range(window) for window in hours.hours.get(number, ())) for number, day in enumerate(WEEKDAYS)
    }
    typed = {
        "key": calendar.key, "name": calendar.name, "zone": hours.zone.key, **days,
        "holidays": "\n".join(day.isoformat() for day in sorted(hours.holidays)),
        "is_default": "1" if calendar.is_default else "",
    }  # fmt: skip
    return CalendarForm(Submitted({name: [value] for name, value in typed.items()}))


def _range(window: Window) -> str:
    [(start, end)] = clock_times([window])
    return f"{start}-{end}"


def clock_times(windows: Iterable[Window]) -> list[tuple[str, str]]:
    """A day ends at 24:00."""
    return [
        (one.start.strftime("%H:%M"), one.end.strftime("%H:%M") if one.end != time() else "24:00") for one in windows
    ]


def _in_order(windows: list[Window]) -> bool:
    edges = [edge for window in windows for edge in (window.start, window.end)]
    minutes = [edge.hour * 60 + edge.minute for edge in edges]
    if minutes and minutes[-1] == 0:
        minutes[-1] = 24 * 60
    return all(before < after for before, after in itertools.pairwise(minutes))
