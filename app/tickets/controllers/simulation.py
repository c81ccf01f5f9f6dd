"""Trying an approval template out: beside its editor, with what is on the screen, or on a page of its own."""

from typing import Any

from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.definition import Flow
from app.approvals.core.definition_json import flow_from_json
from app.approvals.forms import ApprovalTemplateForm
from app.approvals.models import ApprovalTemplate
from app.approvals.repository import flow_of
from app.approvals.service import ApprovalTemplates
from app.tickets.approving.simulation import simulate
from app.tickets.controllers.answering import AnyRequest
from app.web.door import visit_of
from app.web.forms import Submitted, submitted
from app.web.guards import ADMIN, access
from app.web.pages import page, partial
from app.web.params import key as canonical_key
from app.web.transaction import Db, Who

NEW = "new"
"""Stands for a flow that is typed and has no key yet; no approval template may have it."""


class ApprovalSimulation(Controller):
    path = "/admin/approval-templates/{template_key:str}/simulation"
    opt = access(ADMIN)

    @get()
    async def show(
        self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who, state: State
    ) -> Template:
        template = await _template(db, actor, state, template_key)
        return await _panel(request, db, actor, template, Submitted(), is_asked=False)

    @post(status_code=200)
    async def run(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who, state: State) -> Template:
        template = await _template(db, actor, state, template_key)
        return await _panel(request, db, actor, template, await submitted(request), is_asked=True)


async def _template(db: AsyncSession, actor: Actor, state: State, key: str) -> ApprovalTemplate | None:
    if canonical_key(key) == NEW:
        return None
    return await ApprovalTemplates(db, actor, state.forms_of_flow).find(key)


async def _panel(
    request: AnyRequest, db: AsyncSession, actor: Actor, template: ApprovalTemplate | None, sent: Submitted,
    *, is_asked: bool,
) -> Template:  # fmt: skip
    state = request.app.state
    uses = (await state.forms_by_flow(db)).get(template.key, ()) if template else ()
    flow = _on_the_screen(sent) if "row" in sent else await _kept(db, actor, state, template)
    found = await simulate(db, actor, flow, sent, uses=uses, is_asked=is_asked)
    context: dict[str, Any] = {
        "template": template, "url": request.url.path, "simulation": found, "is_asked": is_asked,
        "is_readable": flow is not None,
    }  # fmt: skip
    status = 422 if found.errors else 200
    if visit_of(request).htmx:
        return partial("tickets/simulation/panel", status=status, **context)
    return await page(request, "tickets/simulation/index", active="approval-templates", status=status, **context)


def _on_the_screen(sent: Submitted) -> Flow | None:
    """As it is typed in the editor, saved or not."""
    form = ApprovalTemplateForm(sent)
    definition = form.definition(key=sent.get("approval_template") or "new")
    form.errors.pop("name", None)
    return None if form.errors else _flow(definition)


def _flow(definition: dict[str, Any]) -> Flow | None:
    try:
        flow = flow_from_json(definition)
        return flow if len(flow.steps) == sum(len(stage.steps) for stage in flow.stages) else None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None


async def _kept(db: AsyncSession, actor: Actor, state: State, template: ApprovalTemplate | None) -> Flow | None:
    """The draft, else what is live."""
    if template is None:
        return None
    life = ApprovalTemplates(db, actor, state.forms_of_flow).life
    version = await life.draft(template) or await life.published(template)
    return flow_of(version) if version else None
