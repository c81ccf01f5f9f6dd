"""Working time is elapsed time inside the calendar's windows, whatever the clock does."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.business_time import BusinessCalendar, Window, calendar_from_json, calendar_to_json

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {day: (Window(time(9), time(12)), Window(time(13), time(17))) for day in range(5)}
FIRST, LAST = datetime(2020, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001  (hypothesis adds the zone)
CALENDAR = BusinessCalendar(BERLIN, OFFICE, frozenset({date(2026, 12, 25)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-25T10:00", 1, "2026-11-25T11:00"),
        ("2026-11-25T10:00", 4, "2026-11-25T15:00"),
        ("2026-11-25T18:30", 1, "2026-11-26T10:00"),
        ("2026-11-27T16:00", 2, "2026-11-30T10:00"),
        ("2026-12-24T16:00", 2, "2026-12-28T10:00"),
        ("2026-11-25T16:00", 1, "2026-11-25T17:00"),
    ],
)
def test_a_deadline_skips_nights_weekends_lunch_and_holidays(start: str, hours: int, due: str) -> None:
    assert CALENDAR.after(at(start), hours) == at(due).astimezone(UTC)


def test_a_reminder_counts_working_hours_back_from_the_deadline() -> None:
    assert CALENDAR.before(at("2026-11-30T10:00"), 2) == at("2026-11-27T16:00").astimezone(UTC)


def test_a_calendar_that_never_works_has_no_deadline() -> None:
    assert BusinessCalendar(BERLIN, {}).after(at("2026-11-25T10:00"), 1) is None


def test_a_window_edge_in_a_gap_is_the_first_instant_after_it() -> None:
    night = BusinessCalendar(BERLIN, {6: (Window(time(2, 30), time(6)),)})
    start, end = next(night.windows(date(2026, 3, 29)))
    assert (start, end) == (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC))


def test_an_ambiguous_window_edge_is_the_earlier() -> None:
    night = BusinessCalendar(BERLIN, {6: (Window(time(2, 30), time(6)),)})
    start, _end = next(night.windows(date(2026, 10, 25)))
    assert start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_of_24_hours_has_23_or_25_when_the_clock_changes() -> None:
    always = BusinessCalendar(BERLIN, {day: (Window(time(), time()),) for day in range(7)})
    for day, length in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 25), 24)):
        start, end = next(always.windows(day))
        assert end - start == timedelta(hours=length)


@given(start=st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=LAST), hours=st.integers(1, 200))
def test_going_forth_and_back_arrives_where_working_time_began(start: datetime, hours: int) -> None:
    begun = start
    due = CALENDAR.after(begun, hours)
    assert due is not None
    back = CALENDAR.before(due, hours)
    assert back is not None
    assert CALENDAR.after(back, hours) == due
    assert back >= begun or CALENDAR.after(begun, 1) == CALENDAR.after(back, 1)


def test_a_calendar_is_stored_and_read_as_it_was() -> None:
    assert calendar_from_json(calendar_to_json(CALENDAR)) == CALENDAR
