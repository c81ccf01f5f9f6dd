"""The queries behind lists of tickets: columns, a keyset, and counts that stop at 1,000."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.catalogue.models import CategoryCard, LabelCard
from app.catalogue.repository import known_labels, known_tree
from app.db.constants import among, planned_each_time, planned_once
from app.ticket_templates.repository import FormVersion, versions_by_id
from app.tickets.filters import TicketFilters
from app.tickets.matching import halves, has_halves, matching, midnight, said
from app.tickets.models import Ticket, TicketCategory, TicketLabel
from app.tickets.ordering import Order
from app.tickets.orders import order_of, usual_order
from app.tickets.search import HAS_WORDS, asked_of
from app.tickets.snippets import SELECTED
from app.tickets.visibility import visible
from app.web.formats import zone_of
from app.web.paging import COUNT_LIMIT, MANY, Count, Page, capped, cut, decode_cursor, is_many, note_if_many

PAGE_SIZE = 50
OF_LATE = 500
"""Tickets by which it is told which forms somebody uses most."""
COLUMNS = (
    Ticket.id, Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.approval, Ticket.priority, Ticket.visibility,
    Ticket.open_to_all, Ticket.due_at, Ticket.created_at, Ticket.updated_at, Ticket.created_by, Ticket.requester_id,
    Ticket.assignee_id, Ticket.assigned_role_id, Ticket.template_id, Ticket.version,
)  # fmt: skip


async def page_of_tickets(
    session: AsyncSession, actor: Actor, filters: TicketFilters, *, now: datetime, cursor: str | None = None,
    size: int = PAGE_SIZE, more: Sequence[Any] = (), texts: bool = False, backwards: bool = False,
    count: Count | None = None,
) -> Page[Any]:  # fmt: skip
    """Rows of `COLUMNS` and `more`; `texts`: with what snippets are cut from. A cursor that is not this list's starts
    at the top. `count`: of the whole list, where it is known already."""
    order = await order_of(session, filters)
    order = order.backwards if backwards else order
    if count is not None and count.exact and not count.number:
        return cut([], size, order.place_of)
    place = order.place_in(decode_cursor(cursor, order.kinds))
    are_few = bool(filters.q) or await has_few(session, actor, filters, now=now, count=count)
    is_halved = not are_few and has_halves(filters)
    is_usual = not (more or backwards or is_halved) and filters.holds_all_day
    if is_usual and place is None and usual_order(filters.sort) and (are_few or not order.nullable):
        asked = asked_of(filters.q)
        if filters.q and asked is None:
            return cut([], size, order.place_of)
        make = _first_found if asked else _first_of_few if are_few else _first_page
        others = replace(filters, q="") if asked else filters
        first = make(actor.rights, actor.time_zone, others, _today(actor, now), size, texts)
        return cut((await session.execute(first, {"asked": asked} if asked else None)).all(), size, order.place_of)
    listed = planned_each_time(select(*COLUMNS, *dict.fromkeys([*more, *_texts(texts)]), *order.selected))
    if are_few or is_halved:
        find = _best if are_few else _best_of_halves
        query = _sorted(listed, order, find(filters, actor, now, order, place, size + 1))
        return cut((await session.execute(query)).all(), size, order.place_of)
    rows: list[Any] = []
    for part in order.parts(place):
        if len(rows) <= size:
            rows += (
                await session.execute(part(listed.where(*matching(filters, actor, now)), size + 1 - len(rows)))
            ).all()
    return cut(rows, size, order.place_of)


@lru_cache(maxsize=300)
def _first_page(
    actor: Actor, time_zone: str, filters: TicketFilters, today: datetime, size: int, texts: bool
) -> Select[Any]:
    """Made once a day for who sees the same."""
    order = usual_order(filters.sort)
    assert order is not None
    found = matching(filters, replace(actor, time_zone=time_zone), today)
    (part,) = order.parts(None)
    return _planned(filters, part(select(*COLUMNS, *_texts(texts), *order.selected).where(*found), size + 1))


@lru_cache(maxsize=300)
def _first_of_few(
    actor: Actor, time_zone: str, filters: TicketFilters, today: datetime, size: int, texts: bool
) -> Select[Any]:
    order = usual_order(filters.sort)
    assert order is not None
    best = _best(filters, replace(actor, time_zone=time_zone), today, order, None, size + 1)
    return _planned(filters, _sorted(select(*COLUMNS, *_texts(texts), *order.selected), order, best))


@lru_cache(maxsize=300)
def _first_found(
    actor: Actor, time_zone: str, filters: TicketFilters, today: datetime, size: int, texts: bool
) -> Select[Any]:
    """For any words, which are given with it."""
    order = usual_order(filters.sort)
    assert order is not None
    best = _best(filters, replace(actor, time_zone=time_zone), today, order, None, size + 1, HAS_WORDS)
    return planned_each_time(_sorted(select(*COLUMNS, *_texts(texts), *order.selected), order, best))


def _texts(wanted: bool) -> Sequence[Any]:
    return SELECTED if wanted else ()


def _sorted(listed: Any, order: Order, best: Select[int]) -> Any:
    found = best.subquery()
    return listed.where(Ticket.id.in_(select(found.c.id))).order_by(*order.by())


def _planned(filters: TicketFilters, query: Select[Any]) -> Select[Any]:
    """What nobody typed may stand in the SQL itself, so that PostgreSQL keeps the plan."""
    return planned_each_time(query) if filters.q or filters.f else planned_once(query)


def _today(actor: Actor, now: datetime) -> datetime:
    """When this person's day began."""
    zone = zone_of(actor.time_zone)
    return midnight(now.astimezone(zone).date(), zone)


async def has_few(
    session: AsyncSession, actor: Actor, filters: TicketFilters, *, now: datetime, count: Count | None = None
) -> bool:
    """Whether all that is found can be looked at, to be sorted then. Else an index of the order is walked until a page
    is full: for what few tickets are, that is through all of them, and PostgreSQL cannot know which it will be."""
    if not filters.filtering():
        return False
    if count is None:
        [count] = await counts_of(session, actor, [filters], now=now)
    return count.exact


def _best(
    filters: TicketFilters, actor: Actor, now: datetime, order: Order, place: tuple[Any, ...] | None, most: int,
    *also: ColumnElement[bool],
) -> Select[int]:  # fmt: skip
    """Ids of what is found, in its order. Each is looked up once; with `OFFSET 0` no index of the order is walked
    instead, whose every row would be asked whether it is meant."""
    found = matching(replace(filters, q=""), actor, now)
    words = [said(filters.q)] if filters.q else []
    after = [order.after(place)] if place is not None else []
    hits = (
        select(Ticket.id, *order.selected).where(*also, *words, *found, *after).offset(literal_column("0")).subquery()
    )
    return select(hits.c.id).order_by(*order.by(hits.c)).limit(most)


def _best_of_halves(
    filters: TicketFilters, actor: Actor, now: datetime, order: Order, place: tuple[Any, ...] | None, most: int
) -> Select[int]:
    """Each half is read by itself, no further than a page goes."""
    after = [order.after(place)] if place is not None else []
    first = [
        select(Ticket.id, *order.selected).where(*half, *after).order_by(*order.by()).limit(most).subquery().select()
        for half in halves(filters, actor, now)
    ]
    hits = union(*first).subquery()
    return select(hits.c.id).order_by(*order.by(hits.c)).limit(most)


async def counts_of(
    session: AsyncSession, actor: Actor, lists: Sequence[TicketFilters], *, now: datetime
) -> list[Count]:
    """How many tickets each of these lists has for this viewer, each counted over at most 1,001 rows. What had more
    is not counted again within a minute."""
    matched = [filters.matched() for filters in lists]
    rights = actor.rights
    counts = {filters: MANY for filters in matched if is_many((rights, filters))}
    asked = tuple(dict.fromkeys(filters for filters in matched if filters not in counts))
    if asked:
        if all(filters.holds_all_day for filters in asked):
            query = _counting_today(rights, actor.time_zone, asked, _today(actor, now))
        else:
            query = planned_each_time(_counting(actor, asked, now))
        row = (await session.execute(query)).one()
        counts |= {filters: capped(number) for filters, number in zip(asked, row, strict=True)}
        for filters in asked:
            note_if_many((rights, filters), counts[filters])
    return [counts[filters] for filters in matched]


@lru_cache(maxsize=300)
def _counting_today(actor: Actor, time_zone: str, lists: tuple[TicketFilters, ...], today: datetime) -> Select[Any]:
    """Made once a day for who sees the same: to make it costs more than to send it."""
    query = _counting(replace(actor, time_zone=time_zone), lists, today)
    return _planned(next((filters for filters in lists if filters.q or filters.f), lists[0]), query)


def _counting(actor: Actor, lists: Sequence[TicketFilters], now: datetime) -> Select[Any]:
    counted = [_capped_count(halves(filters, actor, now)) for filters in lists]
    return select(*(query.scalar_subquery() for query in counted))


def _capped_count(parts: Sequence[Sequence[ColumnElement[bool]]]) -> Select[int]:
    some = [select(Ticket.id).where(*conditions).limit(COUNT_LIMIT + 1).subquery() for conditions in parts]
    found = union(*(part.select() for part in some)).subquery() if len(some) > 1 else some[0]
    return select(func.least(func.count(), COUNT_LIMIT + 1)).select_from(found)


async def used_templates(session: AsyncSession, actor: Actor) -> dict[int, int]:
    """How often this person asked with each form of late: what is popular with others is nobody's business."""
    query = (
        select(Ticket.template_id)
        .where(visible(actor), Ticket.created_by == actor.id, Ticket.template_id.is_not(None))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(OF_LATE)
    )
    found = (await session.execute(planned_each_time(query))).scalars()
    return Counter(key for key in found if key is not None)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a ticket stands: its form in the version that it keeps, its categories and labels."""

    version: FormVersion | None = None
    categories: list[CategoryCard] = field(default_factory=list)
    labels: list[LabelCard] = field(default_factory=list)

    @property
    def template(self) -> str | None:
        return self.version.key if self.version else None

    @property
    def template_version(self) -> int | None:
        return self.version.number if self.version else None


_KEPT = select(Ticket.id, Ticket.template_version_id).where(among(Ticket.id))
_CARRIED = union_all(
    select(literal("label").label("what"), TicketLabel.ticket_id, TicketLabel.label_id.label("id")).where(
        among(TicketLabel.ticket_id)
    ),
    select(literal("category"), TicketCategory.ticket_id, TicketCategory.category_id).where(
        among(TicketCategory.ticket_id)
    ),
)


async def placements_of(session: AsyncSession, ticket_ids: Sequence[int]) -> dict[int, Placement]:
    """For tickets that were found for their reader; archived categories and labels too."""
    if not ticket_ids:
        return {}
    kept = {row.id: row.template_version_id for row in await session.execute(_KEPT, {"ids": list(ticket_ids)})}
    versions = await versions_by_id(session, kept.values())
    found = {ticket_id: Placement(versions.get(version_id or 0)) for ticket_id, version_id in kept.items()}
    carriers: dict[tuple[str, int], list[int]] = {}
    for row in await session.execute(_CARRIED, {"ids": list(ticket_ids)}):
        carriers.setdefault((row.what, row.id), []).append(row.ticket_id)
    for label in await known_labels(session):
        for ticket_id in carriers.get(("label", label.id), ()):
            found[ticket_id].labels.append(label)
    for place in (await known_tree(session)).in_order():
        for ticket_id in carriers.get(("category", place.category.id), ()):
            found[ticket_id].categories.append(place.category)
    return found
