"""What a request says: read through the form door, compared, and written down as events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.log import ActivityLog
from app.attachments.models import TicketAttachment
from app.clock import database_now
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.file_answers import ID, files_in
from app.tickets import events
from app.tickets.models import Priority, Ticket, Visibility

LONGEST_TITLE, LONGEST_DESCRIPTION = 300, 50_000


@dataclass(slots=True)
class Content:
    """A request as somebody typed it; `fields` is in its stored form."""

    title: str
    description: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    priority: str = Priority.MEDIUM
    visibility: str = Visibility.INTERNAL
    due_at: datetime | None = None
    assignee_id: int | None = None
    assigned_role_id: int | None = None
    category_ids: list[int] = field(default_factory=list)
    label_ids: list[int] = field(default_factory=list)
    requester_id: int | None = None
    picks: Mapping[str, Sequence[int]] | None = None
    """Whom the requester chose to approve, by step; none: as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field as it is told: its key, the label of its form, and both values in stored form."""

    field: str
    label: str
    old: Any
    new: Any

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "label": self.label, "old": self.old, "new": self.new}


def field_changes(form: FormDefinition | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    keys = [*old, *(key for key in new if key not in old)]
    labels = {one.key: one.label for one in form.fields} if form else {}
    return [
        Change(key, labels.get(key, key), old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)
    ]


async def write_content(
    log: ActivityLog, ticket: Ticket, content: Content, form: FormDefinition | None
) -> set[str]:  # fmt: skip
    """Title, description and fields, each change with its event; the names of what changed."""
    changed: set[str] = set()
    if ticket.title != content.title:
        old, ticket.title = ticket.title, content.title
        changed.add("title")
        await log.record(events.TITLE_CHANGE, ticket, old=old, new=content.title)
    if ticket.description != content.description:
        old, ticket.description = ticket.description, content.description
        changed.add("description")
        await log.record(events.DESCRIPTION_CHANGE, ticket, old=old, new=content.description)
    changes = field_changes(form, ticket.custom_fields_data, content.fields)
    if changes:
        await remove_files_left_out(log.session, ticket, content.fields)
        ticket.custom_fields_data = content.fields
        told = ", ".join(change.label for change in changes)
        await log.record(events.FIELD_CHANGE, ticket, label=told, changes=[change.to_json() for change in changes])
    return changed | {change.field for change in changes}


async def remove_files_left_out(session: AsyncSession, ticket: Ticket, fields: Mapping[str, Any]) -> None:
    """Before the ticket has these answers: files that its old ones name and these do not. Events tell their hashes."""
    gone = _files_of(ticket.custom_fields_data) - _files_of(fields)
    if not gone:
        return
    query = select(TicketAttachment).where(TicketAttachment.ticket_id == ticket.id, TicketAttachment.id.in_(gone))
    at = await database_now(session)
    for file in (await session.execute(query.where(TicketAttachment.field_key.is_not(None)))).scalars():
        file.delete_softly(at=at)


def _files_of(fields: Mapping[str, Any]) -> set[int]:
    return {file[ID] for value in fields.values() for file in files_in(value) if ID in file}
