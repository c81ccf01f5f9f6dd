"""What a person types into a request: the part that every ticket has; the rest is its ticket template's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.ticket_templates import values as answers
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.file_answers import File
from app.tickets.approving.picks import PREFIX
from app.tickets.content import LONGEST_DESCRIPTION, LONGEST_TITLE, Content
from app.tickets.models import Priority, Ticket, Visibility
from app.web.forms import Form, Submitted


class RequestForm(Form):
    """`reading`: the answers to the template's own questions, read through their own door."""

    title: str
    description: str
    reading: answers.Reading

    @classmethod
    def read(
        cls,
        sent: Submitted,
        definition: FormDefinition | None,
        *,
        now: datetime,
        zone: ZoneInfo,
        lenient: bool = False,
        before: Mapping[str, Any] | None = None,
        only: frozenset[str] | None = None,
        kept: Mapping[str, Sequence[File]] | None = None,
    ) -> Self:
        form = cls(sent)
        form.title = form.text("title", required=True, limit=LONGEST_TITLE)
        form.description = form.text("description", limit=LONGEST_DESCRIPTION, multiline=True)
        form.reading = answers.Reading()
        if definition is not None:
            form.reading = answers.read(
                definition, sent, now=now, zone=zone, lenient=lenient, before=before, only=only, kept=kept
            )
            form.errors |= form.reading.errors
        form._read_properties(definition, zone)
        return form

    def _read_properties(self, definition: FormDefinition | None, zone: ZoneInfo) -> None:
        priority = definition.default_priority if definition else Priority.MEDIUM
        visibility = definition.default_visibility if definition else Visibility.INTERNAL
        self.priority = self.choice("priority", tuple(Priority), default=priority)
        self.visibility = self.choice("visibility", tuple(Visibility), default=visibility)
        self.due_at = self.moment("due_at", zone)
        self.requester_id = self.row("requester_id")
        names = [name for name in self.typed.values if name.startswith(PREFIX)]
        self.picks = {name.removeprefix(PREFIX): self.rows(name) for name in names}

    def content(self, definition: FormDefinition | None) -> Content:
        """Of a new request: what its form sets comes along."""
        content = Content(
            title=self.title, description=self.description, fields=self.reading.values, priority=self.priority,
            visibility=self.visibility, due_at=self.due_at, requester_id=self.requester_id,
            picks=self.picks,
        )  # fmt: skip
        if definition is not None:
            content.assignee_id = definition.default_assignee_id
            content.assigned_role_id = definition.default_assigned_role_id
            content.category_ids = list(definition.category_ids)
            content.label_ids = list(definition.label_ids)
        return content


def as_typed(ticket: Ticket) -> dict[str, str]:
    """A ticket's own content as its controls show it first."""
    return {"title": ticket.title, "description": ticket.description}
