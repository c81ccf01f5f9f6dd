"""Files of a ticket and of its comments: add, remove, find for who may see them now."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.approvals.core.content import FILES
from app.attachments.limits import Limits
from app.attachments.models import TicketAttachment, TicketNoteAttachment
from app.attachments.receiving import Received
from app.attachments.usage import insist_on_room
from app.db.constants import among, given
from app.errors import NotAllowed, NotFound, NotPossible
from app.ticket_templates.repository import form_of, versions_by_id
from app.tickets import events
from app.tickets.approving.readable import readable_on
from app.tickets.approving.watched_desk import HELD_FAST, WatchedDesk
from app.tickets.models import Ticket
from app.tickets.seers import is_approver

_ALL = select(TicketAttachment).where(TicketAttachment.ticket_id == given("ticket")).order_by(TicketAttachment.id)
_OF_COMMENTS = select(TicketNoteAttachment).where(among(TicketNoteAttachment.note_id)).order_by(TicketNoteAttachment.id)
Kept = Sequence[tuple[str, Received]]
"""Files whose bytes are durable, each with its key."""


class Files(WatchedDesk):
    async def add(self, ticket: Ticket, kept: Kept, limits: Limits) -> list[TicketAttachment]:
        """To what the ticket asks for: an approval is bound to its files as to its fields."""
        self.insist_on_adding(ticket)
        rows = await self.store(ticket, kept, limits)
        for row in rows:
            await self.log.record(events.ATTACHMENT_ADD, ticket, **_facts(row))
        if rows:
            await self._changed(ticket)
        return rows

    async def store(
        self, ticket: Ticket, kept: Kept, limits: Limits, *, field_key: str | None = None
    ) -> list[TicketAttachment]:
        """Their rows. One for a field is told as a change of that answer, by whoever writes the answer."""
        await self._insist_on_room(ticket, kept, limits)
        rows = [TicketAttachment(ticket_id=ticket.id, field_key=field_key, **columns_of(key, one)) for key, one in kept]
        self.session.add_all(rows)
        await self.session.flush()
        return rows

    async def remove(self, ticket: Ticket, file: TicketAttachment) -> None:
        self.insist_on_adding(ticket)
        if file.field_key is not None:
            raise NotPossible("This file belongs to an answer. Edit the request to leave it out.")
        if not self.may(ticket).remove_files:
            raise NotPossible(HELD_FAST, possible=self.possible(ticket))
        file.delete_softly(at=await self.now())
        await self.session.flush()
        await self.log.record(events.ATTACHMENT_REMOVE, ticket, **_facts(file))
        await self._changed(ticket)

    async def add_to_comment(
        self, ticket: Ticket, note: TicketNote, kept: Kept, limits: Limits
    ) -> list[TicketNoteAttachment]:
        """By who wrote it; read by who reads the comment, so its events tell nobody else."""
        self.insist_on_commenting(ticket)
        if note.created_by != self.actor.id:
            raise NotAllowed("Only who wrote a comment adds files to it.")
        await self._insist_on_room(ticket, kept, limits)
        rows = [TicketNoteAttachment(ticket_id=ticket.id, note_id=note.id, **columns_of(key, one)) for key, one in kept]
        self.session.add_all(rows)
        await self.session.flush()
        for row in rows:
            await self.log.record(
                events.COMMENT_ATTACHMENT_ADD, ticket, audience=note.audience, note=note.id, **_facts(row)
            )
        return rows

    def insist_on_adding(self, ticket: Ticket) -> None:
        may = self.may(ticket)
        if may.add_files:
            return
        if may.is_owner or may.is_handler or may.is_overseer:
            raise self.not_possible(ticket)
        raise NotAllowed(may.who_may_edit)

    def insist_on_commenting(self, ticket: Ticket) -> None:
        if not self.may(ticket).comment:
            raise NotPossible("This ticket is closed: comments have ended. Start a new request that points to it.")

    async def of(self, ticket: Ticket) -> list[TicketAttachment]:
        """The ticket's own; those of its answers are told with the answers."""
        return [one for one in await self._all_of(ticket) if one.field_key is None]

    async def readable_of(self, ticket: Ticket) -> list[TicketAttachment]:
        """And those of the answers that this person may read."""
        rows = await self._all_of(ticket)
        readable = await self._readable(ticket) if any(one.field_key for one in rows) else frozenset[str]()
        return [one for one in rows if one.field_key is None or one.field_key in readable]

    async def find_file(self, ticket: Ticket, file_id: int) -> TicketAttachment:
        query = select(TicketAttachment).filter_by(id=file_id, ticket_id=ticket.id)
        file = _there((await self.session.execute(query)).scalar_one_or_none())
        if file.field_key is not None and file.field_key not in await self._readable(ticket):
            raise NotFound
        return file

    async def _all_of(self, ticket: Ticket) -> list[TicketAttachment]:
        return list((await self.session.execute(_ALL, {"ticket": ticket.id})).scalars())

    async def _readable(self, ticket: Ticket) -> frozenset[str]:
        """The answers that this person may read; of a form that is not known none."""
        versions = await versions_by_id(self.session, [ticket.template_version_id])
        version = versions.get(ticket.template_version_id or 0)
        if version is None:
            return frozenset()
        return await readable_on(self.session, self.actor, ticket, form_of(version))

    async def find_comment_file(self, ticket: Ticket, file_id: int) -> TicketNoteAttachment:
        """Of a comment that is still there and that this person reads."""
        query = (
            select(TicketNoteAttachment)
            .join(TicketNote, TicketNote.id == TicketNoteAttachment.note_id)
            .where(TicketNoteAttachment.id == file_id, TicketNoteAttachment.ticket_id == ticket.id)
        )
        if not await is_approver(self.session, self.actor, ticket):
            query = query.where(TicketNote.audience == "everyone")
        return _there((await self.session.execute(query)).scalar_one_or_none())

    async def ticket_no_of(self, model: type[Any], file_id: int) -> str:
        """For addresses that name the file only; whether it may be seen is asked of its ticket."""
        query = select(Ticket.ticket_no).join(model, model.ticket_id == Ticket.id).where(model.id == file_id)
        return _there((await self.session.execute(query)).scalar_one_or_none())

    async def _insist_on_room(self, ticket: Ticket, kept: Kept, limits: Limits) -> None:
        await insist_on_room(
            self.session, limits, ticket_id=ticket.id, user_id=self.actor.id, sizes=[one.size for _, one in kept],
            now=await self.now(),
        )  # fmt: skip

    async def _changed(self, ticket: Ticket) -> None:
        ticket.touch(by=self.actor.id, at=await self.now())
        await self.session.flush()
        await self.tell_the_approval(ticket, FILES)


async def files_of_comments(session: AsyncSession, note_ids: Sequence[int]) -> dict[int, list[TicketNoteAttachment]]:
    """Of comments that were found for their reader."""
    found: dict[int, list[TicketNoteAttachment]] = {}
    for row in (await session.execute(_OF_COMMENTS, {"ids": note_ids})).scalars() if note_ids else ():
        found.setdefault(row.note_id, []).append(row)
    return found


Found = TypeVar("Found")


def _there(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found


def columns_of(key: str, file: Received) -> dict[str, Any]:
    return {
        "storage_path": key, "file_name": file.file_name, "size": file.size, "mime_type": file.mime_type,
        "sha256": file.sha256,
    }  # fmt: skip


def _facts(row: TicketAttachment | TicketNoteAttachment) -> dict[str, Any]:
    return {
        "attachment": row.id, "file_name": row.file_name, "size": row.size, "mime_type": row.mime_type,
        "sha256": row.sha256,
    }  # fmt: skip
