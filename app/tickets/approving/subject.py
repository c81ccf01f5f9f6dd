"""What an approval is about, as plain values: a ticket that is there, or a request that is still being typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Text, cast, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.content import FILES
from app.attachments.models import TicketAttachment
from app.db.constants import among, given
from app.ticket_templates import repository as forms
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.file_answers import as_content
from app.ticket_templates.values import watched
from app.tickets.models import Ticket, TicketCategory, TicketLabel
from app.web.i18n import N_
from app.web.i18n import gettext as _

FREE_PROPERTIES = frozenset({"priority", "due_at", "visibility", "labels", "category", "assignee", "assigned_role"})

_LABELS = {
    "title": N_("Title"), "description": N_("Description"), "requester": N_("Requester"), "priority": N_("Priority"),
    "due_at": N_("Due"), "visibility": N_("Visibility"), "labels": N_("Labels"), "category": N_("Category"),
    "assignee": N_("Assignee"), "assigned_role": N_("Team"), FILES: N_("Files"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """`values`: what conditions read, custom fields and built-in ones by their names; `picks`: whom the requester
    chose, by step: fixed while anybody is asked, so no vote has to be bound to it."""

    creator_id: int
    requester_id: int
    template_id: int | None
    form: FormDefinition | None
    values: Mapping[str, Any] = field(default_factory=dict)
    picks: Mapping[str, Sequence[int]] = field(default_factory=dict)
    ticket_id: int | None = None
    version: int = 1

    def watched(self, also: frozenset[str]) -> dict[str, Any]:
        """All that the request consists of (approvals.md, rule 9), and whatever a condition or line reads."""
        names = {"title", "description", "requester", FILES} | also
        if self.form is not None:
            names |= watched(self.form)
        return {name: self.values.get(name) for name in sorted(names)}

    def label(self, name: str) -> str:
        """What people call a value."""
        known = self.form.field(name) if self.form else None
        return known.label if known else _(_LABELS.get(name, name))

    def free(self, read: frozenset[str]) -> frozenset[str]:
        """What may change without anybody having to approve it anew; what nobody knows any more is none of it."""
        answers = {one.key for one in self.form.value_fields} if self.form else set[str]()
        return frozenset(FREE_PROPERTIES | answers) - self.watched(read).keys()


async def subject_of(session: AsyncSession, ticket: Ticket) -> Subject:
    return (await subjects_of(session, [ticket]))[ticket.id]


async def subjects_of(session: AsyncSession, tickets: Sequence[Ticket]) -> dict[int, Subject]:
    """By ticket, in two queries however many there are."""
    ids = [ticket.id for ticket in tickets]
    versions = await forms.versions_by_id(session, [ticket.template_version_id for ticket in tickets])
    categories, labels, files = await _held(session, ids)
    return {
        ticket.id: Subject(
            creator_id=ticket.created_by,
            requester_id=ticket.requester_id,
            template_id=ticket.template_id,
            form=forms.form_of(version) if (version := versions.get(ticket.template_version_id or 0)) else None,
            values=values_of(
                ticket,
                categories=sorted(map(int, categories.get(ticket.id, []))),
                labels=sorted(map(int, labels.get(ticket.id, []))),
                files=files.get(ticket.id, []),
            ),
            picks=ticket.picks,
            ticket_id=ticket.id,
            version=ticket.version,
        )
        for ticket in tickets
    }


_HELD: Sequence[tuple[Any, Any]] = (
    (TicketCategory, TicketCategory.category_id),
    (TicketLabel, TicketLabel.label_id),
    (TicketAttachment, TicketAttachment.sha256),
)


async def _held(session: AsyncSession, ids: Sequence[int]) -> list[dict[int, list[str]]]:
    """Categories, labels and hashes of files, each as texts by ticket, in one query."""
    found: list[dict[int, list[str]]] = [{} for _ in _HELD]
    asked = {"ticket": ids[0]} if len(ids) == 1 else {"ids": list(ids)}
    for kind, ticket_id, what in await session.execute(_all_held(of_one=len(ids) == 1), asked):
        found[kind].setdefault(ticket_id, []).append(what)
    return found


@lru_cache
def _all_held(*, of_one: bool) -> CompoundSelect[Any]:
    """Of one ticket PostgreSQL keeps its plan."""
    parts = [
        select(literal(kind).label("kind"), model.ticket_id, cast(column, Text).label("what"))
        .where(model.ticket_id == given("ticket") if of_one else among(model.ticket_id), *_live(model))
        for kind, (model, column) in enumerate(_HELD)
    ]  # fmt: skip
    return union_all(*parts)


def _live(model: Any) -> list[ColumnElement[bool]]:
    """Columns are not hidden with their deleted rows. A file that answers a question is watched, or free, with it."""
    live = [model.deleted_at.is_(None)] if hasattr(model, "deleted_at") else []
    return [*live, model.field_key.is_(None)] if hasattr(model, "field_key") else live


def values_of(ticket: Ticket, *, categories: list[int], labels: list[int], files: Sequence[str] = ()) -> dict[str, Any]:
    """The ticket as conditions see it."""
    return {
        **{key: as_content(value) for key, value in ticket.custom_fields_data.items()},
        "title": ticket.title,
        "description": ticket.description,
        "status": ticket.status,
        "priority": ticket.priority,
        "visibility": ticket.visibility,
        "requester": ticket.requester_id,
        "creator": ticket.created_by,
        "created_at": ticket.created_at.isoformat(),
        "assignee": ticket.assignee_id,
        "assigned_role": ticket.assigned_role_id,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "category": categories,
        "labels": labels,
        FILES: sorted(files),
    }
