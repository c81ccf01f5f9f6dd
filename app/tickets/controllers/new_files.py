"""Files of a request that is being written: kept at once, with what was typed, and shown to its writer alone."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.limits import TooLarge
from app.errors import NotFound, Refused
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.controllers.new import asking_with
from app.tickets.controllers.sent_forms import SentForm, sent_form
from app.tickets.controllers.uploading import LARGEST_BODY, received
from app.tickets.controllers.uploading import sent as sent_out
from app.tickets.draft_files import DraftFiles
from app.tickets.requesting import Asking
from app.web.door import visit_of
from app.web.guards import IS_A_FILE, SIGNED_IN, STREAMS, access
from app.web.i18n import gettext as _
from app.web.pages import go, partial
from app.web.params import row_id
from app.web.transaction import Db, Who


class NewTicketFiles(Controller):
    path = "/tickets/new/{template_key:str}/files"
    opt = access(SIGNED_IN)

    @post(status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def add(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who) -> Answer:
        """`?field=`: for that question, sent with all that was typed around it."""
        async with request.app.state.database.session() as session:
            begun = await asking_with(session, actor, template_key)
        if field_key := request.query_params.get("field"):
            sent = await sent_form(request, actor, begun.key, begun.definition, only=field_key)
            return await _question(await asking_with(db, actor, template_key), field_key, sent)
        asking, refused, status = Asking(db, actor, None), "", 200
        try:
            async with received(request) as (_arrival, keep):
                kept = await keep()
                asking = await asking_with(db, actor, template_key)
                if not kept:
                    raise Refused(_("Choose a file first."))
                await DraftFiles(db, actor).add(asking.key, kept, request.app.state.limits)
        except (Refused, TooLarge) as error:
            await db.rollback()
            refused = _(next(iter(getattr(error, "errors", {}).values()), error.sentence))
            asking, status = await asking_with(db, actor, template_key), error.status_code
        return await _answer(request, db, asking, refused, status)

    @get("/{file_id:str}", opt={IS_A_FILE: True})
    async def show(
        self, request: AnyRequest, template_key: FromPath[str], file_id: FromPath[str], db: Db, actor: Who
    ) -> Response[Any]:
        asking = await asking_with(db, actor, template_key)
        return sent_out(request, await DraftFiles(db, actor).find(asking.key, row_id(file_id)))

    @post("/{file_id:str}/removal", status_code=200)
    async def remove(
        self, request: AnyRequest, template_key: FromPath[str], file_id: FromPath[str], db: Db, actor: Who
    ) -> Answer:
        asking, files = await asking_with(db, actor, template_key), DraftFiles(db, actor)
        await files.remove(await files.find(asking.key, row_id(file_id)))
        return await _answer(request, db, asking)


async def _question(asking: Asking, field_key: str, sent: SentForm) -> Template:
    """Drawn anew, with what it has now; the rest of the form stays as it is being typed."""
    typed = asking.read(sent.typed, lenient=True)
    typed.errors.clear()
    sent.tell(typed)
    found = next((one for one in await asking.questions(typed) if one.key == field_key), None)
    if found is None:
        raise NotFound
    place = f"/tickets/new/{asking.key}"
    return partial(
        "ticket_templates/files_question", status=sent.status, question=found, files_url=f"{place}/files",
        ask_url=f"{place}/questions", has_come=True,
    )  # fmt: skip


async def _answer(
    request: AnyRequest, db: AsyncSession, asking: Asking, refused: str = "", status: int = 200
) -> Template | Response[Any]:
    if not visit_of(request).htmx:
        return go(request, f"/tickets/new/{asking.key}", say=refused)
    files = await DraftFiles(db, asking.actor).of(asking.key)
    return partial("tickets/new/files", status=status, asking=asking, files=files, refused=refused)
