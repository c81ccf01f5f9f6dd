"""The verbs of working hours. Deadlines that are set keep their moment; a change holds for steps that open later."""

import re
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.policy import insist_on_admin
from app.activity.log import ActivityLog
from app.actor import Actor
from app.catalogue import events
from app.catalogue.business_time import BusinessCalendar, calendar_from_json, calendar_to_json
from app.catalogue.models import Calendar
from app.clock import database_now
from app.db.constants import planned_once
from app.db.master_data import remembered
from app.errors import NotFound, NotPossible, Refused

_KEY = re.compile(r"[a-z][a-z0-9-]{0,62}", re.ASCII)


class Calendars:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def all(self) -> Sequence[Calendar]:
        query = select(Calendar).order_by(Calendar.archived_at.is_not(None), Calendar.name, Calendar.id).limit(500)
        return (await self.session.execute(query)).scalars().all()

    async def find(self, key: str) -> Calendar:
        calendar = (await self.session.execute(select(Calendar).filter_by(key=key))).scalar_one_or_none()
        if calendar is None:
            raise NotFound
        return calendar

    async def lock(self, key: str) -> Calendar:
        """For a change that depends on what stood there."""
        await self.session.refresh(calendar := await self.find(key), with_for_update=True)
        return calendar

    async def add(self, *, key: str, name: str, hours: BusinessCalendar, is_default: bool = False) -> Calendar:
        insist_on_admin(self.actor)
        if not _KEY.fullmatch(key):
            raise Refused.at("key", "Small letters, digits and hyphens, a letter first.")
        if (await self.session.execute(select(Calendar.id).filter_by(key=key))).scalar() is not None:
            raise _taken()
        _insist_on_hours(hours)
        calendar = Calendar(key=key, name=name, definition=calendar_to_json(hours))
        try:
            async with self.session.begin_nested():
                self.session.add(calendar)
        except IntegrityError as error:
            raise _taken() from error
        await self._make_default(calendar, wanted=is_default)
        facts = {"name": name, "definition": calendar.definition, "is_default": calendar.is_default}
        await self.activity.audit(events.CALENDAR_ADDED, calendar, **facts)
        return calendar

    async def change(self, calendar: Calendar, *, name: str, hours: BusinessCalendar, is_default: bool) -> None:
        insist_on_admin(self.actor)
        _insist_on_hours(hours)
        new = (name, calendar_to_json(hours), is_default)
        if new == (calendar.name, calendar.definition, calendar.is_default):
            return
        calendar.name, calendar.definition = name, new[1]
        await self.session.flush()
        await self._make_default(calendar, wanted=is_default)
        facts = {"name": name, "definition": calendar.definition, "is_default": calendar.is_default}
        await self.activity.audit(events.CALENDAR_CHANGED, calendar, **facts)

    async def archive(self, calendar: Calendar) -> None:
        insist_on_admin(self.actor)
        if calendar.archived_at is not None:
            raise NotPossible("This is archived already.")
        if calendar.is_default:
            raise NotPossible("This is the calendar of every flow that names none. Make another one that first.")
        calendar.archived_at = await database_now(self.session)
        await self.activity.audit(events.CALENDAR_ARCHIVED, calendar, name=calendar.name)

    async def restore(self, calendar: Calendar) -> None:
        insist_on_admin(self.actor)
        if calendar.archived_at is None:
            raise NotPossible("This is not archived.")
        calendar.archived_at = None
        await self.activity.audit(events.CALENDAR_RESTORED, calendar, name=calendar.name)

    async def _make_default(self, calendar: Calendar, *, wanted: bool) -> None:
        if wanted and not calendar.is_default:
            await self.session.execute(update(Calendar).where(Calendar.is_default).values(is_default=False))
        calendar.is_default = wanted
        await self.session.flush()


_DEFINITION = select(Calendar.definition).where(Calendar.deleted_at.is_(None))
_DEFAULT = planned_once(_DEFINITION.where(Calendar.is_default))


async def hours_of(session: AsyncSession, key: str | None) -> BusinessCalendar | None:
    """The calendar a flow names, else the default one; None where there is neither: elapsed hours count."""

    async def read(_keys: Sequence[str]) -> dict[str, BusinessCalendar]:
        named = _DEFINITION.where(Calendar.key == key) if key else _DEFAULT
        definition = (await session.execute(named)).scalar_one_or_none()
        return {key or "": calendar_from_json(definition)} if definition is not None else {}

    return (await remembered(session, "calendars", [key or ""], read)).get(key or "")


def _taken() -> Refused:
    return Refused.at("key", "Another calendar has this key.")


def _insist_on_hours(hours: BusinessCalendar) -> None:
    if not any(hours.hours.values()):
        raise Refused.at("mon", "Give at least one day working hours.")
