"""The bell's inbox: what somebody was told, as far as they may still see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.kinds import EventKind, kind_of
from app.activity.models import TicketNote
from app.activity.narrative import COMMENT, Names, collect_ids, quoted, tell
from app.actor import SYSTEM_ID, Actor
from app.catalogue.names import names_for
from app.clock import utc_now
from app.db.constants import planned_each_time
from app.errors import NotFound
from app.notifications.models import Notification, NotificationRule
from app.notifications.words import APPROVERS, WHY_TOLD
from app.tickets.models import Ticket
from app.tickets.visibility import approver_of, visible
from app.web.formats import local
from app.web.i18n import gettext as _
from app.web.markdown import plain_text
from app.web.paging import Count, Page, capped, counting, cut

EXCERPT = 240
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One notification as it is read; its text is made now, from the event."""

    id: int
    at: datetime
    read_at: datetime | None
    ticket_no: str
    title: str
    restricted: bool
    note_id: int
    sentence: Markup
    quote: str
    actor: Any
    icon: str
    tone: str
    why: str
    rule: str

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    @property
    def href(self) -> str:
        return f"/tickets/{self.ticket_no}?note={self.note_id}#note-{self.note_id}"


@dataclass(frozen=True, slots=True)
class Day:
    at: datetime
    lines: Sequence[Line]


def by_day(lines: Iterable[Line]) -> list[Day]:
    """In the reader's own days."""
    days = groupby(lines, key=lambda line: local(line.at).date())
    return [Day(those[0].at, those) for _date, group in days if (those := list(group))]


class Inbox:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def page(self, *, unread_only: bool = False, before: int | None = None, limit: int = PAGE) -> Page[Line]:
        query = _lines(self.actor)
        if unread_only:
            query = query.where(Notification.read_at.is_(None))
        if before is not None:
            query = query.where(Notification.id < before)
        rows = (
            await self.session.execute(planned_each_time(query.order_by(Notification.id.desc()).limit(limit + 1)))
        ).all()
        return cut(await self._told(rows), limit, key=lambda line: (line.id,))

    async def find(self, notification_id: int) -> Line:
        """Their own, on a ticket that they still may see; anything else is not there."""
        rows = (await self.session.execute(_lines(self.actor).where(Notification.id == notification_id))).all()
        if not rows:
            raise NotFound
        return (await self._told(rows))[0]

    async def unread(self) -> Count:
        return capped((await self.session.execute(unread_count(self.actor))).scalar_one())

    async def mark_read(self, notification_id: int) -> None:
        await self._mark(Notification.id == notification_id)

    async def mark_all_read(self, *, up_to: int | None = None) -> None:
        """Up to what was on the page: nothing is read that came meanwhile."""
        await self._mark(*([Notification.id <= up_to] if up_to else []))

    async def _mark(self, *which: ColumnElement[bool]) -> None:
        mine = (Notification.user_id == self.actor.id, Notification.read_at.is_(None), *which)
        await self.session.execute(update(Notification).where(*mine).values(read_at=utc_now()))

    async def _told(self, rows: Sequence[Any]) -> list[Line]:
        names = await names_for(self.session, collect_ids(rows))
        return [_line(row, names) for row in rows]


def unread_count(actor: Actor) -> Select[int]:
    return counting(unread_ids(actor))


def unread_ids(actor: Actor) -> Select[int]:
    query = select(Notification.id).join(Ticket, Ticket.id == Notification.ticket_id)
    query = query.join(TicketNote, TicketNote.id == Notification.note_id).where(*_of(actor))
    return query.where(Notification.read_at.is_(None))


def _lines(actor: Actor) -> Select[Any]:
    columns = (
        Notification.id, Notification.created_at, Notification.read_at, Notification.reason,
        Ticket.ticket_no, Ticket.title, Ticket.visibility, TicketNote.id.label("note_id"), TicketNote.note,
        TicketNote.event_type, TicketNote.event_details, TicketNote.created_by, TicketNote.audience,
        NotificationRule.name.label("rule"),
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(Notification)
        .join(Ticket, Ticket.id == Notification.ticket_id)
        .join(TicketNote, TicketNote.id == Notification.note_id)
        .outerjoin(NotificationRule, NotificationRule.id == Notification.rule_id)
        .where(*_of(actor))
    )


def _of(actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Whether they may see it is asked whenever they look (L16); a comment that was removed is gone."""
    readable = or_(TicketNote.audience == "everyone", approver_of(actor))
    return Notification.user_id == actor.id, visible(actor), TicketNote.deleted_at.is_(None), readable


def _line(row: Any, names: Names) -> Line:
    kind = kind_of(row.event_type) if row.event_type else COMMENT
    facts: Mapping[str, Any] = row.event_details or {"to_approvers": row.audience == "approvers"}
    asked = {"asks_reader": row.reason == APPROVERS}
    words = plain_text(row.note) if row.note else quoted(kind or row.event_type, facts)
    return Line(
        id=row.id, at=row.created_at, read_at=row.read_at, ticket_no=row.ticket_no, title=row.title,
        restricted=row.visibility == "restricted", note_id=row.note_id,
        sentence=tell(kind or row.event_type, {**facts, **asked}, names, actor=row.created_by),
        quote=_excerpt(words), actor=_face(row.created_by, names),
        icon=kind.icon if kind else "bell", tone=_tone(kind), why=_(WHY_TOLD.get(row.reason, "")), rule=row.rule or "",
    )  # fmt: skip


def _face(person: int, names: Names) -> Any:
    """None for the product itself, which has no portrait."""
    return None if person == SYSTEM_ID else names.people.get(person)


def _tone(kind: EventKind | None) -> str:
    return kind.tone if kind else ""


def _excerpt(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= EXCERPT else f"{plain[: EXCERPT - 1].rstrip()}…"
