"""What the timeline's changes changed: by name, and told backwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.approvals.core.content import FILES, Change, changes
from app.db.constants import given, one_of
from app.ticket_templates.file_answers import as_content
from app.tickets import events

_VALUES = {
    events.TITLE_CHANGE.code: "title", events.DESCRIPTION_CHANGE.code: "description",
    events.PRIORITY_CHANGE.code: "priority", events.DUE_DATE_CHANGE.code: "due_at",
    events.VISIBILITY_CHANGE.code: "visibility",
}  # fmt: skip
_SETS = {
    events.LABEL_ADD.code: ("labels", "label", False), events.LABEL_REMOVE.code: ("labels", "label", True),
    events.CATEGORY_ADD.code: ("category", "category", False),
    events.CATEGORY_REMOVE.code: ("category", "category", True),
    events.ATTACHMENT_ADD.code: (FILES, "sha256", False), events.ATTACHMENT_REMOVE.code: (FILES, "sha256", True),
}  # fmt: skip
_ANSWERS = (events.FIELD_CHANGE.code, events.FORM_FOLLOWED.code)
_CODES = (*_VALUES, *_SETS, *_ANSWERS, events.ASSIGNEE_CHANGE.code)
_EDITS = (
    select(TicketNote.event_type, TicketNote.event_details, TicketNote.created_by, TicketNote.created_at)
    .where(TicketNote.ticket_id == given("ticket"), one_of(TicketNote.event_type, _CODES))
    .order_by(TicketNote.seq.desc())
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One event that changed values of the ticket."""

    code: str
    facts: Mapping[str, Any]
    by: int
    at: datetime

    @property
    def names(self) -> frozenset[str]:
        """The values that it changed, as conditions and hashes name them."""
        if self.code in _SETS:
            return frozenset({_SETS[self.code][0]})
        return frozenset(self.undone({}))

    def undone(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What it changed, as that was before."""
        if self.code in _VALUES:
            return {_VALUES[self.code]: self.facts.get("old")}
        if self.code in _SETS:
            name, fact, was_there = _SETS[self.code]
            row = self.facts.get(fact)
            others = list(values.get(name) or [])
            if not was_there:
                return {name: _without(others, row)}
            return {name: sorted([*others, row]) if name == FILES or row not in others else others}
        if self.code == events.ASSIGNEE_CHANGE.code:
            return {"assignee": self.facts.get("old"), "assigned_role": self.facts.get("old_role")}
        return {one["field"]: as_content(one.get("old")) for one in self.facts.get("changes", ())}


def _without(rows: list[Any], row: Any) -> list[Any]:
    """Once: two files may be the same to the last byte."""
    at = rows.index(row) if row in rows else len(rows)
    return rows[:at] + rows[at + 1 :]


async def edits_of(session: AsyncSession, ticket_id: int, *, since: datetime | None = None) -> list[Edit]:
    """Newest first. An edit and a decision hold the same lock, so their times are in the order in which they were."""
    query = _EDITS if since is None else _EDITS.where(TicketNote.created_at > since)
    rows = await session.execute(query, {"ticket": ticket_id})
    return [Edit(row[0] or "", row[1] or {}, row[2], row[3]) for row in rows.all()]


def rolled_back(now: Mapping[str, Any], edits: Sequence[Edit]) -> list[Change]:
    """What came of these edits, newest first: there and back again is no change."""
    return changes([now, *earlier(now, edits)][-1], now)


def earlier(now: Mapping[str, Any], edits: Sequence[Edit]) -> Iterator[dict[str, Any]]:
    """The watched values as they were before each edit, back and back."""
    values = dict(now)
    for edit in edits:
        values |= {name: value for name, value in edit.undone(values).items() if name in now}
        yield dict(values)
