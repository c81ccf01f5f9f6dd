"""Administering approval templates: the list, the form of each, its versions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.actor import Actor
from app.approvals import pages
from app.approvals.forms import ApprovalTemplateForm
from app.approvals.models import ApprovalTemplate
from app.approvals.service import ApprovalTemplates
from app.errors import Refused, Stale
from app.publishing.listing import Asked
from app.publishing.telling import Running, effect
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.i18n import ngettext
from app.web.pages import go, page, partial
from app.web.params import key as canonical_key
from app.web.params import version_number
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheTemplates = NamedDependency[SkipValidation[ApprovalTemplates]]
RunningApprovals = Callable[[Any, Actor], Awaitable[Running]]
"""`state.running_approvals`: how many approvals run, by template's id and version's number."""
FormsByFlow = Callable[[Any], Awaitable[pages.Uses]]
"""`state.forms_by_flow`: the ticket templates that use each flow."""


async def provide_approval_templates(db: Db, actor: Who, state: State) -> ApprovalTemplates:
    return ApprovalTemplates(db, actor, state.forms_of_flow)


class ApprovalTemplatePages(Controller):
    path = "/admin/approval-templates"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"templates": Provide(provide_approval_templates)}

    @get()
    async def index(self, request: AnyRequest, templates: TheTemplates, state: State) -> Template:
        asked = Asked.read(self.path, request.query_params)
        running, uses = await _running(state, templates), await _uses(state, templates)
        return await page(
            request, "approvals/admin/index", active="approval-templates", asked=asked,
            **await pages.listed(templates, asked, running, uses),
        )  # fmt: skip

    @get("/new")
    async def new(self, request: AnyRequest, templates: TheTemplates) -> Template:
        return await _form_page(request, templates, ApprovalTemplateForm.blank())

    @post(status_code=200)
    async def create(self, request: AnyRequest, templates: TheTemplates) -> Template | Response[Any]:
        form = ApprovalTemplateForm(await submitted(request))
        definition = form.definition()
        try:
            if not form.errors:
                template = await templates.create_and_publish(definition)
                return go(request, self.path, say=_("%(name)s is published.") % {"name": template.name})
        except Refused as refused:
            form.refuse(refused)
        return await _form_page(request, templates, form)

    @post("/rows", status_code=200)
    async def rearrange(self, request: AnyRequest, templates: TheTemplates, state: State) -> Template:
        """Adds, removes or moves a stage, a step or a line of the form on the screen; nothing is saved."""
        form = ApprovalTemplateForm(await submitted(request))
        form.rearrange(form.typed.get("act"))
        if visit_of(request).htmx:
            return partial("approvals/admin/steps", **await pages.steps_context(templates, form, _above(state)))
        typed_key = form.typed.get("approval_template")
        template = await templates.find(canonical_key(typed_key)) if typed_key else None
        return await _form_page(request, templates, form, template)

    @get("/{template_key:str}")
    async def edit(self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates) -> Template:
        template = await templates.find(canonical_key(template_key))
        form = await pages.form_of_template(templates, template)
        return await _form_page(request, templates, form, template)

    @post("/{template_key:str}/publication", status_code=200)
    async def publish(
        self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates, state: State
    ) -> Template | Response[Any]:
        """Draft and publication in one go."""
        template = await templates.find(canonical_key(template_key))
        form = ApprovalTemplateForm(await submitted(request))
        definition, running = form.definition(key=template.key), await _running(state, templates)
        try:
            if not form.errors:
                version = await templates.save(template, definition, based_on=form.based_on)
                return go(request, self.path, say=effect(version.number, running.get(template.id, {}), _stays))
        except Refused as refused:
            form.refuse(refused)
        except Stale as stale:
            form.errors[""] = stale.sentence
        return await _form_page(request, templates, form, template)

    @get("/{template_key:str}/versions")
    async def versions(
        self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates, state: State
    ) -> Template:
        template = await templates.find(canonical_key(template_key))
        told = await pages.versions_of(templates, template, (await _running(state, templates)).get(template.id, {}))
        return await page(
            request, "approvals/admin/versions", active="approval-templates", template=template, versions=told
        )

    @post("/{template_key:str}/versions/{number:str}/draft", status_code=200)
    async def restore_version(
        self, request: AnyRequest, template_key: FromPath[str], number: FromPath[str], templates: TheTemplates
    ) -> Response[Any]:
        template = await templates.find(canonical_key(template_key))
        await templates.restore(template, version_number(number))
        said = _("Version %(number)s is the draft now. Look it through, then publish it.") % {"number": number}
        return go(request, f"{self.path}/{template.key}", say=said)

    @post("/{template_key:str}/archival", status_code=200)
    async def archive(self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates) -> Response[Any]:
        template = await templates.find(canonical_key(template_key))
        await templates.archive(template)
        return go(request, self.path, say=_("%(name)s is archived.") % {"name": template.name})

    @post("/{template_key:str}/restoration", status_code=200)
    async def unarchive(
        self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates
    ) -> Response[Any]:
        template = await templates.find(canonical_key(template_key))
        await templates.unarchive(template)
        return go(request, self.path, say=_("%(name)s is in use again.") % {"name": template.name})


async def _form_page(
    request: AnyRequest,
    templates: ApprovalTemplates,
    form: ApprovalTemplateForm,
    template: ApprovalTemplate | None = None,
) -> Template:
    state = request.app.state
    context = await pages.form_context(templates, form, template, _above(state))
    running = (await _running(state, templates)).get(template.id, {}) if template else {}
    live = context["live"]
    older = sum(count for number, count in running.items() if live and number != live.number)
    uses = (await _uses(state, templates)).get(template.key, ()) if template else ()
    status = 422 if form.errors else 200
    return await page(
        request, "approvals/admin/edit", active="approval-templates", status=status,
        running=sum(running.values()), older=older, uses=uses, **context,
    )  # fmt: skip


def _above(state: State) -> pages.Above:
    return pages.Above(state.fields_of_every_form, state.count_matching)


async def _running(state: State, templates: ApprovalTemplates) -> Running:
    count: RunningApprovals = state.running_approvals
    return await count(templates.session, templates.actor)


async def _uses(state: State, templates: ApprovalTemplates) -> pages.Uses:
    find: FormsByFlow = state.forms_by_flow
    return await find(templates.session)


def _stays(count: int) -> str:
    return ngettext(
        "%(count)d running approval stays on its version.", "%(count)d running approvals stay on their version.", count
    ) % {"count": count}
