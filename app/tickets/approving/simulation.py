"""Who would approve this? A flow as it stands on an administrator's screen, tried on a request that nobody made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import active_people, people, role_names
from app.actor import Actor
from app.approvals.core.definition import Flow
from app.approvals.core.definition_json import flow_to_json
from app.approvals.wording import Named, ids_in, said_line
from app.clock import utc_now
from app.ticket_templates import values as answers
from app.ticket_templates.asking import Choice, Question, questions
from app.ticket_templates.repository import offered_templates
from app.ticket_templates.rules import condition_fields
from app.ticket_templates.service import Form, TicketTemplates
from app.tickets.approving.forecast import Forecast, foresee
from app.tickets.content import Content
from app.tickets.requesting import people_for
from app.web.formats import zone_of
from app.web.forms import Form as TypedForm
from app.web.forms import Submitted
from app.web.i18n import gettext as _
from app.web.i18n import series

Uses = Sequence[tuple[str, str]]
"""(key, name) of the forms that run through the flow."""


@dataclass(slots=True)
class Simulation:
    """What the panel shows; `forecast` is none until there is something to try."""

    people: list[Choice]
    forms: list[Choice]
    requester: str
    form: str
    questions: list[Question]
    errors: dict[str, str] = field(default_factory=dict)
    forecast: Forecast | None = None
    asked: dict[int, str] = field(default_factory=dict)


async def simulate(
    session: AsyncSession, actor: Actor, flow: Flow | None, sent: Submitted, *, uses: Uses, is_asked: bool
) -> Simulation:
    """`flow`: none if what is on the screen is no flow yet."""
    offered = {one.key: one.name for one in await offered_templates(session)}
    forms = [*uses, *((key, name) for key, name in offered.items() if (key, name) not in uses)]
    chosen = (
        sent.get("ticket_template")
        if sent.get("ticket_template") in offered
        else next((key for key, _name in forms), "")
    )
    form = await TicketTemplates(session, actor).published_form(chosen) if chosen else None
    typed = TypedForm(sent)
    values, drawn = await _read(session, actor, form, typed, is_asked)
    found = Simulation(
        [Choice(str(row.id), row.name) for row in await active_people(session)],
        [Choice(key, name) for key, name in forms], sent.get("requester_id") or str(actor.id), chosen, drawn,
        typed.errors,
    )  # fmt: skip
    requester = await _requester(session, typed) if is_asked else None
    if flow is not None and form is not None and requester is not None and not typed.errors:
        content = _content(form, requester, values)
        found.forecast = await foresee(session, Actor(id=requester.id, name=requester.name), form, content, flow)
        found.asked = await _asked(session, flow, form)
    return found


async def _read(
    session: AsyncSession, actor: Actor, form: Form | None, typed: TypedForm, is_asked: bool
) -> tuple[Mapping[str, Any], list[Question]]:
    """The answers, and the questions with what was typed and what is wrong with it."""
    if form is None:
        return {}, []
    now, zone, definition = utc_now(), zone_of(actor.time_zone), form.definition
    picked = await people_for(session, definition)
    if not is_asked:
        first = answers.default_values(definition)
        return first, questions(definition, first, now=now, zone=zone, people=picked)
    reading = answers.read(definition, typed.typed, now=now, zone=zone, lenient=True)
    typed.errors |= reading.errors
    return reading.values, questions(
        definition, reading.values, now=now, zone=zone, people=picked, typed=typed.typed, errors=typed.errors,
        visible=reading.visible,
    )  # fmt: skip


async def _requester(session: AsyncSession, typed: TypedForm) -> UserCard | None:
    chosen = typed.row("requester_id", required=True)
    found = (await people(session, [chosen or 0])).get(chosen or 0)
    if chosen and (found is None or not found.is_active):
        typed.errors["requester_id"] = _("Choose somebody who is active.")
        return None
    return found


def _content(form: Form, requester: UserCard, values: Mapping[str, Any]) -> Content:
    definition = form.definition
    return Content(
        title=definition.name, fields=dict(values), priority=definition.default_priority,
        visibility=definition.default_visibility, assignee_id=definition.default_assignee_id,
        assigned_role_id=definition.default_assigned_role_id, category_ids=list(definition.category_ids),
        label_ids=list(definition.label_ids), requester_id=requester.id,
    )  # fmt: skip


async def _asked(session: AsyncSession, flow: Flow, form: Form) -> dict[int, str]:
    """The approver lines of each step in words: why these people."""
    plain = flow_to_json(flow)
    named = set(ids_in(plain))
    users = await people(session, [row for key, row in named if key == "user_id"])
    roles = await role_names(session, [row for key, row in named if key == "role_id"])
    fields = {form.definition.name: condition_fields(form.definition)}
    names = Named({row: user.name for row, user in users.items()}, roles, fields)
    steps = [step for stage in plain["stages"] for step in stage["steps"]]
    return {
        number: _("Asked: %(who)s") % {"who": series(said_line(line, names) for line in step["approvers"])}
        for number, step in enumerate(steps, 1)
    }
