"""Administering notification rules."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation
from litestar.response import Template

from app.accounts.repository import active_people, active_roles
from app.condition_editor import Editor, words_for
from app.condition_editor.parts import place_of
from app.errors import Refused
from app.notifications import rule_repository
from app.notifications.conditions import fields_for
from app.notifications.forms import RuleForm
from app.notifications.rule_repository import RuleRecipients
from app.notifications.sentences import sentences
from app.notifications.service import Rules
from app.notifications.words import APPROVAL_EVENTS, RECIPIENTS, TICKET_EVENTS
from app.ticket_templates.repository import template_names
from app.web.door import visit_of
from app.web.formats import zone_of
from app.web.forms import Form, submitted
from app.web.guards import ADMIN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial
from app.web.params import row_id
from app.web.transaction import Db, Who

AnyRequest = Request[Any, Any, Any]
TheRules = NamedDependency[SkipValidation[Rules]]
Answer = Template | Response[Any]


async def provide_rules(db: Db, actor: Who) -> Rules:
    return Rules(db, actor)


class NotificationRulePages(Controller):
    path = "/admin/notification-rules"
    opt = access(ADMIN)
    dependencies: Mapping[str, Provide] = {"rules": Provide(provide_rules)}

    @get()
    async def index(self, request: AnyRequest, rules: TheRules) -> Template:
        archived = request.query_params.get("show") == "archived"
        found = await rule_repository.all_rules(rules.session, archived=archived)
        told = await sentences(rules.session, found)
        return await page(
            request, "notifications/rules", active="notification-rules", rules=found, told=told, archived=archived
        )

    @get("/new")
    async def new(self, request: AnyRequest, rules: TheRules) -> Template:
        return await _editor(request, rules, RuleForm.fresh(enabled="true"))

    @post(status_code=200)
    async def create(self, request: AnyRequest, rules: TheRules) -> Answer:
        form = RuleForm(await submitted(request))
        if form.errors:
            return await _editor(request, rules, form)
        try:
            rule = await rules.add(form.content)
        except Refused as refused:
            form.refuse(refused)
            return await _editor(request, rules, form)
        return go(request, self.path, say=_("%(name)s was added.") % {"name": rule.name})

    @post("/rows", status_code=200)
    async def rearrange(self, request: AnyRequest, rules: TheRules, state: State) -> Answer:
        """Adds or removes a part of the condition on the screen; nothing is saved."""
        sent = await submitted(request)
        form = RuleForm(sent)
        form.errors.clear()
        found = await rules.find(row_id(sent.get("rule"))) if sent.get("rule") else None
        if visit_of(request).htmx:
            return partial("notifications/rule_form", **await _form_context(rules, form, found, state))
        return await _editor(request, rules, form, found)

    @get("/{rule_id:str}")
    async def show(self, request: AnyRequest, rule_id: FromPath[str], rules: TheRules) -> Template:
        found = await rules.find(row_id(rule_id))
        return await _editor(request, rules, RuleForm.as_it_is(found), found)

    @post("/{rule_id:str}", status_code=200)
    async def update(self, request: AnyRequest, rule_id: FromPath[str], rules: TheRules) -> Answer:
        found = await rules.find(row_id(rule_id))
        form = RuleForm(await submitted(request))
        if form.errors:
            return await _editor(request, rules, form, found)
        try:
            await rules.change(found.rule, form.content)
        except Refused as refused:
            form.refuse(refused)
            return await _editor(request, rules, form, found)
        return go(request, f"{self.path}/{found.rule.id}", say=_("%(name)s was saved.") % {"name": found.rule.name})

    @post("/{rule_id:str}/activation", status_code=200)
    async def switch(self, request: AnyRequest, rule_id: FromPath[str], rules: TheRules) -> Response[Any]:
        rule = (await rules.find(row_id(rule_id))).rule
        await rules.switch(rule, on=Form(await submitted(request)).flag("enabled"))
        said = _("%(name)s is switched on.") if rule.enabled else _("%(name)s is switched off.")
        return go(request, self.path, say=said % {"name": rule.name})

    @post("/{rule_id:str}/archival", status_code=200)
    async def archive(self, request: AnyRequest, rule_id: FromPath[str], rules: TheRules) -> Response[Any]:
        rule = (await rules.find(row_id(rule_id))).rule
        await rules.archive(rule)
        return go(request, self.path, say=_("%(name)s is archived.") % {"name": rule.name})

    @post("/{rule_id:str}/restoration", status_code=200)
    async def restore(self, request: AnyRequest, rule_id: FromPath[str], rules: TheRules) -> Response[Any]:
        rule = (await rules.find(row_id(rule_id))).rule
        await rules.restore(rule)
        return go(request, self.path, say=_("%(name)s is in use again.") % {"name": rule.name})


async def _editor(request: AnyRequest, rules: Rules, form: RuleForm, found: RuleRecipients | None = None) -> Template:
    session = rules.session
    listed = await rule_repository.all_rules(session)
    told = await sentences(session, [*listed, *([found] if found else [])])
    return await page(
        request, "notifications/rule", active="notification-rules", status=422 if form.errors else 200, rules=listed,
        told=told, **await _form_context(rules, form, found, request.app.state),
    )  # fmt: skip


async def _form_context(rules: Rules, form: RuleForm, found: RuleRecipients | None, state: State) -> dict[str, Any]:
    """What `notifications/_rule_form.html` needs."""
    return {
        "form": form, "rule": found.rule if found else None, "options": await _options(rules.session),
        "condition": await _condition(rules, form, state),
    }  # fmt: skip


async def _condition(rules: Rules, form: RuleForm, state: State) -> Editor:
    """With one kind of ticket chosen it speaks of the fields of its form too."""
    fields, zone = await fields_for(rules.session, form.template_ids), zone_of(rules.actor.time_zone)
    tree, matches = form.if_rows.tree(zone), None
    if tree is not None and place_of(form.typed.get("act")):
        matches = await state.count_matching(rules.session, rules.actor, tree, fields, templates=form.template_ids)
    words = await words_for(rules.session, changes=True)
    return Editor(
        form.if_rows, fields, words, "/admin/notification-rules/rows", "#rule-form", zone, legend=_("Only if"),
        nothing=_("Always."), error=form.errors.get("condition", ""), errors=form.errors, matches=matches,
    )  # fmt: skip


async def _options(session: Db) -> dict[str, list[dict[str, Any]]]:
    templates = await template_names(session)
    roles = await active_roles(session)
    people = await active_people(session)
    return {
        "approval_events": _choices(APPROVAL_EVENTS),
        "ticket_events": _choices(TICKET_EVENTS),
        "recipients": _choices(RECIPIENTS),
        "templates": [{"value": template, "label": name} for template, name in templates.items()],
        "roles": [{"value": row.id, "label": row.name} for row in roles],
        "people": [{"value": row.id, "label": row.name, "help": row.title} for row in people],
    }


def _choices(words: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"value": code, "label": _(phrase)[:1].upper() + _(phrase)[1:]} for code, phrase in words.items()]
