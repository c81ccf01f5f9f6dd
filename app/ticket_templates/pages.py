"""What the admin pages of ticket templates show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.repository import active_people, active_roles, people, role_names
from app.catalogue.repository import known_labels, known_tree
from app.condition_editor import Editor, Words, words_for
from app.errors import Refused
from app.publishing.listing import Asked
from app.publishing.problems import Problem
from app.publishing.telling import Running, ToldVersion, publisher_ids, told_versions
from app.ticket_templates import repository
from app.ticket_templates.asking import Choice
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import NOT_AVAILABLE_YET, FieldDefinition, FieldType
from app.ticket_templates.forms import TicketTemplateForm
from app.ticket_templates.models import TicketTemplate
from app.ticket_templates.repository import ListedTemplate, form_of
from app.ticket_templates.rules import own_fields
from app.ticket_templates.service import TicketTemplates
from app.ticket_templates.wording import changes
from app.web.i18n import gettext as _
from app.web.i18n import pgettext
from app.web.icon_words import icon_words
from app.web.paging import cut, decode_cursor

PAGE = 50
ICONS = (
    "badge-check", "banknote", "briefcase", "building-2", "calendar-days", "car", "credit-card", "database",
    "file-text", "globe", "graduation-cap", "handshake", "heart-pulse", "key-round", "laptop", "package",
    "plane", "receipt", "scale", "server", "shield", "shopping-cart", "smartphone", "truck", "user-plus",
    "users", "wrench", "zap",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedRow:
    template: ListedTemplate
    running: int


async def listed(templates: TicketTemplates, asked: Asked, running: Running) -> dict[str, Any]:
    after = decode_cursor(asked.cursor, (str, int))
    rows = await repository.listed_templates(
        templates.session, words=asked.words, archived=asked.archived, after=after, limit=PAGE
    )
    found = cut(rows, PAGE, lambda row: (row.name.lower(), row.id))
    used, away = await repository.count_templates(templates.session, words=asked.words)
    return {
        "rows": [ListedRow(row, sum(running.get(row.id, {}).values())) for row in found.rows],
        "flow_names": await repository.flow_names(templates.session, [row.approval_template for row in found.rows]),
        "next_url": asked.url(cursor=found.next_cursor) if found.next_cursor else None,
        "in_use": used,
        "archived": away,
    }


async def form_of_template(templates: TicketTemplates, template: TicketTemplate, zone: ZoneInfo) -> TicketTemplateForm:
    """The draft if there is one, else what is live; saving is refused if another version went live meanwhile."""
    draft, live = await templates.life.draft(template), await templates.life.published(template)
    version = draft or live
    form = form_of(version) if version else FormDefinition(key=template.key, name=template.name)
    return TicketTemplateForm.showing(form, zone=zone, based_on=live.number if live else None)


async def form_context(
    templates: TicketTemplates, form: TicketTemplateForm, template: TicketTemplate | None, running: Mapping[int, int]
) -> dict[str, Any]:
    draft = await templates.life.draft(template) if template else None
    live = await templates.life.published(template) if template else None
    context = await fields_context(templates, form)
    return context | await _choices(templates) | {
        "template": template, "draft": draft, "live": live, "running": sum(running.values()),
        "warnings": await _warnings(templates, form), "icons": [Choice(name, icon_words(name)) for name in ICONS],
        "labels": {"key": _("Key"), "name": _("Name"), "prefix": _("Number prefix")},
    }  # fmt: skip


async def fields_context(templates: TicketTemplates, form: TicketTemplateForm) -> dict[str, Any]:
    """What `ticket_templates/admin/_fields.html` needs."""
    return {
        "form": form, "types": _types(), "editors": dict(_editors(form, await words_for(templates.session))),
        "roles": [Choice(str(row[0]), row[1]) for row in await active_roles(templates.session)],
    }  # fmt: skip


def _editors(form: TicketTemplateForm, words: Words) -> Iterator[tuple[str, Editor]]:
    """A condition reads the answers that were given before it."""
    before: list[FieldDefinition] = []
    for row in form.field_rows:
        fields = own_fields(before)
        for name, rows in row.conditions.items():
            is_about_sight = name == "visible_when"
            yield rows.place, Editor(
                rows, fields, words, "/admin/ticket-templates/rows", "#template-fields", form.zone,
                legend=_("Shown when") if is_about_sight else _("Required when"),
                help=_("A hidden field is never required and its answer is not kept.") if is_about_sight else "",
                nothing=_("Always.") if is_about_sight else _("As it is set above."),
                error=form.errors.get(rows.place, ""), errors=form.errors,
            )  # fmt: skip
        before.append(row.as_far_as_readable(form.zone))


async def versions_of(
    templates: TicketTemplates, template: TicketTemplate, running: Mapping[int, int]
) -> list[ToldVersion]:
    versions = list(await templates.life.versions(template))
    names = await _names(templates, [form_of(version) for version in versions])
    return told_versions(
        versions, publishers=await people(templates.session, publisher_ids(versions)), running=running,
        changes=lambda older, newer: changes(form_of(older), form_of(newer), names),
    )  # fmt: skip


async def _names(templates: TicketTemplates, forms: Sequence[FormDefinition]) -> dict[str, dict[int, str]]:
    """Everything that the versions name by id."""
    session = templates.session
    roles = await role_names(session, {role for form in forms for role in form.role_ids})
    users = await people(session, {user for form in forms for user in form.user_ids})
    named = {"usable_by": roles, "readable_by": roles, "default_assigned_role_id": roles}
    assignees = {"default_assignee_id": {row: user.name for row, user in users.items()}}
    return named | assignees | await repository.names_for(session, forms)


async def _choices(templates: TicketTemplates) -> dict[str, Any]:
    session = templates.session
    places = (await known_tree(session)).in_order()
    labels = await known_labels(session)
    return {
        "flows": [Choice(key, name) for key, name in await repository.choosable_flows(session)],
        "categories": [Choice(str(at.category.id), at.full_name) for at in places if not at.category.is_archived],
        "tags": [Choice(str(label.id), label.name) for label in labels if not label.is_archived],
        "people": [Choice(str(row[0]), row[1]) for row in await active_people(session)],
        "priorities": [
            Choice("low", _("Low")), Choice("medium", _("Medium")), Choice("high", _("High")),
            Choice("urgent", _("Urgent")),
        ],
        "visibilities": [Choice("internal", _("Internal")), Choice("restricted", _("Restricted"))],
    }  # fmt: skip


async def _warnings(templates: TicketTemplates, form: TicketTemplateForm) -> list[Problem]:
    """What the check found wrong with a form that opens, a flow archived meanwhile for one."""
    readable = None if form.errors or not form.typed.get("key") else _readable(form)
    return [] if readable is None else list(await templates.problems(readable))


def _readable(form: TicketTemplateForm) -> FormDefinition | None:
    """The definition as far as it can be read; reading it again must not add to the errors on the page."""
    shown = dict(form.errors)
    try:
        return FormDefinition.from_json(form.definition(key=form.typed.get("key") or "key"))
    except Refused:
        return None
    finally:
        form.errors = shown


def _types() -> list[Choice]:
    words = {
        FieldType.TEXT: _("Text"), FieldType.LONG_TEXT: _("Long text"), FieldType.NUMBER: pgettext("a field", "Number"),
        FieldType.MONEY: _("Money"), FieldType.DATE: _("Date"), FieldType.DATETIME: _("Date and time"),
        FieldType.BOOLEAN: _("Yes or no"), FieldType.CHOICE: _("Choice"), FieldType.CHOICES: _("Several choices"),
        FieldType.USER: _("Person"), FieldType.ROLE: _("Role"), FieldType.ATTACHMENT: _("Files"),
        FieldType.HEADING: _("Heading"),
    }  # fmt: skip
    return [Choice(str(kind), words[kind]) for kind in FieldType if kind not in NOT_AVAILABLE_YET]
