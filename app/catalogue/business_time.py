"""Working time: elapsed seconds inside a calendar's windows (approvals.md, rule 10). Pure, no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

MOST_DAYS = 366 * 10
"""A calendar without a working hour in ten years has none."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Window:
    """`end` is exclusive; midnight as an end is the end of the day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """`hours` by weekday, Monday is 0; a weekday without windows, and a holiday, is off."""

    zone: ZoneInfo
    hours: Mapping[int, tuple[Window, ...]]
    holidays: frozenset[date] = frozenset()

    def windows(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """In UTC, in order."""
        if day in self.holidays:
            return
        for window in self.hours.get(day.weekday(), ()):
            start = _instant(day, window.start, self.zone)
            end = _instant(day + timedelta(days=window.end == time()), window.end, self.zone)
            if start < end:
                yield start, end

    def after(self, start: datetime, hours: int) -> datetime | None:
        """When this many working hours have passed since `start`; None if the calendar never works."""
        left = timedelta(hours=hours)
        for opens, end in self._windows_from(start):
            begin = max(opens, start)
            if end <= begin:
                continue
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def before(self, due: datetime, hours: int) -> datetime | None:
        """The moment from which this many working hours are left until `due`."""
        left = timedelta(hours=hours)
        for begin, closes in self._windows_until(due):
            end = min(closes, due)
            if end <= begin:
                continue
            if end - begin >= left:
                return end - left
            left -= end - begin
        return None

    def _windows_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(MOST_DAYS):
            yield from self.windows(day + timedelta(days=offset))

    def _windows_until(self, due: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = due.astimezone(self.zone).date() + timedelta(days=1)
        for offset in range(MOST_DAYS):
            yield from reversed(list(self.windows(day - timedelta(days=offset))))


@lru_cache(maxsize=20_000)
def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """An edge in a gap of the clock is the first instant after it, an ambiguous one the earlier."""
    there = datetime.combine(day, clock, tzinfo=zone)
    instant = there.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == there.replace(tzinfo=None):
        return instant
    return _end_of_gap(instant, zone)


def _end_of_gap(inside: datetime, zone: ZoneInfo) -> datetime:
    """`fold=0` in a gap is read with the offset before it, so it lands past the change: walk back to it."""
    low, high = inside - timedelta(hours=3), inside + timedelta(hours=3)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def calendar_from_json(plain: Mapping[str, Any]) -> BusinessCalendar:
    """`{"zone", "hours": {"mon": [["09:00", "17:00"]]}, "holidays": ["2026-12-25"]}`; raises ValueError or KeyError."""
    hours = {
        WEEKDAYS.index(day): tuple(Window(time.fromisoformat(start), time.fromisoformat(end)) for start, end in windows)
        for day, windows in plain["hours"].items()
    }
    return BusinessCalendar(
        zone=ZoneInfo(plain["zone"]),
        hours=hours,
        holidays=frozenset(date.fromisoformat(day) for day in plain.get("holidays", ())),
    )


def calendar_to_json(calendar: BusinessCalendar) -> dict[str, Any]:
    hours = {
        WEEKDAYS[day]: [[window.start.strftime("%H:%M"), window.end.strftime("%H:%M")] for window in windows]
        for day, windows in sorted(calendar.hours.items())
    }
    return {"zone": calendar.zone.key, "hours": hours, "holidays": sorted(day.isoformat() for day in calendar.holidays)}
