"""What waits for somebody: pending seats of open steps on tickets they may see, with nothing of their own asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import User, UserRole
from app.actor import Actor
from app.approvals.models import (
    FAR_AWAY,
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalProxy,
)
from app.approvals.repository import not_barred, not_voted
from app.db.constants import constant, planned_each_time, planned_once, these
from app.ticket_templates.models import TicketTemplate
from app.tickets.models import Ticket
from app.tickets.visibility import active_proxy, in_scope, visible
from app.web.paging import COUNT_LIMIT, Count, Page, capped, counting, cut, decode_cursor
from app.work.amounts import ANSWERS, with_amounts
from app.work.filters import InboxFilters, ends_of_today_and_week

Seat, Step, Process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess
PAGE = NEWEST = 50
NONE = InboxFilters()
_NOBODY: ColumnElement[Any] = cast(literal(None), BigInteger)
_OWN = aliased(Seat)
_OLDER = aliased(ApprovalProxy)
_KEY = (Seat.queue_due, Seat.queue_since, Seat.id)
"""By deadline, then by age."""
_BELOW = {f"below_{column.key}": bindparam(f"below_{column.key}", type_=column.type) for column in _KEY}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request in the inbox."""

    seat_id: int
    ticket_id: int
    ticket_no: str
    title: str
    asker_id: int
    asker: str
    restricted: bool
    amount: dict[str, Any] | None
    """What is at stake, as far as this person may read it."""
    process_id: int
    step_key: str
    step_name: str
    stage: int
    round: int
    since: datetime
    due_at: datetime | None
    principal_id: int | None
    principal: str | None

    @property
    def shown(self) -> tuple[Any, ...]:
        """All that the queue can show of it."""
        amount = tuple((self.amount or {}).items())
        what = (self.seat_id, self.ticket_no, self.title, amount, self.restricted, self.step_name)
        return (*what, self.asker_id, self.asker, self.since, self.due_at, self.principal)


def _pooled(actor: Actor, role_id: int | None = None) -> ColumnElement[bool]:
    """Pools of my roles (or of one) in which I have no seat of my own and may still speak, on what others ask for."""
    has_own_seat = exists().where(_OWN.step_id == Seat.step_id, _OWN.user_id == actor.id, _OWN.queue_due.is_not(None))
    mine = Seat.role_id == (func.any(these(actor.role_ids)) if role_id is None else role_id)
    may_speak = and_(~_asked_by(actor.id), not_voted(Seat.step_id, actor.id), not_barred(Step, actor.id))
    return and_(mine, ~has_own_seat, may_speak)


def _asked_by(user_id: Any) -> ColumnElement[bool]:
    return or_(Ticket.created_by == user_id, Ticket.requester_id == user_id)


def _theirs(actor: Actor, proxy: Any = ApprovalProxy) -> ColumnElement[bool]:
    """Seats of those whose proxy I am now, and pools of their roles, as far as both of us may speak; never my own
    requests."""
    roles = select(UserRole.role_id).where(UserRole.user_id == proxy.principal_id, UserRole.deleted_at.is_(None))
    both = (actor.id, proxy.principal_id)
    return and_(
        proxy.proxy_id == actor.id,
        active_proxy(func.now(), proxy),
        in_scope(proxy),
        ~_asked_by(actor.id),
        or_(
            Seat.user_id == proxy.principal_id,
            and_(Seat.role_id.in_(roles.scalar_subquery()), ~_asked_by(proxy.principal_id)),
        ),
        *(not_voted(Seat.step_id, one) for one in both),
        *(not_barred(Step, one) for one in both),
    )


def _deputed(actor: Actor) -> ColumnElement[bool]:
    """Overdue seats that were escalated to me: I may answer for their holders too."""
    return and_(
        Seat.queue_due.is_not(None),
        Seat.deputy_ids != literal_column("'{}'"),
        Seat.deputy_ids.contains(these([actor.id])),
    )


def _due() -> ColumnElement[Any]:
    return func.coalesce(Step.due_at, FAR_AWAY)


def _columns(principal: Any, *, name: Any = None) -> tuple[Any, ...]:
    return (
        Seat.id.label("seat_id"), Ticket.id.label("ticket_id"), Ticket.ticket_no, Ticket.title,
        Ticket.requester_id.label("asker_id"), User.name.label("asker"),
        (Ticket.visibility == "restricted").label("restricted"), *ANSWERS,
        Process.id.label("process_id"), Step.step_key, Step.name.label("step_name"),
        Step.stage, Process.round, Step.opened_at.label("since"), Step.due_at, principal.label("principal_id"),
        (name if name is not None else literal(None)).label("principal"),
    )  # fmt: skip


def _joined(columns: tuple[Any, ...], actor: Actor) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Seat)
        .join(Step, Step.id == Seat.step_id)
        .join(Process, Process.id == Step.process_id)
        .join(Ticket, Ticket.id == Process.ticket_id)
        .outerjoin(User, User.id == Ticket.requester_id)
        .where(Seat.queue_due.is_not(None), visible(actor))
    )


def for_me(actor: Actor) -> Select[Any]:
    """My own seats, pools of my roles, and what was escalated to me."""
    return _joined(_columns(_NOBODY), actor).where(or_(Seat.user_id == actor.id, _pooled(actor), _deputed(actor)))


def queued_for_me(actor: Actor) -> list[Select[Any]]:
    """The same in its parts and bare, for counting. An own seat is enough: its holder may see the ticket (L17), and so
    may who answers for them."""
    own = select(Seat.queue_due).where(Seat.user_id == actor.id, Seat.queue_due.is_not(None))
    escalated = select(Seat.queue_due).where(_deputed(actor))
    return [own, escalated, *([_joined((Seat.queue_due,), actor).where(_pooled(actor))] if actor.role_ids else [])]


def for_my_principals(actor: Actor) -> Select[Any]:
    person = aliased(User)
    columns = _columns(ApprovalProxy.principal_id, name=person.name)
    return (
        _joined(columns, actor)
        .join(ApprovalProxy, ApprovalProxy.proxy_id == actor.id)
        .join(person, person.id == ApprovalProxy.principal_id)
        .where(_theirs(actor), ~_listed_already(actor))
    )


def _listed_already(actor: Actor) -> ColumnElement[bool]:
    """One person has one vote in a step: what waits for me in my own right is no second request, nor is what an older
    proxy leads to."""
    mine = and_(Seat.role_id.is_not(None), _pooled(actor))
    return or_(mine, _deputed(actor), exists().where(_OLDER.id < ApprovalProxy.id, _theirs(actor, _OLDER)))


async def waiting_page(
    session: AsyncSession, actor: Actor, cursor: str | None, *, limit: int = PAGE, filters: InboxFilters = NONE
) -> Page[Waiting]:
    """By deadline, then by age; keyset."""
    after = decode_cursor(cursor, (datetime, datetime, int))
    rows = await _part(session, actor, filters, limit + 1, after=after)
    return cut(rows, limit, lambda row: [row.due_at or FAR_AWAY, row.since, row.seat_id])


def _queue(
    actor: Actor, filters: InboxFilters, limit: int, *, below: bool = False, last_first: bool = False
) -> Select[Any]:
    """Own seats, what was escalated and pools each walk their index as far as is asked for, and are merged: thousands
    may wait.

    `below`: from the place on that `_BELOW` is given.
    """
    order = [column.desc() if last_first else column.asc() for column in _KEY]

    def part(asked: Select[Any]) -> Select[Any]:
        query = filters.narrow(asked)
        if below:
            query = query.where(func.row(*_KEY) > func.row(*_BELOW.values()))
        return query.order_by(*order).limit(limit)

    mine, holder = _joined(_columns(_NOBODY), actor), aliased(User)
    parts = [
        part(mine.where(Seat.user_id == actor.id)),
        part(
            _joined(_columns(Seat.user_id, name=holder.name), actor)
            .outerjoin(holder, holder.id == Seat.user_id)
            .where(_deputed(actor))
        ),
        *([part(mine.where(_pooled(actor)))] if actor.role_ids else []),
    ]
    every = union_all(*(one.subquery().select() for one in parts)).subquery()
    key = (func.coalesce(every.c.due_at, FAR_AWAY), every.c.since, every.c.seat_id)
    return select(every).order_by(*(column.desc() if last_first else column for column in key)).limit(limit)


@lru_cache(maxsize=300)
def _queue_of_mine(actor: Actor, filters: InboxFilters, limit: int, *, below: bool, last_first: bool) -> Select[Any]:
    """Made once for who sees the same, as all that takes `actor.rights` only: to make it costs more than to send it."""
    return planned_once(_queue(actor, filters, limit, below=below, last_first=last_first))


def _queue_anew(actor: Actor, filters: InboxFilters, limit: int, *, below: bool, last_first: bool) -> Select[Any]:
    return planned_each_time(_queue(actor, filters, limit, below=below, last_first=last_first))


async def _part(
    session: AsyncSession, actor: Actor, filters: InboxFilters, limit: int, *, after: Sequence[Any] | None = None,
    last_first: bool = False,
) -> list[Waiting]:  # fmt: skip
    make = _queue_anew if filters else _queue_of_mine
    query = make(actor.rights, filters, limit, below=after is not None, last_first=last_first)
    found = await session.execute(query, dict(zip(_BELOW, after, strict=True)) if after is not None else {})
    return [Waiting(**row) for row in await with_amounts(session, actor, found.mappings().all())]


async def waiting_as_proxy(
    session: AsyncSession, actor: Actor, *, limit: int = PAGE, filters: InboxFilters = NONE
) -> list[Waiting]:
    if not actor.principal_ids:
        return []
    query = filters.narrow(for_my_principals(actor)).order_by(_due(), Step.opened_at, Seat.id).limit(limit)
    found = (await session.execute(planned_each_time(query))).mappings().all()
    return [Waiting(**row) for row in await with_amounts(session, actor, found)]


async def count_waiting(session: AsyncSession, actor: Actor, filters: InboxFilters = NONE) -> dict[str, Count]:
    """`all`, and the groups `today` (overdue included), `week`, `later`; each over at most 1,001 rows."""
    today_ends, week_ends = ends_of_today_and_week()
    if filters:
        narrowed = filters.narrow(for_me(actor)).with_only_columns(Seat.queue_due)
        query = planned_each_time(_counting([narrowed], today_ends, week_ends))
    else:
        query = _counting_mine(actor.rights, today_ends, week_ends)
    found = {group: number for group, number in await session.execute(query)}  # noqa: C416
    mine = sum(found.values())
    groups = {name: Count(found.get(name, 0), mine <= COUNT_LIMIT) for name in ("today", "week", "later")}
    theirs = await count_as_proxy(session, actor, filters)
    return {"all": capped(mine + theirs.number), **groups}


@lru_cache(maxsize=300)
def _counting_mine(actor: Actor, today_ends: datetime, week_ends: datetime) -> Select[Any]:
    return planned_once(_counting(queued_for_me(actor), today_ends, week_ends))


def _counting(bare: Sequence[Select[Any]], today_ends: datetime, week_ends: datetime) -> Select[Any]:
    inner = union_all(*(query.limit(COUNT_LIMIT + 1).subquery().select() for query in bare)).subquery()
    due = inner.c.queue_due
    group = case((due < today_ends, "today"), (due < week_ends, "week"), else_="later").label("due_group")
    return select(group, func.count()).group_by(group)


async def count_as_proxy(
    session: AsyncSession, actor: Actor, filters: InboxFilters, principal: int | None = None
) -> Count:
    """What waits for those whose proxy I am, or for one of them."""
    if not actor.principal_ids:
        return Count(0)
    query = filters.narrow(for_my_principals(actor))
    if principal is not None:
        query = query.where(ApprovalProxy.principal_id == principal)
    number = planned_each_time(counting(query.with_only_columns(Seat.id)))
    return capped((await session.execute(number)).scalar_one())


async def next_for_me(
    session: AsyncSession, actor: Actor, *, after: Sequence[Any] | None, filters: InboxFilters = NONE
) -> Waiting | None:
    """The one below the one that was decided, or the one above if it was the last."""
    rows = await _part(session, actor, filters, 1, after=after)
    if not rows and after is not None:
        rows = await _part(session, actor, filters, 1, last_first=True)
    return rows[0] if rows else None


async def newest_seats(session: AsyncSession, actor: Actor, filters: InboxFilters = NONE) -> list[int]:
    """What came last, newest first, at most `NEWEST`: each queue is read from its end, however long it is."""
    query = planned_each_time(_newest(actor, filters)) if filters else _newest_of_mine(actor.rights)
    found = (await session.execute(query)).scalars()
    return sorted(set(found), reverse=True)[:NEWEST]


@lru_cache(maxsize=300)
def _newest_of_mine(actor: Actor) -> CompoundSelect[Any]:
    return planned_once(_newest(actor, NONE))


def _newest(actor: Actor, filters: InboxFilters) -> CompoundSelect[Any]:
    mine = [Seat.user_id == actor.id, _deputed(actor), *(_pooled(actor, role) for role in sorted(actor.role_ids))]
    queues = [_joined((Seat.id,), actor).where(whose, Seat.status == constant("pending")) for whose in mine]
    if actor.principal_ids:
        queues.append(for_my_principals(actor).with_only_columns(Seat.id))
    ends = [filters.narrow(queue).order_by(Seat.id.desc()).limit(NEWEST).subquery().select() for queue in queues]
    return union_all(*ends)


async def first_seats(session: AsyncSession, actor: Actor) -> list[int]:
    """Of the first page."""
    return list((await session.execute(_first(actor.rights))).scalars())


@lru_cache(maxsize=300)
def _first(actor: Actor) -> Select[Any]:
    queue = _queue(actor, NONE, PAGE).subquery()
    return planned_once(select(queue.c.seat_id))


def live_state(first: Sequence[int], newest: Sequence[int]) -> str:
    """Differs when something has come, or has gone from the first page."""
    return f"{sorted(first)} {list(newest)}"


async def still_waiting(session: AsyncSession, actor: Actor, seat_ids: Sequence[int]) -> set[int]:
    """Of these, whatever they are, those that wait for this person now."""
    seats = _seats(actor, NONE).subquery()
    query = select(seats.c.id).where(seats.c.id.in_(seat_ids))
    return set((await session.execute(query)).scalars()) if seat_ids else set()


async def seat_waiting_on(session: AsyncSession, actor: Actor, ticket_id: int) -> int | None:
    """What of this ticket waits for this person."""
    queues = [for_me(actor), *([for_my_principals(actor)] if actor.principal_ids else [])]
    seats = (queue.where(Ticket.id == ticket_id).with_only_columns(Seat.id.label("id")) for queue in queues)
    return (await session.execute(union_all(*seats).limit(1))).scalar()


def _seats(actor: Actor, filters: InboxFilters) -> CompoundSelect[Any]:
    queues = [for_me(actor), *([for_my_principals(actor)] if actor.principal_ids else [])]
    return union_all(*(filters.narrow(queue).with_only_columns(Seat.id.label("id")) for queue in queues))


@dataclass(frozen=True, slots=True)
class Choices:
    """Forms and askers of what waits, by id: what the list can be filtered by."""

    templates: dict[int, str]
    requesters: dict[int, str]


MOST_LOOKED_AT = 5_000


async def choices(session: AsyncSession, actor: Actor) -> Choices:
    queues = [for_me(actor), *([for_my_principals(actor)] if actor.principal_ids else [])]
    asked = union_all(*(queue.with_only_columns(Ticket.template_id, Ticket.requester_id) for queue in queues))
    rows = asked.limit(MOST_LOOKED_AT).subquery()
    query = (
        select(TicketTemplate.id, TicketTemplate.name, User.id, User.name)
        .select_from(rows)
        .outerjoin(TicketTemplate, TicketTemplate.id == rows.c.template_id)
        .outerjoin(User, User.id == rows.c.requester_id)
        .distinct()
    )
    found = (await session.execute(planned_each_time(query))).all()
    templates = {template: name for template, name, _, _ in found if template}
    requesters = {person: name for _, _, person, name in found if person}
    return Choices(_by_name(templates), _by_name(requesters))


def _by_name(names: dict[int, str]) -> dict[int, str]:
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))
