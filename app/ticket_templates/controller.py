"""Administering ticket templates: the list, the form of each, its versions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.actor import Actor
from app.errors import Refused, Stale
from app.publishing.listing import Asked
from app.publishing.telling import Running, effect
from app.ticket_templates import pages
from app.ticket_templates.forms import TicketTemplateForm
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.service import TicketTemplates
from app.web.door import visit_of
from app.web.formats import zone_of
from app.web.forms import submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.i18n import ngettext
from app.web.pages import go, page, partial
from app.web.params import key as canonical_key
from app.web.params import version_number
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheTemplates = NamedDependency[SkipValidation[TicketTemplates]]
RunningTickets = Callable[[Any, Actor], Awaitable[Running]]
"""`state.running_tickets`: how many tickets run, by template's id and version's number."""


async def provide_templates(db: Db, actor: Who) -> TicketTemplates:
    return TicketTemplates(db, actor)


class TicketTemplatePages(Controller):
    path = "/admin/ticket-templates"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"templates": Provide(provide_templates)}

    @get()
    async def index(self, request: AnyRequest, templates: TheTemplates, state: State) -> Template:
        asked = Asked.read(self.path, request.query_params)
        running = await _running(state, templates)
        return await page(
            request, "ticket_templates/admin/index", active="ticket-templates", asked=asked,
            **await pages.listed(templates, asked, running),
        )  # fmt: skip

    @get("/new")
    async def new(self, request: AnyRequest, templates: TheTemplates) -> Template:
        return await _form_page(request, templates, TicketTemplateForm.blank(zone=_zone(templates)))

    @post(status_code=200)
    async def create(self, request: AnyRequest, templates: TheTemplates) -> Template | Response[Any]:
        form = TicketTemplateForm(await submitted(request), zone=_zone(templates))
        definition = form.definition()
        try:
            if not form.errors:
                template = await templates.create_and_publish(definition)
                return go(request, self.path, say=_("%(name)s is published.") % {"name": template.name})
        except Refused as refused:
            form.refuse(refused)
        return await _form_page(request, templates, form)

    @post("/rows", status_code=200)
    async def rearrange(self, request: AnyRequest, templates: TheTemplates) -> Template:
        """Adds, removes or moves a field of the form on the screen; nothing is saved."""
        form = TicketTemplateForm(await submitted(request), zone=_zone(templates))
        form.rearrange(form.typed.get("act"))
        if visit_of(request).htmx:
            return partial("ticket_templates/admin/fields", **await pages.fields_context(templates, form))
        typed_key = form.typed.get("template")
        template = await templates.find(canonical_key(typed_key)) if typed_key else None
        return await _form_page(
            request, templates, form, template, running=await _running(request.app.state, templates)
        )

    @get("/{template_key:str}")
    async def edit(
        self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates, state: State
    ) -> Template:
        template = await templates.find(canonical_key(template_key))
        form = await pages.form_of_template(templates, template, _zone(templates))
        return await _form_page(request, templates, form, template, running=await _running(state, templates))

    @post("/{template_key:str}/publication", status_code=200)
    async def publish(
        self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates, state: State
    ) -> Template | Response[Any]:
        """Draft and publication in one go."""
        template = await templates.find(canonical_key(template_key))
        form = TicketTemplateForm(await submitted(request), zone=_zone(templates))
        definition, running = form.definition(key=template.key), await _running(state, templates)
        try:
            if not form.errors:
                version = await templates.save(template, definition, based_on=form.based_on)
                return go(request, self.path, say=effect(version.number, running.get(template.id, {}), _stays))
        except Refused as refused:
            form.refuse(refused)
        except Stale as stale:
            form.errors[""] = stale.sentence
        return await _form_page(request, templates, form, template, running=running)

    @get("/{template_key:str}/versions")
    async def versions(
        self, request: AnyRequest, template_key: FromPath[str], templates: TheTemplates, state: State
    ) -> Template:
        template = await templates.find(canonical_key(template_key))
        running = (await _running(state, templates)).get(template.id, {})
        told = await pages.versions_of(templates, template, running)
        return await page(
            request, "ticket_templates/admin/versions", active="ticket-templates", template=template, versions=told
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
    templates: TicketTemplates,
    form: TicketTemplateForm,
    template: TicketTemplate | None = None,
    *,
    running: Running | None = None,
) -> Template:
    context = await pages.form_context(
        templates, form, template, (running or {}).get(template.id if template else 0, {})
    )
    status = 422 if form.errors else 200
    return await page(request, "ticket_templates/admin/edit", active="ticket-templates", status=status, **context)


async def _running(state: State, templates: TicketTemplates) -> Running:
    count: RunningTickets = state.running_tickets
    return await count(templates.session, templates.actor)


def _zone(templates: TicketTemplates) -> Any:
    return zone_of(templates.actor.time_zone)


def _stays(count: int) -> str:
    return ngettext(
        "%(count)d running ticket stays on its version.", "%(count)d running tickets stay on their version.", count
    ) % {"count": count}
