"""The queries behind lists of tickets: columns, a keyset, and counts that stop at 1,000."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.catalogue.models import Category, Label
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.tickets.filters import TicketFilters
from app.tickets.matching import matching
from app.tickets.models import Priority, Ticket, TicketCategory, TicketLabel
from app.tickets.visibility import visible
from app.web.paging import COUNT_LIMIT, Count, Page, capped, cut, decode_cursor

PAGE_SIZE = 50
COLUMNS = (
    Ticket.id, Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.approval, Ticket.priority, Ticket.visibility,
    Ticket.open_to_all, Ticket.due_at, Ticket.created_at, Ticket.updated_at, Ticket.created_by, Ticket.requester_id,
    Ticket.assignee_id, Ticket.assigned_role_id, Ticket.template_id, Ticket.version,
)  # fmt: skip
_RANK = case({str(priority): rank for rank, priority in enumerate(Priority)}, value=Ticket.priority)


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by, and how its values travel in a cursor; nothing comes last, whichever way round."""

    column: Any
    read: Callable[[str], Any]
    nullable: bool = False

    def by(self, *, descending: bool) -> tuple[ColumnElement[Any], ...]:
        if not descending:
            return (self.column.asc().nulls_last() if self.nullable else self.column.asc(), Ticket.id.asc())
        return (self.column.desc().nulls_last() if self.nullable else self.column.desc(), Ticket.id.desc())

    def after(self, value: Any, row_id: int, *, descending: bool) -> ColumnElement[bool]:
        beyond_id = Ticket.id < row_id if descending else Ticket.id > row_id
        if value is None:
            return and_(self.column.is_(None), beyond_id)
        if not self.nullable:
            here, there = tuple_(self.column, Ticket.id), tuple_(literal(value), literal(row_id))
            return here < there if descending else here > there
        beyond = self.column < value if descending else self.column > value
        return or_(beyond, and_(self.column == value, beyond_id), self.column.is_(None))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a cursor's time has a zone")
    return moment


_ORDERS: Mapping[str, Order] = {
    "created_at": Order(Ticket.created_at, _moment),
    "updated_at": Order(Ticket.updated_at, _moment),
    "priority": Order(_RANK, int),
    "due_at": Order(Ticket.due_at, _moment, nullable=True),
}


async def page_of_tickets(
    session: AsyncSession, actor: Actor, filters: TicketFilters, *, now: datetime, cursor: str | None = None,
    size: int = PAGE_SIZE, more: Sequence[Any] = (),
) -> Page[Any]:  # fmt: skip
    """Rows of `COLUMNS`, `more` and `sorted_by`. A cursor that is not this list's starts at the top."""
    order, descending = order_of(filters)
    query = select(*COLUMNS, *more, order.column.label("sorted_by")).where(*matching(filters, actor, now))
    if position := position_in(order, decode_cursor(cursor, (str, int))):
        query = query.where(order.after(*position, descending=descending))
    query = query.order_by(*order.by(descending=descending)).limit(size + 1)
    rows: Sequence[Any] = (await session.execute(query)).all()
    return cut(rows, size, lambda row: (written(row.sorted_by), row.id))


def order_of(filters: TicketFilters) -> tuple[Order, bool]:
    """The order, and whether it is descending."""
    return _ORDERS[filters.sort.removeprefix("-")], filters.sort.startswith("-")


def in_order(filters: TicketFilters) -> tuple[ColumnElement[Any], ...]:
    return _ORDERS[filters.sort.removeprefix("-")].by(descending=filters.sort.startswith("-"))


def written(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


def position_in(order: Order, position: tuple[Any, ...] | None) -> tuple[Any, int] | None:
    """Where a cursor's words stand in this order; none where they are not of this list."""
    if position is None:
        return None
    value, row_id = position
    try:
        return (order.read(value) if value else None, row_id) if value or order.nullable else None
    except (ValueError, OverflowError):
        return None


async def counts_of(
    session: AsyncSession, actor: Actor, lists: Sequence[TicketFilters], *, now: datetime
) -> list[Count]:
    """How many tickets each of these lists has for this viewer, each counted over at most 1,001 rows."""
    counted = [_capped_count(matching(filters, actor, now)) for filters in lists]
    row = (await session.execute(select(*(query.scalar_subquery() for query in counted)))).one()
    return [capped(number) for number in row]


def _capped_count(conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
    some = select(Ticket.id).where(*conditions).limit(COUNT_LIMIT + 1).subquery()
    return select(func.count()).select_from(some)


async def used_templates(session: AsyncSession, actor: Actor) -> dict[int, int]:
    """How often this person asked with each form: what is popular with others is nobody's business."""
    query = (
        select(Ticket.template_id, func.count())
        .where(visible(actor), Ticket.created_by == actor.id, Ticket.template_id.is_not(None))
        .group_by(Ticket.template_id)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all() if row[0] is not None}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a ticket stands: its form in the version that it keeps, its categories and labels."""

    template: str | None = None
    version: TicketTemplateVersion | None = None
    categories: list[Category] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)

    @property
    def template_version(self) -> int | None:
        return self.version.number if self.version else None


async def placements_of(session: AsyncSession, ticket_ids: Sequence[int]) -> dict[int, Placement]:
    """For tickets that were found for their reader; archived categories and labels too."""
    if not ticket_ids:
        return {}
    forms = (
        select(Ticket.id, TicketTemplate.key, TicketTemplateVersion)
        .outerjoin(TicketTemplate, TicketTemplate.id == Ticket.template_id)
        .outerjoin(TicketTemplateVersion, TicketTemplateVersion.id == Ticket.template_version_id)
        .where(Ticket.id.in_(ticket_ids))
    )
    found = {row[0]: Placement(row[1], row[2]) for row in (await session.execute(forms)).all()}
    labels = select(TicketLabel.ticket_id, Label).join(Label, Label.id == TicketLabel.label_id)
    ordered = labels.where(TicketLabel.ticket_id.in_(ticket_ids)).order_by(Label.position, Label.id)
    for ticket_id, label in (await session.execute(ordered)).all():
        found[ticket_id].labels.append(label)
    under = select(TicketCategory.ticket_id, Category).join(Category, Category.id == TicketCategory.category_id)
    sorted_under = under.where(TicketCategory.ticket_id.in_(ticket_ids)).order_by(Category.position, Category.id)
    for ticket_id, category in (await session.execute(sorted_under)).all():
        found[ticket_id].categories.append(category)
    return found
