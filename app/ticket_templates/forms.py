"""What an administrator types about a ticket template, as the definition that it means."""

from typing import Any
from zoneinfo import ZoneInfo

from app.condition_editor import ConditionRows, act_on
from app.errors import Refused
from app.publishing import rows
from app.ticket_templates.definition import MOST_FIELDS, FormDefinition
from app.ticket_templates.field_rows import CONDITIONS, FieldRow, row_of
from app.web.forms import Form, Submitted
from app.web.i18n import gettext as _

TEXTS = ("key", "name", "description", "icon", "prefix", "default_priority", "default_visibility")
OPTIONAL = ("approval_template", "default_assignee_id", "default_assigned_role_id")
LISTS = ("category_ids", "label_ids", "usable_by")


class TicketTemplateForm(Form):
    """The inputs of field number 2 are named `fields.2.…`; a hidden `row` for each says which there are."""

    def __init__(self, values: Submitted, *, zone: ZoneInfo) -> None:
        super().__init__(values)
        self.zone = zone
        self.field_rows = [FieldRow.read(values, number) for number in rows.numbers(values.all("row"), MOST_FIELDS)]
        self.based_on = self.integer("based_on", low=1, high=10**9)

    @classmethod
    def showing(cls, form: FormDefinition, *, zone: ZoneInfo, based_on: int | None = None) -> "TicketTemplateForm":
        return cls(_as_typed(form, zone, based_on), zone=zone)

    @classmethod
    def blank(cls, *, zone: ZoneInfo) -> "TicketTemplateForm":
        form = cls.showing(FormDefinition(key="", name="", prefix=""), zone=zone)
        form.rearrange("add")
        return form

    def definition(self, *, key: str | None = None) -> dict[str, Any]:
        """As JSON; what can't be read as it is typed is in `errors` afterwards."""
        typed = self.typed
        return {
            "key": self.text("key", limit=63) if key is None else key,
            "name": self.text("name", required=True, limit=120),
            "description": self.text("description", limit=500, multiline=True),
            "icon": typed.get("icon") or "file-text", "prefix": self.text("prefix", required=True, limit=8).upper(),
            "approval_template": typed.get("approval_template") or None,
            "category_ids": self.rows("category_ids"), "label_ids": self.rows("label_ids"),
            "default_priority": typed.get("default_priority") or "medium",
            "default_visibility": typed.get("default_visibility") or "internal",
            "default_assignee_id": self.row("default_assignee_id"),
            "default_assigned_role_id": self.row("default_assigned_role_id"),
            "fields": [self._field(row) for row in self.field_rows],
            "usable_by": self.rows("usable_by") or None,
        }  # fmt: skip

    def rearrange(self, act: str) -> None:
        """`add`, or `up.2`, `down.2`, `remove.2` for the row of that number, or a condition's own; else nothing."""
        if act_on(act, self.conditions()):
            return
        verb, _dot, number = act.partition(".")
        if verb == "add" and len(self.field_rows) < MOST_FIELDS:
            self.field_rows.append(FieldRow.blank(rows.free_number(self.field_rows)))
        rows.rearrange(self.field_rows, verb, number)

    def conditions(self) -> dict[str, ConditionRows]:
        """By the name that their inputs begin with."""
        return {rows.place: rows for row in self.field_rows for rows in row.conditions.values()}

    def has_error_in(self, number: int) -> bool:
        return any(name.startswith(f"fields.{number}.") for name in self.errors)

    def refuse(self, refused: Refused) -> None:
        """Takes over what the definition's reader or the check found, each at the input that it is about."""
        for path, sentence in refused.errors.items():
            name = self._input_for(path)
            self.errors[name] = f"{self.errors[name]} {sentence}" if name in self.errors else sentence
        if not refused.errors:
            self.errors[""] = _(refused.sentence)

    def _input_for(self, path: str) -> str:
        """The third field's `fields.2.options.1.key` is typed in the `options` of that row, whatever its number."""
        parts = path.split(".")
        if parts[0] != "fields" or len(parts) < 3:
            return parts[0]
        name = "editing" if parts[2] in {"locked", "approval_relevant"} else parts[2]
        return f"fields.{self.field_rows[int(parts[1])].number}.{name}"

    def _field(self, row: FieldRow) -> dict[str, Any]:
        definition, errors = row.definition(self.zone)
        self.errors |= {f"fields.{row.number}.{name}": sentence for name, sentence in errors.items()}
        return definition


def _as_typed(form: FormDefinition, zone: ZoneInfo, based_on: int | None) -> Submitted:
    values = {name: [str(getattr(form, name))] for name in TEXTS}
    values |= {name: [str(getattr(form, name) or "")] for name in OPTIONAL}
    values |= {name: [str(row) for row in getattr(form, name) or ()] for name in LISTS}
    for number, field in enumerate(form.fields):
        at = f"fields.{number}."
        values |= {at + name: typed for name, typed in row_of(field, zone).items()}
        for name in CONDITIONS:
            values |= ConditionRows.showing(getattr(field, name), at + name).typed()
    values["row"] = [str(number) for number in range(len(form.fields))]
    return Submitted(values | ({"based_on": [str(based_on)]} if based_on else {}))
