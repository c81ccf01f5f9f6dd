"""The whole ticket template: what a ticket made from it asks for, starts with and runs through."""

from dataclasses import dataclass
from typing import Any, Self

from app.errors import Refused
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.reading import Reader

PRIORITIES = ("low", "medium", "high", "urgent")
VISIBILITIES = ("internal", "restricted")
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDefinition:
    """`usable_by` null is everybody; otherwise members of one of these roles. `approval_template` is a key."""

    key: str
    name: str
    description: str = ""
    icon: str = "file-text"
    prefix: str = "TIC"
    approval_template: str | None = None
    category_ids: tuple[int, ...] = ()
    label_ids: tuple[int, ...] = ()
    default_priority: str = "medium"
    default_visibility: str = "internal"
    default_assignee_id: int | None = None
    default_assigned_role_id: int | None = None
    fields: tuple[FieldDefinition, ...] = ()
    usable_by: tuple[int, ...] | None = None

    def field(self, key: str) -> FieldDefinition | None:
        return next((field for field in self.fields if field.key == key), None)

    @property
    def value_fields(self) -> tuple[FieldDefinition, ...]:
        return tuple(field for field in self.fields if field.holds_a_value)

    @property
    def role_ids(self) -> frozenset[int]:
        """Every role that the definition names."""
        readers = [role for field in self.fields for role in field.readable_by or ()]
        defaults = self._defaults_of(FieldType.ROLE)
        return frozenset([*readers, *defaults, *(self.usable_by or ()), *_given(self.default_assigned_role_id)])

    @property
    def user_ids(self) -> frozenset[int]:
        return frozenset([*self._defaults_of(FieldType.USER), *_given(self.default_assignee_id)])

    def _defaults_of(self, kind: FieldType) -> list[int]:
        return [field.default for field in self.fields if field.type is kind and isinstance(field.default, int)]

    @classmethod
    def from_json(cls, json: Any) -> Self:
        """Raises `Refused` with every mistake by its path (`fields.2.key`)."""
        reader = Reader(json)
        form = cls._read(reader)
        if reader.errors:
            raise Refused("This is not a ticket template as it should be.", reader.errors)
        return form

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        reader.only(cls.__dataclass_fields__)
        return cls(
            key=reader.text("key", limit=63), name=reader.text("name", limit=120),
            description=reader.text("description", limit=500, multiline=True),
            icon=reader.text("icon", limit=40, default="file-text"),
            prefix=reader.text("prefix", limit=8, default="TIC"),
            approval_template=reader.optional_text("approval_template", limit=63),
            category_ids=reader.rows("category_ids"), label_ids=reader.rows("label_ids"),
            default_priority=reader.choice("default_priority", PRIORITIES, "medium"),
            default_visibility=reader.choice("default_visibility", VISIBILITIES, "internal"),
            default_assignee_id=reader.row("default_assignee_id"),
            default_assigned_role_id=reader.row("default_assigned_role_id"),
            fields=reader.parts("fields", FieldDefinition.read, MOST_FIELDS),
            usable_by=reader.optional_rows("usable_by"),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {
            "category_ids": list(self.category_ids),
            "label_ids": list(self.label_ids),
            "fields": [field.to_json() for field in self.fields],
            "usable_by": None if self.usable_by is None else list(self.usable_by),
        }


def _given(row: int | None) -> tuple[int, ...]:
    return () if row is None else (row,)
