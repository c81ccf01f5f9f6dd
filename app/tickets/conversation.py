"""Comments: for everyone on the ticket, or for its approvers only."""

import hashlib
from typing import Any

from sqlalchemy import select

from app.activity.kinds import EventKind
from app.activity.models import TicketNote
from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.tickets import events
from app.tickets.desk import Desk
from app.tickets.mentions.desk import Mentions, Unheard
from app.tickets.models import Ticket
from app.tickets.search import add_comment_to_index, reindex
from app.web.i18n import gettext as _

LONGEST = 20_000


class Conversation(Desk):
    async def comment(
        self, ticket: Ticket, text: str, *, audience: str = "everyone", is_approver: bool = False,
        unheard: Unheard = Unheard.REFUSE,
    ) -> TicketNote:  # fmt: skip
        """A comment for everyone moves `updated_at`, never the version; one for approvers moves nothing."""
        self._insist_on_open(ticket)
        if audience == "approvers" and not is_approver:
            raise NotAllowed("Only this ticket's approvers write to each other here.")
        _insist_on_words(text)
        mentions = Mentions(self.session, self.actor)
        named = await mentions.called(ticket, text, audience=audience, unheard=unheard)
        if audience == "everyone":  # in the one write of the row that its chain takes
            ticket.updated_at, ticket.updated_by = await self.now(), self.actor.id
            add_comment_to_index(ticket, text)
        note = await self.log.comment(ticket, text.strip(), audience=audience)
        if named:
            await mentions.keep(note, named)
        return note

    async def find_comment(self, ticket: Ticket, note_id: int, *, is_approver: bool = False) -> TicketNote:
        """One of this ticket's, and one that this person reads; events are nobody's to change."""
        query = select(TicketNote).filter_by(id=note_id, ticket_id=ticket.id, system=False)
        if not is_approver:
            query = query.filter_by(audience="everyone")
        note = (await self.session.execute(query)).scalar_one_or_none()
        if note is None:
            raise NotFound
        return note

    async def edit(self, ticket: Ticket, note: TicketNote, text: str, *, unheard: Unheard = Unheard.REFUSE) -> None:
        """What it said before stays on record as its hash."""
        self._insist_on_open(ticket)
        if not self.may(ticket).edit_comment(note.created_by):
            raise NotAllowed("Only who wrote a comment edits it.")
        _insist_on_words(text)
        old, new = note.note or "", text.strip()
        if old == new:
            return
        await self._call_again(ticket, note, new, unheard)
        note.note, note.edited_at = new, await self.now()
        facts = {"note": note.id, "old_sha256": _sha256(old), "new_sha256": _sha256(new)}
        await self._changed(ticket, note, events.COMMENT_EDITED, facts)

    async def _call_again(self, ticket: Ticket, note: TicketNote, text: str, unheard: Unheard) -> None:
        """Who was called before has nothing to be asked about."""
        mentions = Mentions(self.session, self.actor)
        named = await mentions.called(ticket, text, audience=note.audience, unheard=Unheard.ACCEPT)
        if named.keys() - await mentions.kept(note):
            await mentions.called(ticket, text, audience=note.audience, unheard=unheard)
        await mentions.keep(note, named)

    async def remove(self, ticket: Ticket, note: TicketNote) -> None:
        self._insist_on_open(ticket)
        if not self.may(ticket).remove_comment(note.created_by):
            raise NotAllowed("Only who wrote a comment, and administrators, remove it.")
        note.delete_softly(at=await self.now())
        facts = {"note": note.id, "old_sha256": _sha256(note.note or "")}
        await self._changed(ticket, note, events.COMMENT_REMOVED, facts)

    async def _changed(self, ticket: Ticket, note: TicketNote, kind: EventKind, facts: dict[str, Any]) -> None:
        """Told to those who read the comment, and to nobody else."""
        await self.session.flush()
        await self.log.record(kind, ticket, audience=note.audience, **facts)
        if note.audience == "everyone":
            ticket.updated_at, ticket.updated_by = await self.now(), self.actor.id
            await self.session.flush()
            await reindex(self.session, ticket)

    def _insist_on_open(self, ticket: Ticket) -> None:
        if not self.may(ticket).comment:
            raise NotPossible("This ticket is closed: comments have ended. Start a new request that points to it.")


def _insist_on_words(text: str) -> None:
    if not text.strip():
        raise Refused("Write something first.", {"note": "Write something first."})
    if len(text) > LONGEST:
        raise Refused(
            "This comment is too long.", {"note": _("At most %(number)s characters.") % {"number": f"{LONGEST:,}"}}
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
