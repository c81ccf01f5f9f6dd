"""A list in groups: its pages go on from group to group, each by its own keyset, in at most three statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.activity.vocabulary import word
from app.actor import Actor
from app.db.constants import planned_each_time
from app.ticket_templates.repository import template_names
from app.tickets.filters import TicketFilters
from app.tickets.matching import matching
from app.tickets.models import Ticket, TicketStatus
from app.tickets.ordering import one_by_one
from app.tickets.orders import order_of
from app.tickets.repository import COLUMNS, PAGE_SIZE
from app.web.i18n import gettext as _
from app.web.paging import Page, cut, decode_cursor

NOBODY = "none"
_COLUMN: Mapping[str, Any] = {
    "status": Ticket.status, "assignee": Ticket.assignee_id, "template": Ticket.template_id,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grouping:
    """`labels`: each group's name by its value, in the order in which they follow each other."""

    name: str
    labels: Mapping[str, str]

    @property
    def column(self) -> Any:
        return _COLUMN[self.name]

    def value_of(self, row: Any) -> str:
        value = getattr(row, str(self.column.key))
        return NOBODY if value is None else str(value)

    def label(self, value: str) -> str:
        return self.labels.get(value, value)

    def narrowed(self, filters: TicketFilters, value: str) -> TicketFilters:
        only: dict[str, Any] = {self.name: (value,)}
        return replace(filters, group="", **only)


async def grouping_of(session: AsyncSession, filters: TicketFilters) -> Grouping:
    if filters.group == "status":
        return Grouping("status", {str(status): word(status) for status in TicketStatus})
    if filters.group == "template":
        names = {str(row): name for row, name in (await template_names(session)).items()}
        return Grouping("template", {**names, NOBODY: _("No form")})
    query = select(User.id, User.name).order_by(func.lower(User.name), User.id).limit(20_000)
    people = (await session.execute(query.execution_options(include_deleted=True))).all()
    return Grouping("assignee", {**{str(row.id): row.name for row in people}, NOBODY: _("Nobody")})


async def grouped_page(
    session: AsyncSession, actor: Actor, filters: TicketFilters, grouping: Grouping, *, now: datetime,
    cursor: str | None = None, size: int = PAGE_SIZE, more: Sequence[Any] = (),
) -> Page[Any]:  # fmt: skip
    """The rest of the group where the page before ended, the groups after it, and last what is in none."""
    order = await order_of(session, filters)
    values, where = list(grouping.labels), matching(filters, actor, now)
    plain = planned_each_time(select(*COLUMNS, *more, *order.selected).where(*where).order_by(*order.by()))
    rows: list[Any] = []
    at = decode_cursor(cursor, (str, *order.kinds))
    if at and at[0] in grouping.labels and (place := order.place_in(at[1:])):
        rest = plain.where(_is(grouping, at[0]), order.after(place)).limit(size + 1)
        rows += (await session.execute(rest)).all()
        values = values[values.index(at[0]) + 1 :]
    named = [value for value in values if value != NOBODY]
    if named:
        following = one_by_one(plain, grouping.column, _array(grouping, named), size + 1 - len(rows), order.by)
        rows += (await session.execute(planned_each_time(following))).all()
    if NOBODY in values:
        rows += (await session.execute(plain.where(_is(grouping, NOBODY)).limit(size + 1 - len(rows)))).all()
    return cut(rows, size, lambda row: (grouping.value_of(row), *order.place_of(row)))


def _is(grouping: Grouping, value: str) -> Any:
    if value == NOBODY:
        return grouping.column.is_(None)
    return grouping.column == (value if grouping.name == "status" else int(value))


def _array(grouping: Grouping, values: Sequence[str]) -> Any:
    if grouping.name == "status":
        return literal(list(values), ARRAY(Text()))
    return literal([int(value) for value in values], ARRAY(BigInteger()))
