"""Steps whose approvers the requester names: whom they may choose from, and what is wrong with a choice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.context import Context
from app.approvals.core.definition import ApproverLine, Flow, Source, Step
from app.approvals.core.eligibility import Entry, ineligible
from app.approvals.core.state import State
from app.approvals.models import ApprovalTemplateVersion
from app.approvals.repository import flow_of, published_flow
from app.ticket_templates.definition import FormDefinition
from app.tickets.approving.facts import gather
from app.tickets.approving.people import Directory
from app.tickets.approving.subject import Subject, subject_of
from app.tickets.models import Ticket
from app.web.i18n import gettext as _
from app.web.i18n import ngettext

PREFIX = "picks."

Picks = Mapping[str, Sequence[int]]
"""Ids of people by the key of the step that they are to decide in."""


@dataclass(frozen=True, slots=True)
class PickStep:
    """`people`: ids and names of those who may decide there now."""

    key: str
    name: str
    role: str
    count: int
    is_needed: bool
    people: Mapping[int, str]

    @property
    def input_name(self) -> str:
        return PREFIX + self.key

    @property
    def label(self) -> str:
        return _("Who approves: %(step)s") % {"step": self.name}

    @property
    def options(self) -> list[dict[str, object]]:
        return [{"value": row, "label": name} for row, name in self.people.items()]

    @property
    def help(self) -> str:
        said = ngettext(
            "You choose %(num)d person from %(role)s.", "You choose %(num)d people from %(role)s.", self.count
        )
        told = said % {"num": self.count, "role": self.role}
        return told if self.is_needed else f"{told} {_('As it stands, this step is not needed.')}"

    def problem(self, picked: Sequence[int], *, lenient: bool) -> str | None:
        """A draft may still lack somebody; whom it names may decide."""
        if any(one not in self.people for one in picked):
            return _("Choose from those in %(role)s who may decide here now.") % {"role": self.role}
        number = len(set(picked))
        if number > self.count or (self.is_needed and not lenient and number < self.count):
            said = ngettext("Choose %(num)d person.", "Choose %(num)d different people.", self.count)
            return said % {"num": self.count}
        return None


def problems(steps: Iterable[PickStep], picks: Picks, *, lenient: bool) -> dict[str, str]:
    """By input."""
    found = {step.input_name: step.problem(picks.get(step.key, ()), lenient=lenient) for step in steps}
    return {name: sentence for name, sentence in found.items() if sentence}


def unknown(steps: Iterable[PickStep], picks: Picks) -> dict[str, str]:
    """What is said about steps in which the requester chooses nobody."""
    names = {step.key for step in steps}
    return {PREFIX + key[:63]: _("Nobody is chosen for this step.") for key in picks if key not in names}


def known(steps: Iterable[PickStep], picks: Picks) -> dict[str, list[int]]:
    return {step.key: list(dict.fromkeys(picks[step.key])) for step in steps if picks.get(step.key)}


def pick_line(step: Step) -> ApproverLine | None:
    """A step has at most one."""
    return next((line for line in step.approvers if line.source is Source.PICK), None)


async def pick_steps(session: AsyncSession, asker_id: int, subject: Subject, flow: Flow | None) -> list[PickStep]:
    """In the order of the flow; a flow without any costs no query."""
    if flow is None or not any(pick_line(step) for step in flow.steps.values()):
        return []
    state = State(creator_id=subject.creator_id, requester_id=subject.requester_id)
    context, directory = await gather(session, subject, flow, state, asker_id)
    found = ((step, pick_line(step)) for step in flow.steps.values())
    return [_told(step, line, state, context, directory) for step, line in found if line is not None]


async def pick_steps_of(session: AsyncSession, ticket: Ticket, form: FormDefinition | None) -> list[PickStep]:
    """Of the flow that the next submission runs through."""
    flow = await _flow_ahead(session, ticket, form)
    if flow is None or not any(pick_line(step) for step in flow.steps.values()):
        return []
    return await pick_steps(session, ticket.created_by, await subject_of(session, ticket), flow)


async def _flow_ahead(session: AsyncSession, ticket: Ticket, form: FormDefinition | None) -> Flow | None:
    """What was sent back goes on in the version it began with."""
    if ticket.approval == "returned" and ticket.approval_template_version_id is not None:
        return flow_of(await session.get_one(ApprovalTemplateVersion, ticket.approval_template_version_id))
    return await flow_of_form(session, form)


async def flow_of_form(session: AsyncSession, form: FormDefinition | None) -> Flow | None:
    if form is None or form.approval_template is None:
        return None
    version = await published_flow(session, form.approval_template)
    return flow_of(version) if version else None


def _told(step: Step, line: ApproverLine, state: State, context: Context, directory: Directory) -> PickStep:
    verdict, role_id = context.facts(step.key).condition, line.role_id or 0
    eligible = {
        one.user_id: directory.names.get(one.user_id, "")
        for one in context.members.get(role_id, ())
        if ineligible(state, context, step, None, one.user_id, Entry(one.made_by, one.made_at)) is None
    }
    return PickStep(
        step.key, step.name, directory.role_names.get(role_id, ""), line.count,
        is_needed=verdict is None or not verdict.skips,
        people=dict(sorted(eligible.items(), key=lambda pair: pair[1])),
    )  # fmt: skip
