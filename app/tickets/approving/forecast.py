"""Who would approve a request that is still being typed: the same facts and rules as when it is submitted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import people
from app.actor import Actor
from app.approvals.core.context import Context, ResolvedLine
from app.approvals.core.counting import bar, may_still_vote
from app.approvals.core.definition import Flow, Mode, Step
from app.approvals.core.definition_json import flow_from_json
from app.approvals.core.eligibility import ineligible
from app.approvals.core.seating import candidates, opening_seats
from app.approvals.core.state import State, StepRun
from app.approvals.repository import published_flow
from app.clock import utc_now
from app.ticket_templates.service import Form
from app.tickets.approving.facts import gather
from app.tickets.approving.picks import pick_line
from app.tickets.approving.stand_ins import longest, stand_in_told
from app.tickets.approving.subject import Subject
from app.tickets.content import Content
from app.web.formats import amounts
from app.web.i18n import gettext as _
from app.web.i18n import own_words


@dataclass(frozen=True, slots=True)
class ForecastStep:
    """`why`: because of which answer it is there, or is not; `stand_ins`: who answers for whom now, in words."""

    number: int
    stage: int
    name: str
    why: str
    is_skipped: bool
    needed: str = ""
    people: list[UserCard] = field(default_factory=list)
    stand_ins: list[str] = field(default_factory=list)
    is_unchosen: bool = False
    """The requester has yet to choose who is asked."""
    is_out_of_reach: bool = False
    """There are people to ask, and fewer than have to approve."""

    @property
    def is_stuck(self) -> bool:
        return not self.is_skipped and not self.people and not self.is_unchosen


@dataclass(frozen=True, slots=True)
class Forecast:
    """Without a flow nobody approves; `is_missing`: the form names one that cannot be taken."""

    flow_name: str = ""
    steps: list[ForecastStep] = field(default_factory=list)
    is_missing: bool = False

    @property
    def needs_nobody(self) -> bool:
        return not self.flow_name and not self.is_missing


async def forecast(
    session: AsyncSession, actor: Actor, form: Form | None, content: Content, *, flow_key: str | None = None
) -> Forecast:
    """`flow_key`: what if it ran through this flow, and not through its form's."""
    key = flow_key or (form.definition.approval_template if form else None)
    if form is None or key is None:
        return Forecast()
    version = await published_flow(session, key)
    if version is None:
        return Forecast(is_missing=True)
    return await foresee(session, actor, form, content, flow_from_json(version.definition))


async def foresee(session: AsyncSession, actor: Actor, form: Form, content: Content, flow: Flow) -> Forecast:
    """As if the request ran through this flow, published or not."""
    subject = subject_typed(actor, form, content)
    context, directory = await gather(session, subject, flow, State(), actor.id)
    state = State(creator_id=subject.creator_id, requester_id=subject.requester_id)
    told = [
        _told(number, step, state, context, subject, directory.names)
        for number, step in enumerate(flow.steps.values(), 1)
    ]
    persons = await people(session, [one for _step, ids in told for one in ids])
    return Forecast(flow.name, [_with_people(step, ids, persons) for step, ids in told])


def subject_typed(actor: Actor, form: Form, content: Content) -> Subject:
    requester = content.requester_id or actor.id
    values: dict[str, Any] = {
        **content.fields, "title": content.title, "description": content.description, "status": "draft",
        "priority": content.priority, "visibility": content.visibility, "requester": requester, "creator": actor.id,
        "created_at": utc_now().isoformat(), "assignee": content.assignee_id, "assigned_role": content.assigned_role_id,
        "due_at": content.due_at.isoformat() if content.due_at else None, "category": content.category_ids,
        "labels": content.label_ids,
    }  # fmt: skip
    return Subject(
        creator_id=actor.id, requester_id=requester, template_id=form.template.id, form=form.definition, values=values,
        picks=content.picks or {},
    )  # fmt: skip


def _told(
    number: int, step: Step, state: State, context: Context, subject: Subject, names: Mapping[int, str]
) -> tuple[ForecastStep, list[int]]:
    verdict, stage = context.facts(step.key).condition, context.flow.stage_of[step.key]
    why = amounts(own_words(verdict.sentence, verdict.elsewhere)) if verdict else ""
    if verdict is not None and verdict.skips:
        return ForecastStep(number, stage, step.name, why, is_skipped=True), []
    run = StepRun(1, step.key, stage, 1, seats=opening_seats(state, context, step, 2))
    unchosen = pick_line(step) is not None and not subject.picks.get(step.key)
    own, fallback = may_still_vote(state, context, run), set(_fallback(state, context, step))
    ids = sorted(own) or ([] if unchosen else sorted(fallback))
    height = bar(state, context, run)
    return ForecastStep(
        number, stage, step.name, why, is_skipped=False, needed=_needed(step, height, ids), is_unchosen=unchosen,
        is_out_of_reach=bool(ids) and not unchosen and height > len(own | fallback),
        stand_ins=list(_stand_ins(state, context, step, ids, names)),
    ), ids  # fmt: skip


def _stand_ins(
    state: State, context: Context, step: Step, ids: Collection[int], names: Mapping[int, str]
) -> Iterator[str]:
    """Of those who are asked: whoever may answer for one of them now."""
    for proxy in longest(context.proxies):
        if proxy.principal_id in ids and ineligible(state, context, step, None, proxy.proxy_id) is None:
            yield stand_in_told(names.get(proxy.proxy_id, ""), names.get(proxy.principal_id, ""), proxy.ends_at)


def _fallback(state: State, context: Context, step: Step) -> Iterator[int]:
    """Who comes in where the step's own lines lead to nobody."""
    for line in context.facts(step.key).fallback:
        for person in _people_of(state, context, step, line):
            if ineligible(state, context, step, None, person) is None:
                yield person


def _people_of(state: State, context: Context, step: Step, line: ResolvedLine) -> Iterator[int]:
    found = context.members.get(line.role_id or 0, ()) if line.is_pool else candidates(state, context, step, line)
    return (one.user_id for one in found)


def _needed(step: Step, needed: int, ids: list[int]) -> str:
    if len(ids) < 2:
        return ""
    if step.mode is Mode.ALL:
        return _("all of them")
    if step.mode is Mode.ANY:
        return _("any one of %(people)d") % {"people": len(ids)}
    return _("any %(needed)d of %(people)d") % {"needed": max(needed, 1), "people": len(ids)}


def _with_people(step: ForecastStep, ids: list[int], persons: dict[int, UserCard]) -> ForecastStep:
    found = sorted((persons[one] for one in ids if one in persons), key=lambda person: person.name)
    return replace(step, people=found)
