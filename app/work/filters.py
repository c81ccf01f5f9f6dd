"""The inbox's filters: they stand in its address, and stay there while one request after another is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, or_

from app.approvals.models import ApprovalProcessStep
from app.clock import utc_now
from app.tickets.filter_words import Chip, names_of_filters, said_of
from app.tickets.filters import TicketFilters
from app.tickets.models import Ticket
from app.web.formats import local
from app.web.i18n import gettext as _
from app.web.params import optional_row_id

DUE = ("today", "week", "later")
"""As the list is grouped; what is overdue is due today."""


@dataclass(frozen=True, slots=True)
class InboxFilters:
    """What cannot be read is no filter."""

    template: int | None = None
    requester: int | None = None
    due: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        due = str(given.get("due", ""))
        return cls(
            optional_row_id(given.get("template")), optional_row_id(given.get("requester")), due if due in DUE else ""
        )

    def __bool__(self) -> bool:
        return bool(self.pairs())

    def pairs(self) -> list[tuple[str, str]]:
        given = (("template", self.template), ("requester", self.requester), ("due", self.due))
        return [(name, str(value)) for name, value in given if value]

    def value(self, name: str) -> str:
        return dict(self.pairs()).get(name, "")

    @property
    def kept(self) -> str:
        """Appended to the address of a request, so that its decision leads to the next of the same list."""
        return f"?{urlencode(self.pairs())}" if self else ""

    def url(self, path: str = "/approvals", **more: object) -> str:
        pairs = [*self.pairs(), *more.items()]
        return path + (f"?{urlencode(pairs)}" if pairs else "")

    def without(self, name: str) -> str:
        rest = {other: value for other, value in self.pairs() if other != name}
        return InboxFilters.read(rest).url()

    def narrow(self, query: Select[Any]) -> Select[Any]:
        return query.where(*self._conditions())

    def _conditions(self) -> Sequence[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.template is not None:
            wanted.append(Ticket.template_id == self.template)
        if self.requester is not None:
            wanted.append(Ticket.requester_id == self.requester)
        if self.due:
            wanted.append(_due(self.due))
        return wanted


def _due(group: str) -> ColumnElement[bool]:
    (today, week), due_at = ends_of_today_and_week(), ApprovalProcessStep.due_at
    if group == "today":
        return due_at < today
    if group == "week":
        return and_(due_at >= today, due_at < week)
    return or_(due_at.is_(None), due_at >= week)


def ends_of_today_and_week() -> tuple[datetime, datetime]:
    """In the viewer's zone; the week is the next seven days."""
    here = local(utc_now())
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo)
    return midnight, midnight + timedelta(days=6)


def due_words() -> dict[str, str]:
    return {"today": _("Today or overdue"), "week": _("This week"), "later": _("Later")}


async def chips(session: Any, filters: InboxFilters) -> list[Chip]:
    """What is filtered, in words, each with its way out."""
    named = TicketFilters(
        template=tuple(str(one) for one in (filters.template,) if one),
        creator=tuple(str(one) for one in (filters.requester,) if one),
    )
    names = await names_of_filters(session, named)
    labels = {"template": _("Form"), "requester": _("Asked by"), "due": _("Due")}
    said = {
        name: due_words()[value] if name == "due" else said_of("creator" if name == "requester" else name, value, names)
        for name, value in filters.pairs()
    }
    return [Chip(labels[name], _("is"), said[name], filters.without(name)) for name, _value in filters.pairs()]
