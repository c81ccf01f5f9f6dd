"""Business calendars as JSON, for administrators: as a person would type them, so the same mistakes are refused."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType, field

from app.catalogue.business_time import WEEKDAYS, calendar_from_json
from app.catalogue.calendar_form import MOST_HOLIDAYS, CalendarForm, clock_times
from app.catalogue.calendars import Calendars
from app.catalogue.models import Calendar
from app.errors import Refused
from app.web import params
from app.web.api import (
    AnyRequest,
    Json,
    Sent,
    answer,
    begin,
    described,
    insist_unchanged,
    nothing,
    query_of,
    tagged,
)
from app.web.forms import Submitted
from app.web.guards import API_ADMIN, access
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.transaction import Db, Who

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Hours = dict[Day, Annotated[list[tuple[Clock, Clock]], Meta(max_length=12)]]
Holidays = Annotated[list[date], Meta(max_length=MOST_HOLIDAYS)]
Name = Annotated[str, Meta(max_length=240)]


class CalendarOut(Struct):
    """`hours`: for each working day its ranges, `[["09:00", "12:00"], ["13:00", "17:00"]]`; an absent day is off."""

    key: str
    name: str
    zone: str
    hours: Hours
    holidays: list[date]
    is_default: bool
    archived: bool

    @classmethod
    def of(cls, calendar: Calendar) -> Self:
        found = calendar_from_json(calendar.definition)
        hours: Any = {WEEKDAYS[day]: clock_times(windows) for day, windows in sorted(found.hours.items())}
        return cls(
            calendar.key, calendar.name, found.zone.key, hours, sorted(found.holidays), calendar.is_default,
            calendar.archived_at is not None,
        )  # fmt: skip


class CalendarsOut(Struct):
    items: list[CalendarOut]
    next_cursor: None = None


class NewCalendar(Sent, kw_only=True):
    key: Annotated[str, Meta(max_length=63)]
    name: Name
    zone: Annotated[str, Meta(max_length=64)]
    hours: Hours
    holidays: Holidays = field(default_factory=list)
    is_default: bool = False


class CalendarChange(Sent, kw_only=True):
    """What is absent stays. A change holds for steps that open later."""

    name: Name | UnsetType = UNSET
    zone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    hours: Hours | UnsetType = UNSET
    holidays: Holidays | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class CalendarsApi(Controller):
    path = "/api/v1/calendars"
    opt = access(API_ADMIN)

    @get(**described("All business calendars, those in use first", gives=CalendarsOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        return answer(CalendarsOut([CalendarOut.of(one) for one in await Calendars(db, actor).all()]))

    @get("/{key:str}", **described("One business calendar", gives=CalendarOut))
    async def show(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        calendar = await Calendars(db, actor).find(params.key(key))
        query_of(request)
        return tagged(CalendarOut.of(calendar))

    @post(**described("Add a business calendar", takes=NewCalendar, gives=CalendarOut, status=201))
    async def create(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewCalendar)
        form = _typed(sent.name, sent.zone, sent.hours, sent.holidays)
        calendar = await Calendars(db, actor).add(
            key=sent.key, name=form.name, hours=form.hours, is_default=sent.is_default
        )
        made = tagged(CalendarOut.of(calendar), status=201, location=f"{self.path}/{calendar.key}")
        return await command.keep(made)

    @patch(
        "/{key:str}",
        **described("Change a business calendar", takes=CalendarChange, gives=CalendarOut, refuses=(409, 412)),
    )
    async def change(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        calendars = Calendars(db, actor)
        calendar = await calendars.lock(params.key(key))
        now = CalendarOut.of(calendar)
        insist_unchanged(request, now)
        sent = await read(request, CalendarChange)
        form = _typed(*(old if new is UNSET else new for old, new in (
            (now.name, sent.name), (now.zone, sent.zone), (now.hours, sent.hours), (now.holidays, sent.holidays),
        )))  # fmt: skip
        wanted = now.is_default if sent.is_default is UNSET else sent.is_default
        await calendars.change(calendar, name=form.name, hours=form.hours, is_default=wanted)
        if sent.archived is not UNSET and sent.archived != now.archived:
            await (calendars.archive(calendar) if sent.archived else calendars.restore(calendar))
        return tagged(CalendarOut.of(calendar))

    @delete("/{key:str}", **described("Archive a business calendar", status=204, refuses=(409, 412)))
    async def archive(self, request: AnyRequest, key: FromPath[str], db: Db, actor: Who) -> Json:
        calendars = Calendars(db, actor)
        calendar = await calendars.lock(params.key(key))
        insist_unchanged(request, CalendarOut.of(calendar))
        await calendars.archive(calendar)
        return nothing()


def _typed(name: Any, zone: Any, hours: Any, holidays: Any) -> CalendarForm:
    days = {day: ", ".join(f"{start}-{end}" for start, end in windows) for day, windows in hours.items()}
    typed = {"name": name, "zone": zone, **days, "holidays": "\n".join(day.isoformat() for day in holidays)}
    form = CalendarForm(Submitted({name: [value] for name, value in typed.items()}))
    if form.errors:
        errors = {f"hours.{name}" if name in WEEKDAYS else name: said for name, said in form.errors.items()}
        raise Refused(_("Some answers are not as they should be."), errors)
    return form
