"""What the admin pages of approval templates show."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import active_people, active_roles, people, role_names
from app.approvals import repository
from app.approvals.core.definition_json import flow_from_json, flow_to_json
from app.approvals.forms import NEW, ApprovalTemplateForm
from app.approvals.models import ApprovalTemplate
from app.approvals.options import Choice, choices, field_choices, matrix_field_choices
from app.approvals.repository import ListedFlow, flow_of
from app.approvals.service import ApprovalTemplates, FieldsByForm
from app.approvals.wording import Named, changes, ids_in, in_short, said_line
from app.catalogue.matrices import matrices_in_use
from app.condition_editor import ConditionRows, Editor, Words, words_for
from app.condition_editor.parts import place_of
from app.conditions import Fields
from app.errors import Refused
from app.publishing.listing import Asked
from app.publishing.telling import Running, ToldVersion, publisher_ids, told_versions
from app.web.formats import zone_of
from app.web.i18n import gettext as _
from app.web.paging import Count, cut, decode_cursor

PAGE = 50
Uses = Mapping[str, Sequence[tuple[str, str]]]
"""(key, name) of the forms that run through each flow, by the flow's key."""


@dataclass(frozen=True, slots=True)
class Above:
    """What the packages above know: the fields of every form, and how many of a flow's tickets a condition finds."""

    every_field: Callable[[AsyncSession], Awaitable[Fields]]
    count: Callable[..., Awaitable[Count | None]]


@dataclass(frozen=True, slots=True)
class ListedRow:
    listed: ListedFlow
    running: int
    uses: Sequence[tuple[str, str]]

    @property
    def stages(self) -> list[str]:
        return in_short(self.listed.flow) if self.listed.flow else []


async def listed(templates: ApprovalTemplates, asked: Asked, running: Running, uses: Uses) -> dict[str, Any]:
    after = decode_cursor(asked.cursor, (str, int))
    rows = await repository.listed_templates(
        templates.session, words=asked.words, archived=asked.archived, after=after, limit=PAGE
    )
    found = cut(rows, PAGE, lambda row: (row.template.name.lower(), row.template.id))
    used, away = await repository.count_templates(templates.session, words=asked.words)
    return {
        "rows": [
            ListedRow(row, sum(running.get(row.template.id, {}).values()), uses.get(row.template.key, ()))
            for row in found.rows
        ],
        "next_url": asked.url(cursor=found.next_cursor) if found.next_cursor else None,
        "in_use": used, "archived": away,
    }  # fmt: skip


async def form_of_template(templates: ApprovalTemplates, template: ApprovalTemplate) -> ApprovalTemplateForm:
    """The draft if there is one, else what is live; saving is refused if another version went live meanwhile."""
    draft, live = await templates.life.draft(template), await templates.life.published(template)
    version = draft or live
    plain = flow_to_json(flow_of(version)) if version else {**NEW, "key": template.key, "name": template.name}
    return ApprovalTemplateForm.showing(plain, based_on=live.number if live else None)


async def form_context(
    templates: ApprovalTemplates, form: ApprovalTemplateForm, template: ApprovalTemplate | None, above: Above
) -> dict[str, Any]:
    return await steps_context(templates, form, above) | {
        "template": template,
        "draft": await templates.life.draft(template) if template else None,
        "live": await templates.life.published(template) if template else None,
        "warnings": await _warnings(templates, form),
    }


async def steps_context(templates: ApprovalTemplates, form: ApprovalTemplateForm, above: Above) -> dict[str, Any]:
    """What `approvals/admin/_steps.html` needs."""
    session, shown = templates.session, dict(form.errors)
    plain = form.definition(key=form.typed.get("key") or "key")
    form.errors = shown
    forms = await templates.forms(form.typed.get("approval_template") or form.typed.get("key"))
    names = await _names(templates, [plain], forms)
    listed_people, listed_roles = await active_people(session), await active_roles(session)
    return {
        "form": form, "fields": field_choices(forms),
        "choices": choices() | {
            "matrix": [Choice(key, name) for key, name in (await matrices_in_use(session)).items()],
            "matrix_field": matrix_field_choices(forms),
        },
        "people": [Choice(str(row.id), row.name) for row in listed_people],
        "roles": [Choice(str(row.id), row.name) for row in listed_roles],
        "kept": dict(_kept(form, names)), "editors": await _editors(templates, form, forms, shown, above),
    }  # fmt: skip


async def versions_of(
    templates: ApprovalTemplates, template: ApprovalTemplate, running: Mapping[int, int]
) -> list[ToldVersion]:
    versions = list(await templates.life.versions(template))
    definitions = [version.definition for version in versions]
    names = await _names(templates, definitions, await templates.forms(template.key))
    return told_versions(
        versions, publishers=await people(templates.session, publisher_ids(versions)), running=running,
        changes=lambda older, newer: changes(flow_of(older), flow_of(newer), names),
    )  # fmt: skip


async def _names(templates: ApprovalTemplates, definitions: Sequence[Mapping[str, Any]], forms: Any) -> Named:
    named = {pair for definition in definitions for pair in ids_in(definition)}
    users = await people(templates.session, [row for key, row in named if key == "user_id"])
    roles = await role_names(templates.session, [row for key, row in named if key == "role_id"])
    return Named({row: user.name for row, user in users.items()}, roles, forms)


async def _warnings(templates: ApprovalTemplates, form: ApprovalTemplateForm) -> list[tuple[str, str]]:
    """(input, sentence) of what the check finds in a form that opens; a refused one shows its errors instead."""
    if form.errors or not form.typed.get("name"):
        return []
    try:
        whole = flow_to_json(flow_from_json(form.definition(key=form.typed.get("key"))))
        return [form.located(problem) for problem in await templates.problems(whole)]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, Refused):
        return []
    finally:
        form.errors = {}


async def _editors(
    templates: ApprovalTemplates, form: ApprovalTemplateForm, forms: FieldsByForm, errors: Mapping[str, str],
    above: Above,
) -> dict[str, Editor]:  # fmt: skip
    """One for each condition; the one that is being edited says how many tickets it finds."""
    fields = {key: one for listed in reversed(list(forms.values())) for key, one in listed.items()}
    fields = fields or dict(await above.every_field(templates.session))
    words, edited = await words_for(templates.session), place_of(form.typed.get("act"))
    return {
        place: _editor(
            rows, fields, words, errors, await _matches(templates, form, fields, rows, above, edited), templates
        )
        for place, rows in form.conditions().items()
    }


def _editor(
    rows: ConditionRows, fields: Fields, words: Words, errors: Mapping[str, str], matches: Count | None,
    templates: ApprovalTemplates,
) -> Editor:  # fmt: skip
    is_check = ".checks." in rows.place
    return Editor(
        rows, fields, words, "/admin/approval-templates/rows", "#template-steps", zone_of(templates.actor.time_zone),
        legend=_("It holds when") if is_check else _("Asked only when"),
        help="" if is_check else _("A step is skipped only where this is certainly false."),
        nothing="" if is_check else _("Always."), error=errors.get(rows.place, ""), errors=errors, matches=matches,
    )  # fmt: skip


async def _matches(
    templates: ApprovalTemplates, form: ApprovalTemplateForm, fields: Fields, rows: ConditionRows, above: Above,
    edited: str,
) -> Count | None:  # fmt: skip
    tree = rows.tree(zone_of(templates.actor.time_zone)) if rows.place == edited else None
    if tree is None:
        return None
    flow = form.typed.get("approval_template") or None
    return await above.count(templates.session, templates.actor, tree, fields, flow=flow)


def _kept(form: ApprovalTemplateForm, names: Named) -> Any:
    """The lines without a control of their own, in words, by their place."""
    for step in form.steps:
        for name in ("approvers", "fallback", "to"):
            for row in step.lists[name].listed:
                if not row.has_control:
                    yield row.place, said_line(row.definition()[0], names)
