"""A reminder comes its working hours before the deadline, also before one that an administrator moved."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from app.catalogue.business_time import BusinessCalendar, Window
from app.tickets.approving.facts import reminders_before

OFFICE = BusinessCalendar(ZoneInfo("UTC"), dict.fromkeys(range(5), (Window(time(9), time(17)),)))
MONDAY_AT_TEN = datetime(2026, 11, 30, 10, tzinfo=UTC)


def test_a_reminder_before_a_monday_deadline_comes_on_friday() -> None:
    [reminder] = reminders_before(MONDAY_AT_TEN, (4,), OFFICE)
    assert reminder == datetime(2026, 11, 27, 14, tzinfo=UTC)


def test_without_a_calendar_hours_are_hours() -> None:
    assert reminders_before(MONDAY_AT_TEN, (4,), None) == (datetime(2026, 11, 30, 6, tzinfo=UTC),)
