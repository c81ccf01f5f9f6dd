"""Administrators shape working hours, and deadlines count by them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcessStep
from app.catalogue.business_time import calendar_from_json
from app.catalogue.models import Calendar
from tests.cast import Browser, Company
from tests.story import ask

OFFICE = {
    "name": "Head office", "key": "head-office", "zone": "Europe/Berlin", "is_default": "1",
    "mon": "09:00-12:00, 13:00-17:00", "tue": "09:00-17:00", "wed": "09:00-17:00", "thu": "09:00-17:00",
    "fri": "09:00-15:00", "holidays": "2026-12-25 Christmas\n2026-12-26",
}  # fmt: skip


async def test_an_administrator_adds_working_hours(session: AsyncSession, ada: Browser) -> None:
    assert "every hour" in (await ada.get("/admin/calendars")).text
    assert (await ada.submit("/admin/calendars", OFFICE)).status_code == 303
    page = (await ada.get("/admin/calendars/head-office")).text
    assert "09:00-12:00, 13:00-17:00" in page
    calendar = (await session.execute(select(Calendar))).scalar_one()
    assert calendar.definition["hours"]["mon"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    assert calendar.definition["holidays"] == ["2026-12-25", "2026-12-26"]


async def test_what_is_no_time_is_refused_at_its_day_and_nothing_typed_is_lost(ada: Browser) -> None:
    answer = await ada.submit("/admin/calendars", {**OFFICE, "tue": "nine to five", "holidays": "Christmas"})
    assert answer.status_code == 422
    assert "nine to five" in answer.text
    assert "One day a line" in answer.text
    backwards = await ada.submit("/admin/calendars", {**OFFICE, "mon": "17:00-09:00"})
    assert "ends after it starts" in backwards.text


async def test_nobody_else_shapes_them(daniel: Browser, otto: Browser) -> None:
    for somebody in (daniel, otto):
        assert (await somebody.submit("/admin/calendars", OFFICE)).status_code == 403


async def test_a_step_is_due_by_the_calendar_of_its_flow(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser
) -> None:
    await ada.submit("/admin/calendars", OFFICE)
    await ask(session, hana)
    step = (await session.execute(select(ApprovalProcessStep))).scalar_one()
    assert step.opened_at is not None
    assert step.due_at is not None
    calendar = (await session.execute(select(Calendar))).scalar_one()
    assert step.due_at == calendar_from_json(calendar.definition).after(step.opened_at, 24)
    local: datetime = step.due_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert local.weekday() < 5
    assert 9 <= local.hour <= 17


async def test_the_default_calendar_is_one_and_cannot_be_archived(session: AsyncSession, ada: Browser) -> None:
    await ada.submit("/admin/calendars", OFFICE)
    await ada.submit("/admin/calendars", {**OFFICE, "key": "night-shift", "name": "Night shift"})
    calendars = (await session.execute(select(Calendar).order_by(Calendar.key))).scalars().all()
    assert [calendar.is_default for calendar in calendars] == [False, True]
    assert (await ada.post("/admin/calendars/night-shift/archival")).status_code == 409
    assert (await ada.post("/admin/calendars/head-office/archival")).status_code == 303
