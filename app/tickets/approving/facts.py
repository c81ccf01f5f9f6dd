"""Everything outside the process that the engine decides upon, read after the lock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import conditions
from app.accounts.repository import administrators
from app.activity.models import TicketNote
from app.approvals.core.content import FILES, watch_hash
from app.approvals.core.context import Context, StepFacts, Verdict
from app.approvals.core.definition import ApproverLine, Flow, Step
from app.approvals.core.definition_json import flow_from_json
from app.approvals.core.needs import needs
from app.approvals.core.state import State
from app.approvals.models import ApprovalProcess, ApprovalTemplateVersion
from app.catalogue.business_time import BusinessCalendar
from app.catalogue.calendars import hours_of
from app.catalogue.matrices import entries_of
from app.clock import database_now
from app.db.constants import given, one_of
from app.ticket_templates.rules import condition_fields
from app.tickets import events
from app.tickets.approving.edits import edits_of
from app.tickets.approving.lines import LineResolver, named_in_fields
from app.tickets.approving.looking_up import looked_up
from app.tickets.approving.naming import names_in_conditions
from app.tickets.approving.people import Directory, read_directory, read_proxies, with_stand_ins
from app.tickets.approving.subject import Subject, subjects_of
from app.tickets.approving.watching import reads_of, reads_of_flow
from app.tickets.models import Ticket
from app.web.i18n import LOCALES, translator

_NOT_A_TOUCH = tuple(
    kind.code
    for kind in (
        events.RESTRICTED_VIEWED, events.LINK_ADD, events.LINK_REMOVE, events.COMMENT_ATTACHMENT_ADD,
        events.COMMENT_EDITED, events.COMMENT_REMOVED,
    )
)  # fmt: skip
"""A link may lead to what the voter cannot see; a vote that it kept from being taken back would tell of it."""
_OF_ITS_TICKET = (
    TicketNote.ticket_id == select(ApprovalProcess.ticket_id).filter_by(id=given("process")).scalar_subquery(),
    TicketNote.system,
)
_LAST = select(func.max(TicketNote.seq)).where(
    *_OF_ITS_TICKET,
    TicketNote.event_details["process"].as_integer() == given("process"),
    TicketNote.event_details["turn"].as_integer() == given("turn"),
)
_TOUCHED = select(
    exists().where(
        *_OF_ITS_TICKET, TicketNote.seq > _LAST.scalar_subquery(), ~one_of(TicketNote.event_type, _NOT_A_TOUCH)
    )
)
CALENDAR_ZONE = ZoneInfo("Europe/Berlin")
"""Of condition dates where no calendar names one."""


async def gather(
    session: AsyncSession, subject: Subject, flow: Flow, state: State, *actors: int, process_id: int | None = None
) -> tuple[Context, Directory]:
    """The context, and the directory with the names to tell it by."""
    wanted = needs(flow, state, *actors)
    lines = _all_lines(flow)
    named, matrices = (
        named_in_fields(lines, subject.values),
        await entries_of(session, looked_up(lines, subject.values)),
    )
    entries = [one for listed in matrices.values() for one in listed]
    people = wanted.people | named | {subject.creator_id, subject.requester_id}
    people |= {one.user_id for one in entries if one.user_id}
    roles = wanted.roles | named | {one.role_id for one in entries if one.role_id}
    now = await database_now(session)
    proxies = await read_proxies(session, subject.template_id, now)
    directory = await with_stand_ins(session, await read_directory(session, people, roles), proxies)
    directory = replace(
        directory, calendar=await hours_of(session, flow.calendar), matrices=matrices,
        said=await names_in_conditions(session, flow, subject),
    )  # fmt: skip
    reader = StepReader(subject, directory, now)
    context = Context(
        flow=flow,
        now=now,
        steps={key: reader.read(step) for key, step in flow.steps.items()},
        people=directory.people,
        members=directory.members,
        proxies=proxies,
        editors=await _editors(session, subject, flow),
        admins=await administrators(session),
        touched_since_vote=await _touched(session, state, process_id),
    )
    return context, directory


def reminders_before(due: datetime, hours: Sequence[int], calendar: BusinessCalendar | None) -> tuple[datetime, ...]:
    """By working hours where there is a calendar, by elapsed hours where there is none."""
    if calendar is None:
        return tuple(due - timedelta(hours=one) for one in hours)
    return tuple(at for one in hours if (at := calendar.before(due, one)))


class StepReader:
    """One step of the flow after another, for one subject at one moment."""

    def __init__(self, subject: Subject, directory: Directory, now: datetime) -> None:
        self.subject, self.now, self.calendar = subject, now, directory.calendar
        self.fields = condition_fields(subject.form)
        self.condition_context = conditions.Context(
            now=now,
            zone=self.calendar.zone if self.calendar else CALENDAR_ZONE,
            requester=subject.requester_id,
            known=frozenset(self.fields),
        )
        self.names = directory
        self.resolver = LineResolver(subject, directory, self.holds)

    def read(self, step: Step) -> StepFacts:
        lines = self.resolver.resolve(step.approvers, step=step.key)
        due_at, remind_at = self._deadline(step)
        reads = reads_of(step)
        return StepFacts(
            watch_hash=self.content_hash(step),
            reads_hash=watch_hash(self.subject.values, (), sorted(reads)),
            condition=self.verdict(step.condition) if step.condition else None,
            lines=lines,
            fallback=self.resolver.resolve(step.fallback),
            escalation=self.resolver.resolve(step.deadline.to) if step.deadline else (),
            due_at=due_at,
            remind_at=remind_at,
        )

    def _deadline(self, step: Step) -> tuple[datetime | None, tuple[datetime, ...]]:
        """Working hours by the flow's calendar; elapsed hours where there is none."""
        rule, calendar = step.deadline, self.calendar
        if rule is None:
            return None, ()
        elapsed = self.now + timedelta(hours=rule.business_hours)
        due = calendar.after(self.now, rule.business_hours) if calendar else elapsed
        return due, reminders_before(due, rule.remind, calendar) if due else ()

    def content_hash(self, step: Step) -> str:
        watched = self.watched(step)
        return watch_hash(watched, watched.get(FILES) or (), sorted(watched))

    def watched(self, step: Step) -> dict[str, Any]:
        """What a vote on this step is bound to."""
        reads = reads_of(step)
        if step.watches is None:
            return self.subject.watched(reads)
        return {name: self.subject.values.get(name) for name in sorted({*step.watches, *reads})}

    def holds(self, tree: Mapping[str, Any]) -> bool:
        return self.verdict(tree).holds

    def verdict(self, tree: Mapping[str, Any]) -> Verdict:
        """A condition that this form cannot answer is undecided, so the step opens and says why."""
        try:
            condition = conditions.parse(tree, self.fields)
        except conditions.ConditionError as error:
            problem = error.problems[0]
            return Verdict(False, undecided=True, revision=str(self.subject.version), **_said(problem.told))
        answer = conditions.evaluate(condition, self.subject.values, self.condition_context)
        return Verdict(
            answer.answer,
            undecided=answer.undecided,
            revision=str(self.subject.version),
            **_said(
                lambda translate: conditions.why(
                    condition, self.fields, self.subject.values, self.condition_context, translate=translate,
                    names=self.names.called,
                )
            ),
        )  # fmt: skip


def _said(tell: Callable[[Callable[[str], str]], str]) -> dict[str, Any]:
    """In every language: whoever submits a request does not choose in which the others read why it is with them."""
    others = {language: tell(translator(language)) for language in LOCALES if language != "en"}
    return {"sentence": tell(translator("en")), "elsewhere": others}


def _all_lines(flow: Flow) -> list[ApproverLine]:
    steps = flow.steps.values()
    lines = [line for step in steps for line in (*step.approvers, *step.fallback)]
    return lines + [line for step in steps if step.deadline for line in step.deadline.to]


async def _editors(session: AsyncSession, subject: Subject, flow: Flow) -> frozenset[int]:
    """Whoever changed a watched value, in whatever round; the askers' own edits are the requester rule's."""
    if subject.ticket_id is None:
        return frozenset()
    free = subject.free(reads_of_flow(flow))
    found = {edit.by for edit in await edits_of(session, subject.ticket_id) if edit.names - free}
    return frozenset(found - {subject.creator_id, subject.requester_id})


async def _touched(session: AsyncSession, state: State, process_id: int | None) -> bool:
    """Whether anything but comments, views and what the vote itself set off followed the last vote."""
    if state.undo is None or process_id is None:
        return False
    asked = {"process": process_id, "turn": state.undo.turn}
    return bool((await session.execute(_TOUCHED, asked)).scalar())


async def content_hashes(
    session: AsyncSession, wanted: Sequence[tuple[int, str]], *, now: datetime
) -> dict[tuple[int, str], str]:
    """By (process, step key): what a vote on each would be bound to; a fixed number of queries however many."""
    query = (
        select(ApprovalProcess.id, Ticket, ApprovalTemplateVersion)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .join(ApprovalTemplateVersion, ApprovalTemplateVersion.id == ApprovalProcess.template_version_id)
        .where(ApprovalProcess.id.in_({process for process, _step in wanted}))
    )
    rows = (await session.execute(query)).all() if wanted else []
    subjects = await subjects_of(session, [row[1] for row in rows])
    readers = {
        process: (StepReader(subjects[ticket.id], Directory(), now), flow_from_json(version.definition))
        for process, ticket, version in rows
    }
    return {(process, key): readers[process][0].content_hash(readers[process][1].steps[key]) for process, key in wanted}
