"""Conditions of a form's fields: what they may speak of, whether they hold, how they read."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.activity.vocabulary import word
from app.actor import current_actor
from app.condition_editor.words import as_shown
from app.conditions.context import Context
from app.conditions.evaluate import evaluate
from app.conditions.fields import Field, Kind
from app.conditions.nodes import Condition
from app.conditions.tree import ConditionError, parse
from app.conditions.words import sentence
from app.ticket_templates.definition import PRIORITIES, VISIBILITIES, FormDefinition
from app.ticket_templates.fields import KEY, FieldDefinition, FieldType
from app.web.i18n import gettext as _

STATUSES = ("draft", "waiting_approval", "open", "in_progress", "resolved", "closed", "rejected", "cancelled")
KINDS = {
    FieldType.TEXT: Kind.TEXT, FieldType.LONG_TEXT: Kind.TEXT, FieldType.NUMBER: Kind.NUMBER,
    FieldType.MONEY: Kind.MONEY, FieldType.DATE: Kind.DATE, FieldType.DATETIME: Kind.DATETIME,
    FieldType.BOOLEAN: Kind.BOOLEAN, FieldType.CHOICE: Kind.CHOICE, FieldType.CHOICES: Kind.CHOICES,
    FieldType.USER: Kind.USER, FieldType.ROLE: Kind.ROLE, FieldType.ATTACHMENT: Kind.FILES,
}  # fmt: skip


def built_in_fields() -> Mapping[str, Field]:
    """What every ticket has, whatever it was made from; `column` is where the list's filter finds it."""
    return _built_in_fields(current_actor().locale)


@lru_cache
def _built_in_fields(_locale: str) -> Mapping[str, Field]:
    fields = (
        Field("title", _("Title"), Kind.TEXT, column="title"),
        Field("description", _("Description"), Kind.TEXT, column="description"),
        Field("status", _("Status"), Kind.CHOICE, options=_words(STATUSES), column="status"),
        Field("priority", _("Priority"), Kind.CHOICE, options=_words(PRIORITIES), column="priority"),
        Field("visibility", _("Visibility"), Kind.CHOICE, options=_words(VISIBILITIES), column="visibility"),
        Field("category", _("Category"), Kind.CATEGORIES, column="category"),
        Field("labels", _("Labels"), Kind.LABELS, column="labels"),
        Field("requester", _("Requester"), Kind.USER, column="requester_id"),
        Field("creator", _("Creator"), Kind.USER, column="created_by"),
        Field("assignee", _("Assignee"), Kind.USER, column="assignee_id"),
        Field("assigned_role", _("Assigned role"), Kind.ROLE, column="assigned_role_id"),
        Field("due_at", _("Due"), Kind.DATETIME, column="due_at"),
        Field("created_at", _("Created"), Kind.DATETIME, column="created_at"),
    )
    return MappingProxyType({field.key: field for field in fields})


def condition_fields(form: FormDefinition | None) -> dict[str, Field]:
    """The registry of everything a step's condition, a rule or a filter may ask about tickets of this form."""
    return {**built_in_fields(), **(own_fields(form.fields) if form else {})}


def fields_above(form: FormDefinition, key: str) -> dict[str, Field]:
    """What the condition of a field may read: the answers that were given before it."""
    return own_fields(above(form, key))


def above(form: FormDefinition, key: str) -> list[FieldDefinition]:
    listed: list[FieldDefinition] = []
    for field in form.fields:
        if field.key == key:
            break
        listed.append(field)
    return listed


def parsed(tree: Mapping[str, Any], fields: Mapping[str, Field]) -> Condition:
    """Raises `ConditionError`. There is no viewer: a form is the same for everybody."""
    return parse(tree, fields, allow_refs=False)


def holds(tree: Mapping[str, Any], fields: Mapping[str, Field], values: Mapping[str, Any], ctx: Context) -> bool:
    """Published conditions have been checked; in a draft one that can't be read holds, so that nothing is hidden."""
    try:
        return evaluate(parsed(tree, fields), values, ctx).answer
    except ConditionError:
        return True


def told(tree: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    """The condition as a sentence; raises `ConditionError`."""
    return sentence(parsed(tree, fields), fields, _, formats=as_shown)


def reads(tree: Any) -> Iterator[str]:
    """The keys of the fields that a condition looks at, those inside a table's rows apart."""
    if isinstance(tree, Mapping):
        yield from (tree[name] for name in ("field", "other") if isinstance(tree.get(name), str))
        for name in ("all", "any", "not"):
            yield from reads(tree.get(name))
    elif isinstance(tree, list):
        for part in tree:
            yield from reads(part)


def own_fields(fields: Iterable[FieldDefinition]) -> dict[str, Field]:
    """Fields that a condition can't speak of (headings, what is not available yet) and faulty keys are left out."""
    return {one.key: condition_field(one) for one in fields if one.type in KINDS and KEY.fullmatch(one.key)}


def condition_field(one: FieldDefinition) -> Field:
    options = {option.key: option.label for option in one.options}
    return Field(one.key, one.label, KINDS[one.type], options=options, currencies=one.currencies)


def _words(codes: Iterable[str]) -> dict[str, str]:
    return {code: word(code) for code in codes}
