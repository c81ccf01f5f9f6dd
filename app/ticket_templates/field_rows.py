"""One field of a ticket template as it is typed, from and to its definition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.condition_editor import ConditionRows
from app.ticket_templates.asking import as_typed
from app.ticket_templates.fields import WITH_OPTIONS, FieldDefinition, FieldType
from app.ticket_templates.parsing import from_form
from app.ticket_templates.reading import Reader
from app.web.forms import MAX_ID, Submitted
from app.web.i18n import gettext as _

TEXTS = ("key", "label", "type", "help", "placeholder", "min", "max", "pattern")
FLAGS = ("required", "filterable")
CONDITIONS = ("visible_when", "required_when")
INPUTS = (*TEXTS, *FLAGS, "default", "options", "currencies", "editing", "readable_by")
SPECIAL = ("placeholder", "min", "max", "pattern", "default", "editing", "readable_by", "filterable")
"""Inputs that most fields leave empty; the page folds them away."""
ICONS: dict[str, str] = {
    FieldType.LONG_TEXT: "align-left", FieldType.NUMBER: "hash", FieldType.MONEY: "banknote",
    FieldType.DATE: "calendar", FieldType.DATETIME: "calendar-days", FieldType.BOOLEAN: "toggle-right",
    FieldType.CHOICE: "list", FieldType.CHOICES: "list-checks", FieldType.USER: "user", FieldType.ROLE: "users",
    FieldType.ATTACHMENT: "paperclip",
}  # fmt: skip
ARCHIVED = "#"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """`number` is its name on this screen, wherever it is moved to: focus and what is typed go with it."""

    number: int
    typed: Mapping[str, list[str]]
    conditions: Mapping[str, ConditionRows]

    @classmethod
    def read(cls, submitted: Submitted, number: int) -> Self:
        at = f"fields.{number}."
        conditions = {name: ConditionRows.read(submitted, at + name) for name in CONDITIONS}
        return cls(number, {name: submitted.all(at + name) for name in INPUTS}, conditions)

    def get(self, name: str) -> str:
        return (self.typed.get(name) or [""])[0]

    def all(self, name: str) -> list[str]:
        return self.typed.get(name) or []

    @classmethod
    def blank(cls, number: int) -> Self:
        return cls.read(Submitted(), number)

    @property
    def type(self) -> str:
        return self.get("type") or FieldType.TEXT

    @property
    def watched_value(self) -> str:
        """Null and true mean the same; whichever it was stays, so that saving changes nothing."""
        return "true" if self.get("editing") == "true" else ""

    @property
    def is_special(self) -> bool:
        said = any(rows.root.parts for rows in self.conditions.values())
        return said or any(any(self.all(name)) for name in SPECIAL)

    @property
    def icon(self) -> str:
        return ICONS.get(self.type, "type")

    @property
    def takes_options(self) -> bool:
        return self.type in WITH_OPTIONS or bool(self.get("options").strip())

    @property
    def takes_currencies(self) -> bool:
        return self.type == FieldType.MONEY or bool(self.get("currencies").strip())

    @property
    def limit_help(self) -> str:
        """What the limits of this type count."""
        if self.type in {FieldType.DATE, FieldType.DATETIME}:
            return _("A date like 2026-12-31, or “today”.")
        if self.type in {FieldType.TEXT, FieldType.LONG_TEXT}:
            return _("Characters.")
        counted = {FieldType.CHOICES: _("How many are chosen."), FieldType.ATTACHMENT: _("How many files.")}
        return next((said for kind, said in counted.items() if kind == self.type), "")

    def as_far_as_readable(self, zone: ZoneInfo) -> FieldDefinition:
        """For what stands below it."""
        return FieldDefinition.read(Reader(self.definition(zone)[0]))

    def definition(self, zone: ZoneInfo) -> tuple[dict[str, Any], dict[str, str]]:
        """(JSON, errors by input): what can't be read is left out."""
        errors: dict[str, str] = {}
        editing = self.get("editing")
        plain: dict[str, Any] = {name: self.get(name) for name in TEXTS} | {
            name: bool(self.get(name)) for name in FLAGS
        }
        plain |= self._conditions(zone, errors)
        plain |= {
            "type": self.type, "options": _options(self.get("options")), "min": self._limit("min"),
            "max": self._limit("max"),
            "pattern": self.get("pattern") or None,
            "currencies": self.get("currencies").upper().replace(",", " ").split(),
            "readable_by": [int(each) for each in self.all("readable_by") if _is_row(each)] or None,
            "approval_relevant": {"true": True, "false": False}.get(editing), "locked": editing == "locked",
        }  # fmt: skip
        plain["default"] = self._default(plain, zone, errors)
        return plain, errors

    def _conditions(self, zone: ZoneInfo, errors: dict[str, str]) -> dict[str, Any]:
        wrong: dict[str, str] = {}
        found = {name: rows.tree(zone, wrong) for name, rows in self.conditions.items()}
        errors |= {name.removeprefix(f"fields.{self.number}."): said for name, said in wrong.items()}
        return found

    def _limit(self, name: str) -> int | str | None:
        text = self.get(name).strip()
        counts = self.type in {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICES, FieldType.ATTACHMENT}
        return int(text) if counts and text.isascii() and text.isdigit() and len(text) < 10 else text or None

    def _default(self, plain: Mapping[str, Any], zone: ZoneInfo, errors: dict[str, str]) -> Any:
        """Typed like an answer: a box for yes, keys of options with commas between them."""
        text = self.get("default").strip()
        if not text:
            return None
        listed = [part.strip() for part in text.split(",")] if self.type == FieldType.CHOICES else [text]
        reader = Reader(dict(plain))
        field = FieldDefinition.read(reader)
        try:
            return from_form(field, Submitted({"default": listed}), "default", zone) if not reader.errors else None
        except (ValueError, KeyError) as error:
            errors["default"] = (
                str(error) if isinstance(error, ValueError) else _("Fields of this type have no default.")
            )
            return None


def row_of(field: FieldDefinition, zone: ZoneInfo) -> dict[str, list[str]]:
    """A definition as it would have been typed, but for its conditions."""
    plain = {name: [str(value)] for name in TEXTS if (value := getattr(field, name)) not in (None, "")}
    plain |= {name: ["true"] for name in FLAGS if getattr(field, name)}
    plain["options"] = ["\n".join(_option_line(option.key, option.label, option.archived) for option in field.options)]
    plain["currencies"] = [" ".join(field.currencies)]
    plain["readable_by"] = [str(role) for role in field.readable_by or ()]
    plain["editing"] = [_editing(field)]
    plain["default"] = [_default_text(field, zone)]
    return plain


def _options(text: str) -> list[dict[str, Any]]:
    """`key: Label`, one a line; a line that begins with # is archived."""
    listed = []
    for line in text.splitlines():
        archived, rest = line.strip().startswith(ARCHIVED), line.strip().removeprefix(ARCHIVED).strip()
        key, _colon, label = rest.partition(":")
        if rest:
            listed.append({"key": key.strip(), "label": label.strip() or key.strip(), "archived": archived})
    return listed


def _option_line(key: str, label: str, archived: bool) -> str:
    return f"{ARCHIVED + ' ' if archived else ''}{key}: {label}"


def _editing(field: FieldDefinition) -> str:
    return "locked" if field.locked else {True: "true", False: "false", None: ""}[field.approval_relevant]


def _default_text(field: FieldDefinition, zone: ZoneInfo) -> str:
    if field.default is None:
        return ""
    if field.type is FieldType.CHOICES:
        return ", ".join(field.default)
    if field.type is FieldType.BOOLEAN:
        return "yes" if field.default else "no"
    return str(as_typed(field, field.default, zone))


def _is_row(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:20]) <= MAX_ID
