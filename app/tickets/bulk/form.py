"""What somebody chose to do to many tickets."""

from typing import Any

from app.actor import current_actor
from app.ticket_templates.values import input_name
from app.tickets.bulk.answers import Answering
from app.tickets.bulk.changes import Changes
from app.tickets.bulk.service import MOST
from app.tickets.filters import LIST, TicketFilters
from app.tickets.lifecycle import STEPS, Move
from app.tickets.models import Priority, Visibility
from app.web.formats import zone_of
from app.web.forms import Form, Submitted
from app.web.i18n import gettext as _

TARGETS = tuple(dict.fromkeys(step.target for step in STEPS if step.move is not Move.SUBMIT))


class BulkForm(Form):
    """`seen` is one text a ticket: its number and the version that was looked at; `all`: whatever the filters find.

    `is_asking`: a question of the tickets' form was chosen and is to be answered first.
    """

    def __init__(self, values: Submitted, answering: Answering | None = None) -> None:
        super().__init__(values)
        self.answering = answering
        self.command = self.text("command", required=True, limit=60)
        self.all = self.flag("all")
        self.seen = seen_in(values)
        self.question = answering.chosen(values.get("answer")) if answering else None
        self.is_asking = values.get("act") == "ask"
        if self.question is not None and answering is not None:
            self.is_asking |= not answering.was_asked(self.question, values)
        self.changes = self._changes()
        if self.is_asking:
            self.errors.clear()
        elif not self.errors and not self.changes:
            self.errors[""] = _("Choose what should change.")

    def _changes(self) -> Changes:
        zone = zone_of(current_actor().time_zone)
        due = self.moment("due_at", zone)
        return Changes(
            priority=self.choice("priority", ("", *Priority)),
            due_at="none" if self.flag("no_due") else due.isoformat() if due else "",
            assignee=self._row_or_none("assignee"), assigned_role=self._row_or_none("assigned_role"),
            visibility=self.choice("visibility", ("", *Visibility)), add_labels=tuple(self.rows("add_labels")),
            remove_labels=tuple(self.rows("remove_labels")), add_categories=tuple(self.rows("add_categories")),
            remove_categories=tuple(self.rows("remove_categories")),
            comment=self.text("comment", limit=10_000, multiline=True),
            move_to=self.choice("move_to", ("", *TARGETS)), reason=self.text("reason", limit=4_000, multiline=True),
            answer=self._answer(),
        )  # fmt: skip

    def _answer(self) -> dict[str, Any]:
        if self.question is None or self.answering is None or self.is_asking:
            return {}
        try:
            return self.answering.read(self.question, self.typed)
        except ValueError as error:
            self.errors[input_name(self.question.key)] = str(error)
            return {}

    def _row_or_none(self, name: str) -> str:
        if self.typed.get(name) == "none":
            return "none"
        row = self.row(name)
        return str(row) if row else ""


def filters_of(values: Submitted, path: str = LIST) -> TicketFilters:
    """The list's own, carried along with a name of their own: `status` here is a filter, not a change."""
    prefix = "filter-"
    query = (
        (name.removeprefix(prefix), value)
        for name, given in values.values.items()
        if name.startswith(prefix)
        for value in given
    )
    return TicketFilters.read(query, path)


def seen_in(values: Submitted) -> list[tuple[str, int]]:
    """Numbers, and the versions that were looked at."""
    return [seen for text in values.all("seen")[:MOST] if (seen := _seen(text))]


def _seen(text: str) -> tuple[str, int] | None:
    number, _colon, version = text.partition(":")
    plain = version.isascii() and version.isdigit() and len(version) < 10
    return (number, int(version)) if plain and 0 < len(number) <= 24 and number.isascii() else None
