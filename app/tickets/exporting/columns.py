"""The columns of an export: what every ticket has, then what its forms ask for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from app.activity.vocabulary import status_word, word
from app.actor import Actor
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.fields_repository import told_apart
from app.ticket_templates.parsing import moment_of
from app.ticket_templates.repository import FormVersion
from app.ticket_templates.showing import text_of
from app.ticket_templates.values import readable
from app.tickets.exporting.files import Cell
from app.tickets.exporting.repository import Called
from app.web.formats import zone_of
from app.web.i18n import gettext as _
from app.web.i18n import pgettext


@dataclass(slots=True)
class Sheet:
    """For one reader: headings in their language, moments on their clock, answers that they may read."""

    actor: Actor
    forms: Sequence[tuple[FormVersion, FormDefinition]]
    zone: ZoneInfo = field(init=False)
    by_version: dict[int, FormDefinition] = field(init=False)
    newest: dict[tuple[int, str], FieldDefinition] = field(init=False)
    asked: list[FieldDefinition] = field(init=False)
    """One column for each question, though several forms ask it."""
    _readable: dict[tuple[int, bool], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zone = zone_of(self.actor.time_zone)
        self.by_version = {version.id: form for version, form in self.forms}
        self.newest = {(version.template_id, one.key): one for version, form in self.forms for one in form.value_fields}
        self.asked = list({_identity(one): one for one in self.newest.values()}.values())

    def headings(self) -> list[str]:
        zone = self.actor.time_zone
        moments = [
            f"{said} ({zone})"
            for said in (
                _("Due"),
                _("Created"),
                _("Updated"),
                _("Submitted"),
                pgettext("time", "Resolved"),
                pgettext("time", "Closed"),
            )
        ]
        return [
            _("Number"), _("Title"), _("Status"), _("Priority"), _("Who can see it"), _("Form"), _("Created by"),
            _("Asked for"), _("Assignee"), _("Team"), _("Categories"), _("Labels"), *moments, _("Description"),
            _("Resolution"), *self._questions(),
        ]  # fmt: skip

    def _questions(self) -> list[str]:
        forms = {_identity(one): form.name for _version, form in self.forms for one in form.value_fields}
        labels = told_apart({_identity(one): (one.label, forms[_identity(one)]) for one in self.asked})
        return [heading for one in self.asked for heading in _headings(one, labels[_identity(one)])]

    def cells(self, row: Any, known: Called) -> list[Cell]:
        return [
            row.ticket_no, row.title, status_word(row.status, row.approval), word(row.priority), word(row.visibility),
            known.templates.get(row.template_id, ""), self._person(row.created_by, known),
            self._person(row.requester_id, known), self._person(row.assignee_id, known),
            known.names.roles.get(row.assigned_role_id, ""), ", ".join(known.categories.get(row.id, ())),
            ", ".join(known.labels.get(row.id, ())), self._here(row.due_at), self._here(row.created_at),
            self._here(row.updated_at), self._here(row.submitted_at), self._here(row.resolved_at),
            self._here(row.closed_at), row.description, row.resolution or "", *self._answers(row, known),
        ]  # fmt: skip

    def holds_own(self, row: Any) -> bool:
        """The row has answers that its reader reads only as one of the ticket's own people or approvers."""
        form = self.by_version.get(row.template_version_id)
        if form is None or not row.is_own:
            return False
        return self._may_read(row, form, own=True) != self._may_read(row, form, own=False)

    def _answers(self, row: Any, known: Called) -> list[Cell]:
        form = self.by_version.get(row.template_version_id)
        open_keys = self._may_read(row, form, own=row.is_own) if form else frozenset[str]()
        cells: list[Cell] = []
        for column in self.asked:
            one = self.newest.get((row.template_id, column.key))
            is_here = one is not None and column.key in open_keys and _identity(one) == _identity(column)
            value = row.custom_fields_data.get(column.key) if is_here else None
            own = (form.field(column.key) if form else None) or column
            cells += [None] * _width(column) if value is None else self._answer(own, column, value, known)
        return cells

    def _may_read(self, row: Any, form: FormDefinition, *, own: bool) -> frozenset[str]:
        key = (row.template_version_id, own)
        if key not in self._readable:
            self._readable[key] = readable(form, role_ids=self.actor.role_ids, own=own)
        return self._readable[key]

    def _answer(self, one: FieldDefinition, column: FieldDefinition, value: Any, known: Called) -> list[Cell]:
        """As the version says that the ticket was made from; what no longer fits its column is told in words."""
        if one.type is column.type and one.type in _KINDS:
            try:
                return _KINDS[one.type](value, self.zone)
            except (ValueError, TypeError, KeyError, InvalidOperation):
                return [str(value), *[None] * (_width(column) - 1)]
        return [text_of(one, value, known.names), *[None] * (_width(column) - 1)]

    def _person(self, person_id: int | None, known: Called) -> str:
        person = known.names.people.get(person_id or 0)
        return str(person.name) if person is not None else ""

    def _here(self, moment: datetime | None) -> datetime | None:
        return moment.astimezone(self.zone).replace(microsecond=0, tzinfo=None) if moment else None


def _moment(value: Any, zone: ZoneInfo) -> list[Cell]:
    return [moment_of(value).astimezone(zone).replace(microsecond=0, tzinfo=None)]


_KINDS: dict[FieldType, Callable[[Any, ZoneInfo], list[Cell]]] = {
    FieldType.NUMBER: lambda value, zone: [Decimal(str(value))],
    FieldType.MONEY: lambda value, zone: [Decimal(str(value["amount"])), str(value["currency"])],
    FieldType.DATE: lambda value, zone: [date.fromisoformat(value)],
    FieldType.DATETIME: _moment,
}


def _identity(one: FieldDefinition) -> tuple[str, str, bool]:
    return (one.key, one.label, _is_money(one))


def _is_money(one: FieldDefinition) -> bool:
    return one.type is FieldType.MONEY


def _width(one: FieldDefinition) -> int:
    return 2 if _is_money(one) else 1


def _headings(one: FieldDefinition, label: str) -> list[str]:
    return [label, _("%(field)s, currency") % {"field": label}] if _is_money(one) else [label]
