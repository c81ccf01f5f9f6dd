"""The difference between two versions of a ticket template, in the words of the form."""

from collections.abc import Callable, Mapping
from typing import Any

from app.conditions.tree import ConditionError
from app.publishing.compare import Path, compare, plainly
from app.ticket_templates import rules
from app.ticket_templates.definition import FormDefinition
from app.web.i18n import gettext as _
from app.web.i18n import in_quotes, series

TREES = ("visible_when", "required_when")


def changes(old: FormDefinition, new: FormDefinition, names: Mapping[str, Mapping[int, str]]) -> list[str]:
    """`names` has categories, labels, roles and people by id, under the definition's own names for them."""
    return compare(old.to_json(), new.to_json(), name=_namer(old, new), say=_sayer(old, new, names))


def _namer(old: FormDefinition, new: FormDefinition) -> Callable[[Path], str]:
    words = _words()

    def name(path: Path) -> str:
        if path[0] != "fields" or len(path) == 1:
            return words.get(path[0], path[0])
        field = new.field(path[1]) or old.field(path[1])
        label = _("Field “%(label)s”") % {"label": field.label if field else path[1]}
        if len(path) == 2:
            return label
        if path[2] == "options" and len(path) > 3:
            option = field.option_label(path[3]) if field else path[3]
            return _("%(field)s, option “%(option)s”") % {"field": label, "option": option}
        return series([label, words.get(path[2], path[2])])

    return name


def _sayer(
    old: FormDefinition, new: FormDefinition, names: Mapping[str, Mapping[int, str]]
) -> Callable[[Path, Any], str]:
    def say(path: Path, value: Any) -> str:
        kind = path[-1]
        if kind in names and value:
            ids = value if isinstance(value, list) else [value]
            return series(names[kind].get(row, f"#{row}") for row in ids)
        if kind in TREES and value:
            return _told(path, value, new) or _told(path, value, old) or _("another rule")
        return plainly(path, value)

    return say


def _told(path: Path, tree: Mapping[str, Any], form: FormDefinition) -> str:
    try:
        return in_quotes(rules.told(tree, rules.fields_above(form, path[1])))
    except ConditionError:
        return ""


def _words() -> dict[str, str]:
    """What the page calls each part of a definition."""
    return {
        "name": _("Name"), "description": _("Description"), "icon": _("Icon"), "prefix": _("Number prefix"),
        "approval_template": _("Approval template"), "category_ids": _("Categories"), "label_ids": _("Labels"),
        "default_priority": _("Priority"), "default_visibility": _("Visibility"), "default_assignee_id": _("Assignee"),
        "default_assigned_role_id": _("Team"), "usable_by": _("Who may ask with it"), "fields": _("Fields"),
        "label": _("label"), "type": _("type"), "help": _("help"), "placeholder": _("example"),
        "required": _("required"), "default": _("filled in with"), "options": _("options"),
        "min": _("at least"), "max": _("at most"),
        "pattern": _("pattern"), "visible_when": _("shown when"), "required_when": _("required when"),
        "approval_relevant": _("approvals are bound to it"), "locked": _("locked after submission"),
        "readable_by": _("who may read it"), "currencies": _("currencies"), "filterable": _("used in filters"),
        "archived": _("archived"),
    }  # fmt: skip
