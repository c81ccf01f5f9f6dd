"""The conditions behind a list's filters: what a list shows and what a number counts is one predicate."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import UserRole
from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.conditions import Condition as Asked
from app.db.constants import constant
from app.tickets.asking import asked
from app.tickets.filters import AGES, TicketFilters
from app.tickets.lifecycle import FINAL
from app.tickets.models import Ticket, TicketCategory, TicketLabel
from app.tickets.search import query as words_query
from app.tickets.visibility import visible
from app.tickets.watchers.models import TicketWatcher
from app.web.formats import zone_of

Condition = ColumnElement[bool]
_LATE = aliased(Ticket)
_FINAL: Any = bindparam("final", sorted(FINAL), expanding=True, literal_execute=True)


def matching(filters: TicketFilters, actor: Actor, now: datetime) -> list[Condition]:
    """For `select(Ticket…).where(*matching(…))`; what this person may not see is never in it."""
    conditions = [visible(actor)]
    if filters.q:
        conditions.append(_found(filters.q))
    for values, column in ((filters.status, Ticket.status), (filters.approval, Ticket.approval)):
        if values:
            conditions.append(column.in_(values))
    if filters.priority:
        conditions.append(Ticket.priority.in_(filters.priority))
    conditions += _about_people(filters, actor)
    conditions += _about_the_catalogue(filters)
    conditions += _about_approvals(filters, actor, now)
    conditions += _about_time(filters, zone_of(actor.time_zone), now)
    conditions += [asked(condition, filters.fields, actor, now) for condition in _read(filters)]
    return conditions


def halves(filters: TicketFilters, actor: Actor, now: datetime) -> list[list[Condition]]:
    """The same list in parts that may overlap: each is read from one index, no further than is asked."""
    if not has_halves(filters):
        return [matching(filters, actor, now)]
    rest = [*matching(replace(filters, due=()), actor, now), not_final(Ticket)]
    tonight = end_of_day(now, zone_of(actor.time_zone))
    return [[*rest, Ticket.due_at < tonight], [*rest, Ticket.id.in_(_of_late_steps(tonight))]]


def has_halves(filters: TicketFilters) -> bool:
    return filters.due == ("risk",)


def _read(filters: TicketFilters) -> tuple[Asked, ...]:
    """A filter that is passed over would find more than was asked for."""
    if filters.f and filters.conditions is None:
        raise ValueError("the conditions of these filters have not been read: see list_fields.understood")
    return filters.conditions or ()


def at_risk(now: datetime, zone: ZoneInfo) -> Condition:
    """Not final, and the ticket or an open step due before the end of the viewer's day, overdue included.

    As a union, so that each half is found by its index.
    """
    tonight = end_of_day(now, zone)
    tickets = select(_LATE.id).where(_LATE.due_at < tonight, _LATE.deleted_at.is_(None), not_final(_LATE))
    return and_(not_final(Ticket), Ticket.id.in_(union(tickets, _of_late_steps(tonight))))


def _of_late_steps(tonight: datetime) -> Select[int]:
    """An open step's process is running, and is looked up for each."""
    process = select(ApprovalProcess.ticket_id).where(ApprovalProcess.id == ApprovalProcessStep.process_id)
    return select(process.correlate(ApprovalProcessStep).scalar_subquery()).where(
        ApprovalProcessStep.status == constant("open"),
        ApprovalProcessStep.superseded.is_(False),
        ApprovalProcessStep.due_at < tonight,
    )


def not_final(ticket: Any) -> Condition:
    """Written out, as the index on what is still due says it."""
    condition: Condition = ticket.status.not_in(_FINAL)
    return condition


def _found(words: str) -> Condition:
    """Materialised: ordered by anything else, the planner would otherwise walk the table and probe each row.

    Without a name of its own: several lists are counted in one statement, each with its words.
    """
    hits = select(Ticket.id).where(said(words)).cte().prefix_with("MATERIALIZED")
    return Ticket.id.in_(select(hits.c.id))


def said(words: str) -> Condition:
    """By the index of the search alone: for statements that cannot be read in any other order."""
    query = words_query(words)
    return false() if query is None else Ticket.search.op("@@")(query)


def _about_people(filters: TicketFilters, actor: Actor) -> Iterable[Condition]:
    if filters.assignee:
        yield _any_of(Ticket.assignee_id, filters.assignee, actor)
    if filters.assigned_role:
        yield _any_of(Ticket.assigned_role_id, filters.assigned_role, actor)
    if filters.creator:
        asked = _ids(filters.creator, actor)
        yield or_(Ticket.created_by.in_(asked), Ticket.requester_id.in_(asked))
    if filters.watched_by:
        yield Ticket.id.in_(select(TicketWatcher.ticket_id).where(TicketWatcher.user_id == actor.id))


def _about_the_catalogue(filters: TicketFilters) -> Iterable[Condition]:
    if filters.template:
        yield _any_of(Ticket.template_id, filters.template, None)
    if filters.version:
        yield Ticket.template_version_id.in_(_looked_up(filters.version_ids))
    if filters.category:
        under = select(TicketCategory.ticket_id).where(TicketCategory.category_id.in_(_ids(filters.category, None)))
        yield Ticket.id.in_(under)
    if filters.label:
        labelled = select(TicketLabel.ticket_id).where(TicketLabel.label_id.in_(_ids(filters.label, None)))
        yield Ticket.id.in_(labelled)


def _about_approvals(filters: TicketFilters, actor: Actor, now: datetime) -> Iterable[Condition]:
    """Step, age and who is awaited are said of one and the same open step."""
    said: list[Condition] = []
    if filters.step:
        said.append(ApprovalProcessStep.step_key.in_(filters.step))
    if filters.waited:
        said.append(or_(*(_opened_ago(*AGES[age], now) for age in filters.waited)))
    if filters.waiting_on:
        said.append(_awaits(_ids(filters.waiting_on, actor)))
    if filters.waiting_role:
        said.append(ApprovalProcessStep.id.in_(_steps_with(_SEAT.role_id.in_(_ids(filters.waiting_role, None)))))
    if said:
        yield _open_step(*said)
    if filters.approval_template or filters.approval_version:
        by = ApprovalProcess.template_version_id.in_(_looked_up(filters.approval_version_ids))
        run = ApprovalProcess.status.in_((constant("running"), constant("returned")))
        yield Ticket.id.in_(select(ApprovalProcess.ticket_id).where(run, by))


def _looked_up(ids: tuple[int, ...] | None) -> tuple[int, ...]:
    """As values: the planner knows how many tickets each version has, and of a subquery nothing."""
    if ids is None:
        raise ValueError("the versions of these filters have not been looked up: see list_fields.understood")
    return ids


OPEN_STEP: tuple[Condition, ...] = (
    ApprovalProcess.status == constant("running"),
    ApprovalProcessStep.status == constant("open"),
    ApprovalProcessStep.superseded.is_(False),
)


def _open_step(*said: Condition) -> Condition:
    run = select(ApprovalProcess.ticket_id).join(
        ApprovalProcessStep, ApprovalProcessStep.process_id == ApprovalProcess.id
    )
    return Ticket.id.in_(run.where(*OPEN_STEP, *said))


def _opened_ago(least: int, most: int | None, now: datetime) -> Condition:
    opened = ApprovalProcessStep.opened_at
    newest = opened <= now - timedelta(hours=least)
    return newest if most is None else and_(newest, opened > now - timedelta(hours=most))


def _awaits(user_ids: list[int]) -> Condition:
    """A seat of their own, or of a group that they are in: each is read from its own index."""
    groups: Select[Any] = select(UserRole.role_id).where(UserRole.user_id.in_(user_ids), UserRole.deleted_at.is_(None))
    own, pooled = _SEAT.user_id.in_(user_ids), _SEAT.role_id.in_(groups)
    return ApprovalProcessStep.id.in_(union(_steps_with(own), _steps_with(pooled)))


_SEAT = ApprovalProcessStepApprover


def _steps_with(asked: Condition) -> Select[int]:
    return select(_SEAT.step_id).where(_SEAT.status == constant("pending"), asked)


def _about_time(filters: TicketFilters, zone: ZoneInfo, now: datetime) -> Iterable[Condition]:
    if filters.due:
        yield or_(*(_due(word, zone, now) for word in filters.due))
    if filters.on_time:
        kept = Ticket.resolved_at <= Ticket.due_at
        yield or_(*(kept if word == "yes" else Ticket.resolved_at > Ticket.due_at for word in filters.on_time))
    if filters.decided_from or filters.decided_to:
        ended = _between(ApprovalProcess.closed_at, filters.decided_from, filters.decided_to, zone)
        yield Ticket.id.in_(select(ApprovalProcess.ticket_id).where(*ended))
    for column, first, last in (
        (Ticket.created_at, filters.created_from, filters.created_to),
        (Ticket.resolved_at, filters.resolved_from, filters.resolved_to),
        (Ticket.closed_at, filters.closed_from, filters.closed_to),
    ):
        yield from _between(column, first, last, zone)


def _between(column: Any, first: str, last: str, zone: ZoneInfo) -> Iterable[Condition]:
    """From the first day's midnight to the last day's end, where they are given."""
    if first:
        yield column >= midnight(date.fromisoformat(first), zone)
    if last:
        yield column < midnight(date.fromisoformat(last) + timedelta(days=1), zone)


def _due(word: str, zone: ZoneInfo, now: datetime) -> Condition:
    if word == "risk":
        return at_risk(now, zone)
    today = now.astimezone(zone).date()
    first, last = {
        "overdue": (None, now),
        "today": (midnight(today, zone), midnight(today + timedelta(days=1), zone)),
        "week": (midnight(today, zone), midnight(today + timedelta(days=7), zone)),
    }[word]
    begun = Ticket.due_at >= first if first else Ticket.due_at.is_not(None)
    return and_(not_final(Ticket), begun, Ticket.due_at < last)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def end_of_day(moment: datetime, zone: ZoneInfo) -> datetime:
    return midnight(moment.astimezone(zone).date() + timedelta(days=1), zone)


def _any_of(column: Any, values: Iterable[str], actor: Actor | None) -> Condition:
    ids = _ids(values, actor)
    nobody = [column.is_(None)] if "none" in values else []
    return or_(*([column.in_(ids)] if ids else []), *nobody)


def _ids(values: Iterable[str], actor: Actor | None) -> list[int]:
    mine = [actor.id] if actor is not None and "me" in values else []
    return [*mine, *(int(value) for value in values if value.isdigit())]
