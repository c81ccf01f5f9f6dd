"""What changed since somebody looked last, as they may read it: before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.narrative import Ids
from app.activity.narrative import Names as EventNames
from app.activity.vocabulary import word
from app.actor import Actor
from app.approvals.core.content import FILES, Change
from app.approvals.core.explain import Explanation
from app.approvals.core.state import VOTED, ProcessStatus
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.catalogue.names import names_for
from app.db.constants import given, one_of
from app.ticket_templates.fields import FieldType
from app.ticket_templates.file_answers import told_apart
from app.ticket_templates.showing import NOTHING, Names, text_of
from app.tickets.approving.desk import Running
from app.tickets.approving.readable import readable_on
from app.tickets.approving.seen import changed_after, changed_since
from app.tickets.approving.subject import Subject
from app.tickets.models import Ticket
from app.web.formats import day, day_and_time
from app.web.i18n import gettext as _
from app.web.i18n import ngettext, series


@dataclass(frozen=True, slots=True)
class ChangedValue:
    label: str
    before: str
    after: str


_DECIDED = (
    select(func.max(ApprovalProcessStepApprover.decided_at))
    .join(ApprovalProcessStep, ApprovalProcessStep.id == ApprovalProcessStepApprover.step_id)
    .join(ApprovalProcess, ApprovalProcess.id == ApprovalProcessStep.process_id)
    .where(ApprovalProcess.ticket_id == given("ticket"), ApprovalProcessStepApprover.acted_by == given("person"))
    .where(one_of(ApprovalProcessStepApprover.status, sorted(VOTED)))
)


@dataclass(frozen=True, slots=True)
class Changed:
    title: str
    values: Sequence[ChangedValue]


async def changed_for(
    session: AsyncSession, actor: Actor, ticket: Ticket, running: Running, explanation: Explanation
) -> Changed | None:
    """Since their own last decision on it, else since the earlier round of the steps that are open."""
    if running.state.status is not ProcessStatus.RUNNING:
        return None
    mine = {vote.step_key for vote in explanation.votes}
    steps = mine or {run.step_key for run in running.state.open_runs}
    since = await _last_decision(session, actor, ticket) if mine else None
    title = _("Changed since you decided, %(when)s") % {"when": day_and_time(since)} if since else ""
    if since is None:
        since, title = _earlier_round(running, steps)
    if since is None:
        return None
    found = await changed_after(session, running, since, steps)
    values = await told(session, actor, ticket, running.subject, found)
    return Changed(title, values) if values else None


async def changed_since_seen(
    session: AsyncSession, actor: Actor, ticket: Ticket, running: Running, *, seat: int, seen_hash: str
) -> list[Change]:
    """Between what they had before them and what is there now, for whoever decided upon the former."""
    found = running.state.seat(seat)
    if found is None:
        return []
    changes = await changed_since(session, running, found[0].step_key, seen_hash)
    return await readable(session, actor, ticket, running.subject, changes)


async def told(
    session: AsyncSession, actor: Actor, ticket: Ticket, subject: Subject, changes: Sequence[Change]
) -> list[ChangedValue]:
    """Who is asked reads what their step watches; nobody else reads an answer that is not for them."""
    shown = await readable(session, actor, ticket, subject, changes)
    names = await names_for(session, _ids(subject, shown)) if shown else EventNames()
    return [ChangedValue(subject.label(one.field), *_told(subject, one, names)) for one in shown]


async def readable(
    session: AsyncSession, actor: Actor, ticket: Ticket, subject: Subject, changes: Sequence[Change]
) -> list[Change]:
    if subject.form is None or not changes:
        return list(changes)
    may_read = await readable_on(session, actor, ticket, subject.form)
    return [one for one in changes if one.field in may_read or subject.form.field(one.field) is None]


async def _last_decision(session: AsyncSession, actor: Actor, ticket: Ticket) -> datetime | None:
    asked = {"ticket": ticket.id, "person": actor.id}
    return (await session.execute(_DECIDED, asked)).scalar_one_or_none()


def _earlier_round(running: Running, steps: Iterable[str]) -> tuple[datetime | None, str]:
    """An edit in between has ended that round, so its content is what it began with."""
    wanted = set(steps)
    past = [run for run in running.state.runs if run.superseded and run.step_key in wanted and run.opened_at]
    if not past:
        return None, ""
    last = max(past, key=lambda run: run.round)
    return last.opened_at, _("Changed since round %(round)d") % {"round": last.round}


def _ids(subject: Subject, changes: Sequence[Change]) -> Ids:
    ids = Ids()
    for one in changes:
        for value in (one.before, one.after):
            wanted = _kind(subject, one.field, ids)
            if wanted is not None:
                wanted.update(value if isinstance(value, list) else [value] if isinstance(value, int) else [])
    return ids


def _kind(subject: Subject, name: str, ids: Ids) -> set[int] | None:
    field = subject.form.field(name) if subject.form else None
    kinds = {"user": ids.people, "role": ids.roles}
    own = {
        "requester": ids.people, "assignee": ids.people, "assigned_role": ids.roles, "labels": ids.labels,
        "category": ids.categories,
    }  # fmt: skip
    return kinds.get(str(field.type)) if field else own.get(name)


def _told(subject: Subject, one: Change, names: EventNames) -> tuple[str, str]:
    field = subject.form.field(one.field) if subject.form else None
    if field is not None and field.type is FieldType.ATTACHMENT:
        before, after = told_apart(one.before, one.after)
        return before or NOTHING, after or NOTHING
    return _text(subject, one.field, one.before, names), _text(subject, one.field, one.after, names)


def _text(subject: Subject, name: str, value: Any, names: EventNames) -> str:
    field = subject.form.field(name) if subject.form else None
    if field is not None:
        return text_of(field, value, Names(people=names.people, roles=names.roles))
    if value in (None, "", []):
        return NOTHING
    said: str = _BUILT_IN.get(name, _plain)(value, names)
    return said


def _plain(value: Any, _names: EventNames) -> str:
    return str(value)


def _listed(value: Any, named: Mapping[int, str]) -> str:
    return series(named.get(one, NOTHING) for one in value)


def _person(value: Any, names: EventNames) -> str:
    found = names.people.get(value)
    return found.name if found else NOTHING


_BUILT_IN: Mapping[str, Any] = {
    "requester": _person, "assignee": _person,
    "assigned_role": lambda value, names: names.roles.get(value, NOTHING),
    "labels": lambda value, names: _listed(value, names.labels),
    "category": lambda value, names: _listed(value, names.categories),
    "priority": lambda value, _names: word(value), "visibility": lambda value, _names: word(value),
    FILES: lambda value, _names: ngettext("%(num)s file", "%(num)s files", len(value)) % {"num": len(value)},
    "due_at": lambda value, _names: day(datetime.fromisoformat(value)),
}  # fmt: skip
