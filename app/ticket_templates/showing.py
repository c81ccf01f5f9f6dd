"""The answers to a form as somebody reads them, in their language and zone."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.ticket_templates import file_answers
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.parsing import moment_of
from app.web import formats
from app.web.i18n import gettext as _
from app.web.i18n import series

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Names:
    """People (with name, initials, hue) and roles by id, as the record knows them: deactivated ones too."""

    people: Mapping[int, Any] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One answer; `person` is there for a field that names one, `wide` for what needs the whole line; `files`, if it is
    files."""

    key: str
    label: str
    kind: str
    text: str
    value: Any
    person: Any = None
    wide: bool = False
    files: tuple[file_answers.ShownFile, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.value is None


def display(
    form: FormDefinition,
    values: Mapping[str, Any],
    names: Names | None = None,
    *,
    only: Collection[str] | None = None,
    with_empty: bool = False,
) -> list[Row]:
    """`only`: the fields this reader may read (`values.readable`). Unanswered ones are left out unless asked for."""
    named = names or Names()
    return [
        _row(one, values.get(one.key), named)
        for one in form.value_fields
        if (only is None or one.key in only) and (with_empty or values.get(one.key) is not None)
    ]


def text_of(one: FieldDefinition, value: Any, names: Names | None = None) -> str:
    """One value in words; a value that is not of the field's type any more is shown as it is."""
    if value is None:
        return NOTHING
    try:
        return _SAYS[one.type](one, value, names or Names()) if one.type in _SAYS else str(value)
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return str(value)


def _row(one: FieldDefinition, value: Any, names: Names) -> Row:
    person = names.people.get(value) if one.type is FieldType.USER and isinstance(value, int) else None
    return Row(
        key=one.key, label=one.label, kind=str(one.type), text=text_of(one, value, names), value=value, person=person,
        wide=one.type in {FieldType.LONG_TEXT, FieldType.ATTACHMENT},
        files=file_answers.shown(value) if one.type is FieldType.ATTACHMENT else (),
    )  # fmt: skip


def _person(_one: FieldDefinition, value: Any, names: Names) -> str:
    person = names.people.get(value)
    return str(person.name) if person is not None else _("Somebody who is gone")


def _options(one: FieldDefinition, value: Any, _names: Names) -> str:
    return series(one.option_label(key) for key in value)


_SAYS: dict[FieldType, Callable[[FieldDefinition, Any, Names], str]] = {
    FieldType.NUMBER: lambda one, value, names: formats.number(Decimal(str(value))),
    FieldType.MONEY: lambda one, value, names: formats.money(value),
    FieldType.DATE: lambda one, value, names: formats.day(date.fromisoformat(value)),
    FieldType.DATETIME: lambda one, value, names: formats.day_and_time(moment_of(value)),
    FieldType.BOOLEAN: lambda one, value, names: _("Yes") if value else _("No"),
    FieldType.CHOICE: lambda one, value, names: one.option_label(value),
    FieldType.CHOICES: _options,
    FieldType.USER: _person,
    FieldType.ATTACHMENT: lambda one, value, names: file_answers.names(value),
    FieldType.ROLE: lambda one, value, names: names.roles.get(value) or _("A role that is gone"),
}
