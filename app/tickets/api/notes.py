"""The timeline as JSON, and comments."""

from typing import Any

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import Actor
from app.tickets.about import reader_of
from app.tickets.api.answering import Told, names
from app.tickets.api.shapes import NewNote, NoteChange, NoteOut, NotesOut
from app.tickets.conversation import LONGEST, Conversation
from app.tickets.desk import Desk
from app.tickets.hearing import without_hidden
from app.tickets.mentions.desk import Unheard
from app.tickets.models import Ticket
from app.tickets.notes_repository import page_of_notes
from app.tickets.policy import May
from app.tickets.repository import placements_of
from app.tickets.seers import is_approver
from app.tickets.timeline import Reader
from app.tickets.views import note_view
from app.web.api import PAGED, AnyRequest, Json, answer, begin, cleaned, described, limit_of, nothing, query_of
from app.web.guards import API, access
from app.web.i18n import own_words
from app.web.json_body import read
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

_READ_BY_ALL = {"requester", "title", "description"}
_INTERNAL = {"engine", "process", "turn", "reads", "why_elsewhere", "label_elsewhere"}
"""What a replay needs, and no reader."""


class NotesApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/notes"
    opt = access(API)

    @get(**described("Its timeline, newest last", gives=NotesOut, query=PAGED))
    async def index(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        ticket = await Desk(db, actor).find(canonical(ticket_no))
        asked = query_of(request, PAGED)
        await note_view(db, actor, ticket)
        reader = await _reader(db, actor, ticket)
        found = await page_of_notes(
            db, actor, ticket.id, is_approver=reader.is_approver, cursor=asked.get("cursor"), size=limit_of(request)
        )
        told = await names(db, [row.created_by for row in found.rows])
        return answer(NotesOut([_note(row, told, reader) for row in found.rows], found.next_cursor))

    @post(**described("Comment", takes=NewNote, gives=NoteOut, status=201, refuses=(409,)))
    async def create(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Conversation(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        command = await begin(request, db, actor, ticket)
        if command.known:
            return command.known
        sent, reader = await read(request, NewNote), await _reader(db, actor, ticket)
        note = await desk.comment(
            ticket, _text(sent.note), audience=sent.audience, is_approver=reader.is_approver,
            unheard=Unheard(sent.unheard),
        )  # fmt: skip
        location = f"/api/v1/tickets/{ticket.ticket_no}/notes/{note.id}"
        told = _note(note, await names(db, [note.created_by]), reader)
        return await command.keep(answer(told, status=201, location=location))

    @patch("/{note_id:str}", **described("Edit a comment", takes=NoteChange, gives=NoteOut, refuses=(409,)))
    async def change(
        self, request: AnyRequest, ticket_no: FromPath[str], note_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        desk = Conversation(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        reader = await _reader(db, actor, ticket)
        note = await desk.find_comment(ticket, row_id(note_id), is_approver=reader.is_approver)
        sent = await read(request, NoteChange)
        await desk.edit(ticket, note, _text(sent.note), unheard=Unheard(sent.unheard))
        return answer(_note(note, await names(db, [note.created_by]), reader))

    @delete("/{note_id:str}", **described("Remove a comment", status=204, refuses=(409,)))
    async def remove(self, ticket_no: FromPath[str], note_id: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Conversation(db, actor)
        ticket = await desk.lock(canonical(ticket_no))
        approver = await is_approver(db, actor, ticket)
        await desk.remove(ticket, await desk.find_comment(ticket, row_id(note_id), is_approver=approver))
        return nothing()


async def _reader(db: AsyncSession, actor: Actor, ticket: Ticket) -> Reader:
    version = (await placements_of(db, [ticket.id]))[ticket.id].version
    return await reader_of(db, May(actor, ticket), version, await is_approver(db, actor, ticket))


def _text(sent: str) -> str:
    return cleaned("note", sent, limit=LONGEST, multiline=True)


def _note(row: TicketNote, told: Told, reader: Reader) -> NoteOut:
    details = _details(row.event_details, reader) if row.event_details is not None else None
    return NoteOut(
        id=row.id, system=row.system, note=row.note, event_type=row.event_type, event_details=details,
        audience="approvers" if row.audience == "approvers" else "everyone", author=told.somebody(row.created_by),
        created_at=row.created_at, edited_at=row.edited_at,
    )  # fmt: skip


def _details(facts: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """In the API's words, and without the answers that this reader may not read."""
    told = without_hidden(facts, reader.form, reader.readable)
    shown = {name: value for name, value in told.items() if name not in _INTERNAL}
    for name in ("why", "label"):
        if others := told.get(f"{name}_elsewhere"):
            shown[name] = own_words(shown[name], others)
    if "old" in shown and "new" in shown:
        shown = {{"old": "from", "new": "to"}.get(name, name): value for name, value in shown.items()}
    if isinstance(fields := shown.get("fields"), dict):
        shown["fields"] = {key: value for key, value in fields.items() if key in reader.readable}
    if isinstance(changes := shown.get("changes"), list):
        shown["changes"] = [one for one in changes if one.get("field") in reader.readable | _READ_BY_ALL]
        if len(shown["changes"]) < len(changes):
            shown["label"] = ", ".join(one["label"] for one in shown["changes"])
    return shown
