"""Approvals that wait: by step and age, and who holds them longest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import members_of, people, role_names
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalTemplate,
    ApprovalTemplateVersion,
)
from app.dashboards.counting import Linked, count_all
from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.approving.reminding import PAUSE, last_reminders
from app.tickets.filters import AGES, TicketFilters
from app.tickets.matching import OPEN_STEP, matching
from app.tickets.models import Ticket

MOST_STEPS, MOST_HOLDERS = 6, 3
Step, Seat = ApprovalProcessStep, ApprovalProcessStepApprover


@dataclass(frozen=True, slots=True)
class WaitingStep:
    name: str
    flow: str
    """Steps of two flows are two, however much their keys or names are alike."""
    total: Linked
    ages: dict[str, Linked]


async def waiting_steps(session: AsyncSession, scope: Scope) -> list[WaitingStep]:
    """Distinct tickets a step, the fullest first; a ticket whose steps run side by side is in several."""
    hours = [(age, most) for age, (_, most) in AGES.items() if most is not None]
    last = next(age for age, (_, most) in AGES.items() if most is None)
    age = case(*((Step.opened_at > scope.now - timedelta(hours=most), name) for name, most in hours), else_=last)
    flow = ApprovalTemplate.key.label("flow")
    names = func.max(Step.name).label("name"), func.max(ApprovalTemplate.name).label("flow_name")
    query = (
        _open_steps(scope, flow, Step.step_key, age.label("age"), *names, _tickets())
        .join(ApprovalTemplateVersion, ApprovalTemplateVersion.id == ApprovalProcess.template_version_id)
        .join(ApprovalTemplate, ApprovalTemplate.id == ApprovalTemplateVersion.template_id)
        .group_by(flow, Step.step_key, age)
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    called: dict[tuple[str, str], tuple[str, str]] = {}
    for row in (await session.execute(planned_each_time(query))).all():
        place = row.flow, row.step_key
        found.setdefault(place, {})[row.age] = row.number
        called[place] = max(called.get(place, ("", "")), (row.name, row.flow_name))
    steps = [_step(scope, place, called[place], ages) for place, ages in found.items()]
    return sorted(steps, key=lambda step: (-step.total.number, step.name, step.flow))[:MOST_STEPS]


def _step(scope: Scope, place: tuple[str, str], called: tuple[str, str], ages: dict[str, int]) -> WaitingStep:
    flow, key = place
    own = {"approval_template": (flow,), "step": (key,), "status": ("waiting_approval",)}
    linked = {age: Linked(ages.get(age, 0), scope.tickets(waited=(age,), **own)) for age in AGES}
    return WaitingStep(*called, Linked(sum(ages.values()), scope.tickets(**own)), linked)


def _tickets() -> Any:
    return func.count(Ticket.id.distinct()).label("number")


def _open_steps(scope: Scope, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Step)
        .join(ApprovalProcess, ApprovalProcess.id == Step.process_id)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(*OPEN_STEP, *matching(scope.tickets(status=("waiting_approval",)), scope.actor, scope.now))
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps approvals waiting: a person, or a group of which nobody has decided yet."""

    name: str
    people: Sequence[UserCard]
    is_group: bool
    step_id: int
    step_name: str
    since: datetime
    requests: Linked
    reminded_at: datetime | None

    def waited(self, now: datetime) -> timedelta:
        return max(now - self.since, timedelta())

    def tone(self, now: datetime) -> str:
        return "neg" if self.waited(now) > timedelta(days=3) else "warn"


async def longest_holders(session: AsyncSession, scope: Scope) -> list[Holder]:
    """By the request that has waited longest for them."""
    oldest = func.array_agg(aggregate_order_by(Step.id, Step.opened_at, Step.id))
    query = (
        _open_steps(
            scope, Seat.user_id, Seat.role_id, func.min(Step.opened_at).label("since"), oldest[1].label("step_id")
        )
        .join(Seat, Seat.step_id == Step.id)
        .where(Seat.status == "pending")
        .group_by(Seat.user_id, Seat.role_id)
        .order_by(func.min(Step.opened_at), Seat.user_id, Seat.role_id)
        .limit(MOST_HOLDERS)
    )
    rows = (await session.execute(planned_each_time(query))).all()
    lists = [_held_by(scope, row.user_id, row.role_id) for row in rows]
    numbers, _ = await count_all(session, scope, lists)
    persons = await people(session, [row.user_id for row in rows])
    roles, members = await _groups(session, [row.role_id for row in rows if row.role_id])
    names = await step_names(session, [row.step_id for row in rows])
    reminded = await last_reminders(session, [row.step_id for row in rows], since=scope.now - PAUSE)
    return [
        Holder(
            name=persons[row.user_id].name if row.user_id else roles[row.role_id],
            people=[persons[row.user_id]] if row.user_id else members[row.role_id][:2],
            is_group=row.role_id is not None, step_id=row.step_id, step_name=names[row.step_id], since=row.since,
            requests=numbers[filters], reminded_at=reminded.get(row.step_id),
        )
        for row, filters in zip(rows, lists, strict=True)
    ]  # fmt: skip


def _held_by(scope: Scope, user_id: int | None, role_id: int | None) -> TicketFilters:
    held = {"waiting_on": (str(user_id),)} if user_id else {"waiting_role": (str(role_id),)}
    return scope.tickets(status=("waiting_approval",), **held)


async def _groups(session: AsyncSession, role_ids: list[int]) -> tuple[dict[int, str], dict[int, Sequence[UserCard]]]:
    return await role_names(session, role_ids), await members_of(session, role_ids)


async def step_names(session: AsyncSession, step_ids: Iterable[int]) -> dict[int, str]:
    query = select(Step.id, Step.name).where(Step.id.in_(set(step_ids)))
    return {row.id: row.name for row in (await session.execute(query)).all()}
