"""Whoever is called in a text hears of it, if they may read it; no rule has to say so."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.tickets import events
from app.tickets.mentions.repository import called_by

Called = Mapping[int, tuple[int, set[int]]]
"""By event: the entry that calls somebody, and whom."""


async def called_in(session: AsyncSession, notes: Sequence[TicketNote]) -> Called:
    """An edited comment calls again: who was told of it before is not told twice."""
    told = {note.id: _entry(note) for note in notes}
    called = await called_by(session, set(told.values())) if told else {}
    return {event: (entry, called[entry]) for event, entry in told.items() if entry in called}


def _entry(note: TicketNote) -> int:
    edited = (note.event_details or {}).get("note") if note.event_type == events.COMMENT_EDITED.code else None
    return edited if isinstance(edited, int) else note.id
