"""A rule's condition: what it may speak of, how it reads, whether it holds for an event."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.clock import utc_now
from app.condition_editor.words import as_shown
from app.conditions.context import Context
from app.conditions.evaluate import evaluate
from app.conditions.fields import Field
from app.conditions.naming import Names, by_number
from app.conditions.nodes import Condition
from app.conditions.tree import ConditionError, parse
from app.conditions.words import sentence
from app.notifications.rule_repository import published_forms
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.rules import condition_fields
from app.tickets.approving.subject import Subject
from app.web.i18n import gettext as _

_OWN_FIELD = {"status_change": "status", "priority_change": "priority", "visibility_change": "visibility"}
_OF_EVENT = {"assignee_change": {"assignee": "old", "assigned_role": "old_role"}, "due_date_change": {"due_at": "old"}}


async def fields_for(session: AsyncSession, template_ids: Iterable[int] | None) -> Mapping[str, Field]:
    wanted = list(template_ids or ())
    return fields_of(wanted, await published_forms(session, wanted))


def fields_of(template_ids: Iterable[int] | None, forms: Mapping[int, FormDefinition]) -> Mapping[str, Field]:
    """What every ticket has, and the fields of the form where the rule is about one form only."""
    wanted = list(template_ids or ())
    return condition_fields(forms.get(wanted[0]) if len(wanted) == 1 else None)


def read_condition(tree: Any, fields: Mapping[str, Field]) -> Condition:
    """Raises `ConditionError`. A rule has no viewer, and may ask what has changed."""
    return parse(tree, fields, rule_only=True, allow_refs=False)


def condition_in_words(tree: Any, fields: Mapping[str, Field], names: Names = by_number) -> str:
    try:
        return sentence(read_condition(tree, fields), fields, _, names=names, formats=as_shown)
    except ConditionError:
        return _("a condition that its form no longer understands")


def holds(tree: Any, subject: Subject, note: TicketNote) -> bool:
    """For the ticket as it is now, but for what the event itself changed: told late, it still means its own change.

    What the form does not have is not compared, so such a rule says nothing.
    """
    fields = condition_fields(subject.form)
    ctx = Context(
        now=utc_now(),
        zone=ZoneInfo("UTC"),
        requester=subject.requester_id,
        previous=_before(note),
        known=frozenset(fields),
    )
    try:
        return evaluate(read_condition(tree, fields), {**subject.values, **_after(note)}, ctx).answer
    except ConditionError:
        return False


def _after(note: TicketNote) -> dict[str, Any]:
    field = _OWN_FIELD.get(note.event_type or "")
    return {field: (note.event_details or {}).get("new")} if field else {}


def _before(note: TicketNote) -> dict[str, Any]:
    """What the event says about the fields that it changed."""
    kind, facts = note.event_type or "", note.event_details or {}
    if kind in _OWN_FIELD:
        return {_OWN_FIELD[kind]: facts.get("old")}
    if kind == "field_change":
        return {change["field"]: change["old"] for change in facts.get("changes", ())}
    return {field: facts.get(fact) for field, fact in _OF_EVENT.get(kind, {}).items()}
