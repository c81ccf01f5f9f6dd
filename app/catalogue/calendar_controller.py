"""Administering working hours."""

from typing import Any
from zoneinfo import available_timezones

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.catalogue.business_time import WEEKDAYS
from app.catalogue.calendar_form import CalendarForm, as_typed
from app.catalogue.calendars import Calendars
from app.catalogue.models import Calendar
from app.errors import Refused
from app.web import params
from app.web.forms import Submitted, submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
OFFICE_HOURS = "09:00-17:00"


class CalendarPages(Controller):
    path = "/admin/calendars"
    opt = access(ADMIN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        typed = {"zone": actor.time_zone} | dict.fromkeys(WEEKDAYS[:5], OFFICE_HOURS)
        form = CalendarForm(Submitted({name: [value] for name, value in typed.items()}))
        form.errors.clear()
        return await _list(request, Calendars(db, actor), form)

    @post(status_code=200)
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Template | Response[Any]:
        calendars, form = Calendars(db, actor), CalendarForm(await submitted(request))
        if form.errors:
            return await _list(request, calendars, form)
        try:
            calendar = await calendars.add(key=form.key, name=form.name, hours=form.hours, is_default=form.is_default)
        except Refused as refused:
            form.refuse(refused)
            return await _list(request, calendars, form)
        return go(request, self.path, say=_("%(name)s was added.") % {"name": calendar.name})

    @get("/{key:str}")
    async def show(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Template:
        calendar = await Calendars(db, actor).find(params.key(key))
        return await _one(request, calendar, as_typed(calendar))

    @post("/{key:str}", status_code=200)
    async def update(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Template | Response[Any]:
        calendars = Calendars(db, actor)
        calendar, form = await calendars.find(params.key(key)), CalendarForm(await submitted(request))
        if form.errors:
            return await _one(request, calendar, form)
        try:
            await calendars.change(calendar, name=form.name, hours=form.hours, is_default=form.is_default)
        except Refused as refused:
            form.refuse(refused)
            return await _one(request, calendar, form)
        return go(request, self.path, say=_("%(name)s was saved.") % {"name": calendar.name})

    @post("/{key:str}/archival", status_code=200)
    async def archive(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        calendars = Calendars(db, actor)
        calendar = await calendars.find(params.key(key))
        await calendars.archive(calendar)
        return go(request, self.path, say=_("%(name)s was archived.") % {"name": calendar.name})

    @post("/{key:str}/restoration", status_code=200)
    async def restore(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        calendars = Calendars(db, actor)
        calendar = await calendars.find(params.key(key))
        await calendars.restore(calendar)
        return go(request, self.path, say=_("%(name)s was restored.") % {"name": calendar.name})


async def _list(request: AnyRequest, calendars: Calendars, form: CalendarForm) -> Template:
    return await page(
        request, "catalogue/calendars", active="calendars", status=422 if form.errors else 200, form=form,
        calendars=await calendars.all(), days=_days(), zones=_zones(),
    )  # fmt: skip


async def _one(request: AnyRequest, calendar: Calendar, form: CalendarForm) -> Template:
    return await page(
        request, "catalogue/calendar", active="calendars", status=422 if form.errors else 200, calendar=calendar,
        form=form, days=_days(), zones=_zones(),
    )  # fmt: skip


def _days() -> list[tuple[str, str]]:
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return list(zip(WEEKDAYS, names, strict=True))


def _zones() -> list[dict[str, str]]:
    return [{"value": zone, "label": zone} for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]
