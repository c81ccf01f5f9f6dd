"""A list in groups: its pages go on from group to group, each by its own keyset, in at most three statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, Text, and_, func, literal, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.activity.vocabulary import word
from app.actor import Actor
from app.db.constants import planned_each_time
from app.ticket_templates.repository import template_names
from app.tickets.filters import TicketFilters
from app.tickets.matching import Condition, matching
from app.tickets.models import Ticket, TicketStatus
from app.tickets.ordering import Order, one_by_one
from app.tickets.orders import order_of
from app.tickets.repository import COLUMNS, PAGE_SIZE, has_few
from app.web.i18n import gettext as _
from app.web.paging import Count, Page, cut, decode_cursor

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
    cursor: str | None = None, size: int = PAGE_SIZE, more: Sequence[Any] = (), count: Count | None = None,
) -> Page[Any]:  # fmt: skip
    """The rest of the group where the page before ended, the groups after it, and last what is in none."""
    order, values = await order_of(session, filters), list(grouping.labels)
    here = None
    at = decode_cursor(cursor, (str, *order.kinds))
    if at and at[0] in grouping.labels and (place := order.place_in(at[1:])):
        here = and_(_is(grouping, at[0]), order.after(place))
        values = values[values.index(at[0]) + 1 :]
    read = _at_once if await has_few(session, actor, filters, now=now, count=count) else _group_by_group
    listed: Any = planned_each_time(select(*COLUMNS, *more, *order.selected))
    found = matching(filters, actor, now)
    rows = await read(session, listed, found, grouping, order, here, values, size + 1)
    return cut(rows, size, lambda row: (grouping.value_of(row), *order.place_of(row)))


async def _group_by_group(
    session: AsyncSession, listed: Select[Any], found: Sequence[Condition], grouping: Grouping, order: Order,
    here: Condition | None, values: Sequence[str], most: int,
) -> Sequence[Any]:  # fmt: skip
    """Each read no further than the page goes."""
    plain, rows = listed.where(*found).order_by(*order.by()), list[Any]()
    if here is not None:
        rows += (await session.execute(plain.where(here).limit(most))).all()
    if named := _named(values):
        following = one_by_one(plain, grouping.column, _array(grouping, named), most - len(rows), order.by)
        rows += (await session.execute(planned_each_time(following))).all()
    if NOBODY in values:
        rows += (await session.execute(plain.where(_is(grouping, NOBODY)).limit(most - len(rows)))).all()
    return rows


async def _at_once(
    session: AsyncSession, listed: Select[Any], found: Sequence[Condition], grouping: Grouping, order: Order,
    here: Condition | None, values: Sequence[str], most: int,
) -> Sequence[Any]:  # fmt: skip
    """All that there are, sorted."""
    few = select(Ticket.id).where(*found).offset(literal_column("0")).subquery()
    following = [grouping.column == func.any(_array(grouping, _named(values)))]
    following += [_is(grouping, NOBODY)] if NOBODY in values else []
    following += [here] if here is not None else []
    group = func.array_position(_array(grouping, _named(grouping.labels)), grouping.column)
    query = listed.where(Ticket.id.in_(select(few.c.id)), or_(*following))
    rows: Sequence[Any] = (await session.execute(query.order_by(group.nulls_last(), *order.by()).limit(most))).all()
    return rows


def _named(values: Iterable[str]) -> list[str]:
    return [value for value in values if value != NOBODY]


def _is(grouping: Grouping, value: str) -> Any:
    if value == NOBODY:
        return grouping.column.is_(None)
    return grouping.column == (value if grouping.name == "status" else int(value))


def _array(grouping: Grouping, values: Sequence[str]) -> Any:
    if grouping.name == "status":
        return literal(list(values), ARRAY(Text()))
    return literal([int(value) for value in values], ARRAY(BigInteger()))
