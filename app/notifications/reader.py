"""Reads the outbox: an event becomes a line in the inbox of everybody whom a rule means and who may know."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.dispatch import reader
from app.activity.models import TicketNote
from app.activity.outbox import News
from app.actor import SYSTEM
from app.notifications.conditions import holds
from app.notifications.mentioned import called_in
from app.notifications.models import Notification
from app.notifications.recipients import meant_by
from app.notifications.rule_repository import RuleRecipients, rules_in_force
from app.notifications.words import EVENTS, MENTIONED
from app.tickets.approving.subject import subject_of
from app.tickets.models import Ticket
from app.tickets.visibility import approvers_among, visible, who_may_see

AT_ONCE = 1_000


@reader
async def ring(session: AsyncSession, news: list[News]) -> None:
    """Whether somebody may know is asked now, when they are told (L9), and again whenever they look (L16)."""
    notes = [each.note for each in news if each.note]
    called = await called_in(session, notes)
    rules = await rules_in_force(session) if any(kind_of_note(note) in EVENTS for note in notes) else []
    wanted = {note.id: _speaking_of(note, rules) for note in notes}
    notes = [note for note in notes if wanted[note.id] or note.id in called]
    tickets = await _tickets(session, {note.ticket_id for note in notes})
    rows: list[dict[str, Any]] = []
    for note in notes:
        if ticket := tickets.get(note.ticket_id):
            if note.id in called:
                rows += await _lines_of_called(session, note, *called[note.id])
            rows += await _lines(session, note, ticket, wanted[note.id])
    await _put_into_inboxes(session, rows)


def kind_of_note(note: TicketNote) -> str:
    return note.event_type or "comment"


def _speaking_of(note: TicketNote, rules: Iterable[RuleRecipients]) -> list[RuleRecipients]:
    kind = kind_of_note(note)
    return [each for each in rules if kind in EVENTS and kind in each.rule.events]


async def _tickets(session: AsyncSession, ids: set[int]) -> dict[int, Ticket]:
    """A deleted ticket tells nobody anything."""
    if not ids:
        return {}
    query = select(Ticket).where(Ticket.id.in_(ids), visible(SYSTEM)).execution_options(populate_existing=True)
    return {ticket.id: ticket for ticket in (await session.execute(query)).scalars()}


async def _lines(
    session: AsyncSession, note: TicketNote, ticket: Ticket, rules: Iterable[RuleRecipients]
) -> list[dict[str, Any]]:
    meant: dict[int, tuple[int, str]] = {}
    for each in await _that_hold(session, note, ticket, rules):
        for person, reason in (await meant_by(session, each, note, ticket)).items():
            meant.setdefault(person, (each.rule.id, reason))
    may_know = await _who_may_know(session, note, meant)
    return [_row(note, note.id, person, rule, reason) for person, (rule, reason) in meant.items() if person in may_know]


async def _lines_of_called(
    session: AsyncSession, note: TicketNote, entry: int, called: set[int]
) -> list[dict[str, Any]]:
    """`entry`: what they are led to."""
    may_know = await _who_may_know(session, note, dict.fromkeys(called - {note.created_by}))
    return [_row(note, entry, person, None, MENTIONED) for person in sorted(may_know)]


def _row(note: TicketNote, entry: int, person: int, rule: int | None, reason: str) -> dict[str, Any]:
    return {
        "user_id": person, "ticket_id": note.ticket_id, "note_id": entry, "rule_id": rule, "reason": reason,
        "created_at": note.created_at,
    }  # fmt: skip


async def _that_hold(
    session: AsyncSession, note: TicketNote, ticket: Ticket, rules: Iterable[RuleRecipients]
) -> Sequence[RuleRecipients]:
    here = [each for each in rules if not each.rule.template_ids or ticket.template_id in each.rule.template_ids]
    if not any(each.rule.condition for each in here):
        return here
    subject = await subject_of(session, ticket)
    return [each for each in here if not each.rule.condition or holds(each.rule.condition, subject, note)]


async def _who_may_know(session: AsyncSession, note: TicketNote, meant: Mapping[int, Any]) -> set[int]:
    seeing = await who_may_see(session, note.ticket_id, meant)
    if note.audience == "approvers":
        return await approvers_among(session, note.ticket_id, seeing)
    return seeing


async def _put_into_inboxes(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Once per person and event, however often this event comes by."""
    for start in range(0, len(rows), AT_ONCE):
        await session.execute(insert(Notification).values(rows[start : start + AT_ONCE]).on_conflict_do_nothing())
