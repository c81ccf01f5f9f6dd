"""One field of a ticket template: what is asked, of which type, within which limits."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from app.ticket_templates.reading import Reader
from app.web.i18n import gettext as _

KEY = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
BUILT_IN = frozenset(
    {
        "approval", "assigned_role", "assignee", "categories", "category", "created_at", "created_by", "creator",
        "description", "due", "due_at", "files", "id", "label", "labels", "priority", "requester", "resolution",
        "status", "template", "ticket_no", "title", "updated_at", "updated_by", "version", "visibility",
    }
)  # fmt: skip
"""Names a ticket has anyway; no custom field may take one."""


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    USER = "user"
    ROLE = "role"
    TICKET = "ticket"
    ATTACHMENT = "attachment"
    TABLE = "table"
    HEADING = "heading"


NOT_AVAILABLE_YET = frozenset({FieldType.TICKET, FieldType.TABLE})
WITH_OPTIONS = frozenset({FieldType.CHOICE, FieldType.CHOICES})
TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT})
WITH_LIMITS = TEXTS | {
    FieldType.NUMBER,
    FieldType.MONEY,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.CHOICES,
    FieldType.ATTACHMENT,
}
LONGEST = {FieldType.TEXT: 500, FieldType.LONG_TEXT: 20_000}


class FieldClass(StrEnum):
    """What an edit of the field does to approvals (approvals.md, rule 9)."""

    LOCKED = "locked"
    WATCHED = "watched"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Option:
    """An archived one can't be picked any more; tickets that have it still name it."""

    key: str
    label: str
    archived: bool = False

    @classmethod
    def read(cls, reader: Reader) -> Self:
        reader.only(("key", "label", "archived"))
        key = reader.text("key", limit=63)
        return cls(key, reader.text("label", limit=120) or key, reader.flag("archived"))

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "label": self.label, "archived": self.archived}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDefinition:
    """`min` and `max` limit a text's length, how many are chosen or attached, a number, an amount or a date."""

    key: str
    label: str
    type: FieldType
    help: str = ""
    placeholder: str = ""
    required: bool = False
    default: Any = None
    options: tuple[Option, ...] = ()
    min: int | str | None = None
    max: int | str | None = None
    pattern: str | None = None
    visible_when: dict[str, Any] | None = None
    required_when: dict[str, Any] | None = None
    approval_relevant: bool | None = None
    locked: bool = False
    readable_by: tuple[int, ...] | None = None
    currencies: tuple[str, ...] = ()
    filterable: bool = False

    @property
    def holds_a_value(self) -> bool:
        return self.type is not FieldType.HEADING

    @property
    def asks_yes_or_no(self) -> bool:
        """A yes/no that must be answered is two buttons; otherwise it is a box, and leaving it empty means no."""
        return self.type is FieldType.BOOLEAN and (self.required or self.required_when is not None)

    @property
    def field_class(self) -> FieldClass:
        """By its own setting; what a condition or approver line reads is watched in any case (`watched`)."""
        if self.locked:
            return FieldClass.LOCKED
        return FieldClass.FREE if self.approval_relevant is False else FieldClass.WATCHED

    def option_label(self, key: str) -> str:
        return next((option.label for option in self.options if option.key == key), key)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        reader.only(cls.__dataclass_fields__)
        key = reader.text("key", limit=63)
        return cls(
            key=key, label=reader.text("label", limit=120) or key, type=_type(reader),
            help=reader.text("help", limit=500, multiline=True), placeholder=reader.text("placeholder", limit=120),
            required=reader.flag("required"), default=reader.json.get("default"),
            options=reader.parts("options", Option.read), min=_limit(reader, "min"), max=_limit(reader, "max"),
            pattern=reader.optional_text("pattern", limit=300), visible_when=reader.tree("visible_when"),
            required_when=reader.tree("required_when"), approval_relevant=reader.optional_flag("approval_relevant"),
            locked=reader.flag("locked"), readable_by=reader.optional_rows("readable_by"),
            currencies=reader.currencies("currencies"), filterable=reader.flag("filterable"),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Whole: what is not set is there as null, so that two definitions can be laid side by side."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {
            "type": str(self.type),
            "options": [option.to_json() for option in self.options],
            "readable_by": None if self.readable_by is None else list(self.readable_by),
            "currencies": list(self.currencies),
        }


def _type(reader: Reader) -> FieldType:
    return FieldType(reader.choice("type", [str(kind) for kind in FieldType], FieldType.TEXT))


def _limit(reader: Reader, name: str) -> int | str | None:
    value = reader.json.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str) or len(str(value)) > 40:
        reader.refuse(name, _("A whole number, a decimal as text, or a date like 2026-12-31."))
        return None
    return value
