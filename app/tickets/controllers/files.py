"""A ticket's files on its page: sent by button, drop or paste, looked at, removed."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.attachments.limits import TooLarge
from app.errors import NotAllowed, NotPossible, Refused, Stale
from app.tickets.about import Refusal
from app.tickets.controllers.answering import Answer, AnyRequest, act_on, done, refused
from app.tickets.controllers.comments import comment_once
from app.tickets.controllers.uploading import LARGEST_BODY, insist_first, let_go, received, sent
from app.tickets.conversation import Conversation
from app.tickets.files import Files
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.web.forms import Submitted
from app.web.guards import IS_A_FILE, SIGNED_IN, STREAMS, access
from app.web.i18n import gettext as _
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class TicketFiles(Controller):
    path = "/tickets/{ticket_no:str}/files"
    opt = access(SIGNED_IN)

    @post(status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def add(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        number, desk = canonical(ticket_no), Files(db, actor)
        await insist_first(request, actor, number, Files.insist_on_adding)
        typed: dict[str, list[str]] = {}
        try:
            async with received(request) as (arrival, keep):
                typed = arrival.words
                if not arrival.files:
                    raise Refused.at("file", _("Choose a file first."))
                kept = await keep()
                ticket = await desk.lock(number)
                desk.accept_rewind = arrival.word("accept_rewind") == "yes"
                await desk.add(ticket, kept, request.app.state.limits)
                await db.flush()
                return await done(request, desk, number, _("Attached."), "files")
        except (Refused, NotAllowed, NotPossible, Stale, TooLarge) as error:
            await db.rollback()
            return await refused(request, desk, number, Refusal.of("files", error, typed), error.status_code)

    @get("/{file_id:str}", opt={IS_A_FILE: True})
    async def show(
        self, request: AnyRequest, ticket_no: FromPath[str], file_id: FromPath[str], db: Db, actor: Who
    ) -> Response[Any]:
        desk = Files(db, actor)
        ticket = await desk.find(canonical(ticket_no))
        file = await desk.find_file(ticket, row_id(file_id))
        await note_view(db, actor, ticket)
        return sent(request, file)

    @post("/{file_id:str}/removal", status_code=200)
    async def remove(
        self, request: AnyRequest, ticket_no: FromPath[str], file_id: FromPath[str], db: Db, actor: Who
    ) -> Answer:
        async def _remove(desk: Files, ticket: Ticket, _sent: Submitted) -> str:
            file = await desk.find_file(ticket, row_id(file_id))
            await desk.remove(ticket, file)
            return _("Removed.")

        return await act_on(request, Files(db, actor), ticket_no, _remove, form=f"files/{file_id}/removal")


class CommentFiles(Controller):
    path = "/tickets/{ticket_no:str}/comment-files"
    opt = access(SIGNED_IN)

    @post(status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def comment(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        """A comment with its files: what the composer sends."""
        number, desk, files = canonical(ticket_no), Conversation(db, actor), Files(db, actor)
        await insist_first(request, actor, number, Files.insist_on_commenting)
        typed: dict[str, list[str]] = {}
        try:
            async with received(request) as (arrival, keep):
                typed = arrival.words
                kept = await keep()
                ticket = await desk.lock(number)
                note = await comment_once(desk, ticket, Submitted(typed))
                if note is None:
                    await let_go(request, kept)
                elif kept:
                    await files.add_to_comment(ticket, note, kept, request.app.state.limits)
                await db.flush()
                return await done(request, desk, number, _("Your comment is there."), "comments")
        except (Refused, NotAllowed, NotPossible, Stale, TooLarge) as error:
            await db.rollback()
            return await refused(request, desk, number, Refusal.of("comments", error, typed), error.status_code)

    @get("/{file_id:str}", opt={IS_A_FILE: True})
    async def show(
        self, request: AnyRequest, ticket_no: FromPath[str], file_id: FromPath[str], db: Db, actor: Who
    ) -> Response[Any]:
        desk = Files(db, actor)
        ticket = await desk.find(canonical(ticket_no))
        file = await desk.find_comment_file(ticket, row_id(file_id))
        await note_view(db, actor, ticket)
        return sent(request, file)
