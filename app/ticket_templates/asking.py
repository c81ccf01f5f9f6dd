"""The questions of a form as a page draws them: each with its control, what was answered, and what is wrong with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.file_answers import LEFT_OUT, File, ShownFile, at_hand, shown
from app.ticket_templates.parsing import moment_of
from app.ticket_templates.rules import reads
from app.ticket_templates.values import input_name, visible_fields
from app.web.forms import Submitted
from app.web.i18n import gettext as _

CONTROLS = {
    FieldType.TEXT: "text", FieldType.LONG_TEXT: "textarea", FieldType.NUMBER: "number", FieldType.MONEY: "money",
    FieldType.DATE: "date", FieldType.DATETIME: "datetime", FieldType.BOOLEAN: "checkbox", FieldType.CHOICE: "select",
    FieldType.CHOICES: "choices", FieldType.USER: "person", FieldType.ROLE: "select", FieldType.ATTACHMENT: "files",
    FieldType.HEADING: "heading",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class People:
    """Whom one may pick: (id, name) of people and roles, by name."""

    users: Sequence[tuple[int, str]] = ()
    roles: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything `components/forms.html` needs for one field; `asks_again`: other questions depend on the answer."""

    key: str
    name: str
    label: str
    control: str
    value: Any = ""
    currency: str = ""
    currencies: tuple[str, ...] = ()
    options: tuple[Choice, ...] = ()
    files: tuple[ShownFile, ...] = ()
    help: str = ""
    placeholder: str = ""
    required: bool = False
    error: str = ""
    asks_again: bool = False
    drawn: bool = True


def questions(
    form: FormDefinition,
    values: Mapping[str, Any],
    *,
    now: datetime,
    zone: ZoneInfo,
    people: People | None = None,
    typed: Submitted | None = None,
    errors: Mapping[str, str] | None = None,
    visible: Collection[str] | None = None,
    only: Collection[str] | None = None,
    before: Mapping[str, Any] | None = None,
    kept: Mapping[str, Sequence[File]] | None = None,
) -> list[Question]:
    """`typed` wins over `values` for what was on the page; `only` are the fields this person may answer.
    Files are those of the answers `before` and those `kept` with the form, left out or not."""
    drawn = visible_fields(form, values, now=now, zone=zone) if visible is None else visible
    deciding = {key for one in form.fields for tree in (one.visible_when, one.required_when) for key in reads(tree)}
    asked = [
        one for one in form.fields if one.key in drawn and (only is None or one.key in only or not one.holds_a_value)
    ]
    draw = _Draw(values, zone, people or People(), typed, errors or {}, deciding, before or {}, kept or {})
    return [draw.question(one) for one in asked if one.type in CONTROLS]


def labels(form: FormDefinition) -> dict[str, str]:
    """By input name, for the list of errors at the top."""
    return {input_name(one.key): one.label for one in form.value_fields}


@dataclass(frozen=True, slots=True)
class _Draw:
    values: Mapping[str, Any]
    zone: ZoneInfo
    people: People
    typed: Submitted | None
    errors: Mapping[str, str]
    deciding: Collection[str]
    before: Mapping[str, Any]
    kept: Mapping[str, Sequence[File]]

    def question(self, one: FieldDefinition) -> Question:
        name = input_name(one.key)
        return Question(
            key=one.key, name=name, label=one.label, control="radio" if one.asks_yes_or_no else CONTROLS[one.type],
            value=self._value(one, name), currency=self._currency(one, name), currencies=one.currencies,
            options=self._options(one), files=self._files(one, name), help=one.help,
            placeholder=one.placeholder, required=one.required, error=self.errors.get(name, ""),
            asks_again=one.key in self.deciding, drawn=one.holds_a_value,
        )  # fmt: skip

    def _value(self, one: FieldDefinition, name: str) -> Any:
        if self.typed is not None and self._was_on_the_page(one, name):
            return self._typed(one, name, self.typed)
        return as_typed(one, self.values.get(one.key), self.zone)

    def _files(self, one: FieldDefinition, name: str) -> tuple[ShownFile, ...]:
        if one.type is not FieldType.ATTACHMENT:
            return ()
        left_out = self.typed.all(name + LEFT_OUT) if self.typed is not None else ()
        return shown(at_hand(self.before.get(one.key), self.kept.get(one.key, ())), left_out)

    def _was_on_the_page(self, one: FieldDefinition, name: str) -> bool:
        return self.typed is not None and (name in self.typed or one.key in self.typed.all("drawn"))

    def _typed(self, one: FieldDefinition, name: str, typed: Submitted) -> Any:
        if one.type is FieldType.CHOICES:
            return typed.all(name)
        if one.type is FieldType.BOOLEAN and not one.asks_yes_or_no:
            return bool(typed.get(name))
        return typed.get(name)

    def _currency(self, one: FieldDefinition, name: str) -> str:
        if one.type is not FieldType.MONEY:
            return ""
        chosen = self.typed.get(f"{name}_currency") if self.typed else ""
        stored = (self.values.get(one.key) or {}).get("currency", "")
        return next((code for code in (chosen, stored, *one.currencies) if code in one.currencies), "")

    def _options(self, one: FieldDefinition) -> tuple[Choice, ...]:
        if one.asks_yes_or_no:
            return Choice("true", _("Yes")), Choice("false", _("No"))
        if one.type is FieldType.USER:
            return tuple(Choice(str(row), name) for row, name in self.people.users)
        if one.type is FieldType.ROLE:
            return tuple(Choice(str(row), name) for row, name in self.people.roles)
        had = self.values.get(one.key) or ()
        return tuple(
            Choice(each.key, each.label)
            for each in one.options
            if not each.archived or (each.key in had if isinstance(had, list) else each.key == had)
        )


def as_typed(one: FieldDefinition, value: Any, zone: ZoneInfo) -> Any:
    """A stored value as it stands in its control."""
    if one.type is FieldType.CHOICES:
        return value or []
    if one.type is FieldType.BOOLEAN:
        return _as_button(value) if one.asks_yes_or_no else bool(value)
    if value is None or one.type is FieldType.ATTACHMENT:
        return ""
    if one.type is FieldType.MONEY:
        return value["amount"]
    if one.type is FieldType.DATETIME:
        return moment_of(value).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return str(value)


def _as_button(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, "")
