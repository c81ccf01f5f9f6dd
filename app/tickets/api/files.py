"""Files of a ticket and of its comments, for scripts."""

import hashlib
from typing import Any

from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath

from app.attachments.models import StoredFile, TicketAttachment, TicketNoteAttachment
from app.attachments.receiving import Arrival
from app.errors import Refused
from app.tickets.api.shapes import FileOut, FilesOut
from app.tickets.controllers.uploading import LARGEST_BODY, insist_first, let_go, received, sent
from app.tickets.conversation import Conversation
from app.tickets.field_files import FieldFiles
from app.tickets.files import Files
from app.tickets.seers import is_approver
from app.tickets.views import note_view
from app.web.api import FILE, AnyRequest, Json, Query, answer, begin, described, nothing, query_of
from app.web.guards import API, IS_A_FILE, access
from app.web.i18n import gettext as _
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

REWIND = Query("accept_rewind", "`true`: decisions that were made upon other files are asked anew.")
FIELD = Query("field", "The key of the field of type `attachment` that it answers; without it, it is the ticket's own.")


class TicketFilesApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/attachments"
    opt = access(API)

    @get(**described("Its files, with those of the answers that you may read", gives=FilesOut))
    async def index(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Files(db, actor)
        ticket = await desk.find(canonical(ticket_no))
        query_of(request)
        await note_view(db, actor, ticket)
        return answer(FilesOut([_file(one) for one in await desk.readable_of(ticket)]))

    @post(
        **described("Attach a file", takes=FILE, gives=FileOut, status=201, refuses=(409, 412), query=(REWIND, FIELD)),
        request_max_body_size=LARGEST_BODY,
    )
    async def create(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Json:
        number, desk, answering = canonical(ticket_no), Files(db, actor), FieldFiles(db, actor)
        await insist_first(request, actor, number, Files.insist_on_adding)
        asked = query_of(request, (REWIND, FIELD))
        desk.accept_rewind = answering.accept_rewind = asked.get("accept_rewind") == "true"
        async with received(request) as (arrival, keep):
            _insist_on_one(arrival)
            kept = await keep()
            ticket = await desk.lock(number)
            command = await begin(request, db, actor, ticket, body_sha=_sha_of(arrival))
            if command.known:
                await let_go(request, kept)
                return command.known
            limits, key = request.app.state.limits, asked.get("field")
            rows = await (answering.attach(ticket, key, kept, limits) if key else desk.add(ticket, kept, limits))
            location = f"/api/v1/attachments/{rows[0].id}"
            return await command.keep(answer(_file(rows[0]), status=201, location=location, version=ticket.version))


class CommentFilesApi(Controller):
    path = "/api/v1/tickets/{ticket_no:str}/notes/{note_id:str}/attachments"
    opt = access(API)

    @post(
        **described("Attach a file to a comment of yours", takes=FILE, gives=FileOut, status=201, refuses=(409,)),
        request_max_body_size=LARGEST_BODY,
    )
    async def create(
        self, request: AnyRequest, ticket_no: FromPath[str], note_id: FromPath[str], db: Db, actor: Who
    ) -> Json:
        number, desk, talk = canonical(ticket_no), Files(db, actor), Conversation(db, actor)
        await insist_first(request, actor, number, Files.insist_on_commenting)
        async with received(request) as (arrival, keep):
            _insist_on_one(arrival)
            kept = await keep()
            ticket = await desk.lock(number)
            approver = await is_approver(db, actor, ticket)
            note = await talk.find_comment(ticket, row_id(note_id), is_approver=approver)
            command = await begin(request, db, actor, ticket, body_sha=_sha_of(arrival))
            if command.known:
                await let_go(request, kept)
                return command.known
            row = (await desk.add_to_comment(ticket, note, kept, request.app.state.limits))[0]
            return await command.keep(answer(_file(row), status=201, location=f"/api/v1/note-attachments/{row.id}"))


class FileApi(Controller):
    path = "/api/v1/attachments/{file_id:str}"
    opt = access(API)

    @get(**described("The bytes of a file; takes `Range`", gives=FILE, more={IS_A_FILE: True}))
    async def show(self, request: AnyRequest, file_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = Files(db, actor)
        ticket = await desk.find(await desk.ticket_no_of(TicketAttachment, row_id(file_id)))
        file = await desk.find_file(ticket, row_id(file_id))
        await note_view(db, actor, ticket)
        return sent(request, file)

    @delete(**described("Remove a file", status=204, refuses=(409, 412), query=(REWIND,)))
    async def remove(self, request: AnyRequest, file_id: FromPath[str], db: Db, actor: Who) -> Json:
        desk = Files(db, actor)
        ticket = await desk.lock(await desk.ticket_no_of(TicketAttachment, row_id(file_id)))
        file = await desk.find_file(ticket, row_id(file_id))
        answering = FieldFiles(db, actor)
        asked = query_of(request, (REWIND,)).get("accept_rewind")
        desk.accept_rewind = answering.accept_rewind = asked == "true"
        await begin(request, db, actor, ticket)
        await (desk.remove(ticket, file) if file.field_key is None else answering.detach(ticket, file))
        return nothing(version=ticket.version)


class CommentFileApi(Controller):
    path = "/api/v1/note-attachments/{file_id:str}"
    opt = access(API)

    @get(**described("The bytes of a comment's file; takes `Range`", gives=FILE, more={IS_A_FILE: True}))
    async def show(self, request: AnyRequest, file_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = Files(db, actor)
        ticket = await desk.find(await desk.ticket_no_of(TicketNoteAttachment, row_id(file_id)))
        file = await desk.find_comment_file(ticket, row_id(file_id))
        await note_view(db, actor, ticket)
        return sent(request, file)


def _insist_on_one(arrival: Arrival) -> None:
    if len(arrival.files) != 1:
        raise Refused.at("file", _("Send one file, as `file`."))


def _sha_of(arrival: Arrival) -> str:
    told = "\n".join(f"{one.sha256} {one.file_name}" for one in arrival.files)
    return hashlib.sha256(told.encode()).hexdigest()


def _file(row: StoredFile) -> FileOut:
    key = row.field_key if isinstance(row, TicketAttachment) else None
    return FileOut(row.id, row.file_name, row.size, row.mime_type, row.sha256, row.created_at, key)
