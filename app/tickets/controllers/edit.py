"""Changing what a request says, by whoever may, without overwriting what somebody else changed meanwhile."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.actor import Actor
from app.attachments.limits import TooLarge
from app.errors import DomainError, NotAllowed, NotFound, NotPossible, Refused, Stale
from app.tickets.about import Refusal, about
from app.tickets.approving.rewinding import WouldRewind
from app.tickets.controllers.answering import Answer, AnyRequest, accepts_rewind, told
from app.tickets.controllers.sent_forms import SentForm, sent_form
from app.tickets.controllers.uploading import LARGEST_BODY
from app.tickets.controllers.uploading import sent as sent_out
from app.tickets.draft_files import DraftFiles
from app.tickets.drafting import Drafting
from app.tickets.editing import Editing, Page
from app.tickets.forms import RequestForm
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.web.dom import dom_id
from app.web.door import visit_of
from app.web.forms import Submitted, submitted
from app.web.guards import IS_A_FILE, SIGNED_IN, STREAMS, access
from app.web.htmx import is_fragment, reswap, retarget
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial, swap, try_again
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class TicketEdit(Controller):
    path = "/tickets/{ticket_no:str}/edit"
    opt = access(SIGNED_IN)

    @get()
    async def form(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        drafting = Drafting(db, actor)
        ticket = await drafting.find(canonical(ticket_no))
        drafting.insist_on_editing(ticket)
        if is_fragment(request):
            await note_view(db, actor, ticket)
            editing = await Editing.of(drafting, ticket)
            return partial("tickets/edit_in_place", in_place=True, **await editing.page(None, Page()))
        return await _page(request, drafting, ticket, None)

    @post(status_code=200)
    async def edit(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        drafting, number = Drafting(db, actor), canonical(ticket_no)
        ticket = await drafting.lock(number)
        drafting.insist_on_editing(ticket)
        return await _edit(request, drafting, ticket, SentForm(await submitted(request)))

    @post("/with-files", status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def edit_with_files(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        """The form of one that asks for files, with those that were chosen and not sent yet."""
        sent = await _sent(request, actor, canonical(ticket_no))
        drafting = Drafting(db, actor)
        ticket = await drafting.lock(canonical(ticket_no))
        drafting.insist_on_editing(ticket)
        return await _edit(request, drafting, ticket, sent)

    @post("/files", status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def add_files(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Template:
        """For one question, kept beside the ticket until the edit is saved."""
        field_key = request.query_params.get("field", "")
        sent = await _sent(request, actor, canonical(ticket_no), only=field_key)
        drafting = Drafting(db, actor)
        editing = await Editing.of(drafting, await drafting.find(canonical(ticket_no)))
        typed = await editing.read(sent.typed)
        typed.errors.clear()
        sent.tell(typed)
        found = next((one for one in await editing.questions(typed) if one.key == field_key), None)
        if found is None:
            raise NotFound
        return partial(
            "ticket_templates/files_question", status=sent.status, question=found, files_url=editing.files_url,
            stored_at=editing.stored_at, ask_url=None, has_come=True,
        )  # fmt: skip

    @get("/files/{file_id:str}", opt={IS_A_FILE: True})
    async def show_file(
        self, request: AnyRequest, ticket_no: FromPath[str], file_id: FromPath[str], db: Db, actor: Who
    ) -> Response[Any]:
        """One that is not saved yet: its sender's alone."""
        ticket = await Drafting(db, actor).find(canonical(ticket_no))
        return sent_out(request, await DraftFiles(db, actor).find(ticket.ticket_no, row_id(file_id)))


async def _sent(request: AnyRequest, actor: Actor, number: str, *, only: str | None = None) -> SentForm:
    """Who may, first; then bytes."""
    async with request.app.state.database.session() as session:
        drafting = Drafting(session, actor)
        ticket = await drafting.find(number)
        drafting.insist_on_editing(ticket)
        editing = await Editing.of(drafting, ticket)
    if only is not None and only not in editing.only:
        raise NotFound
    return await sent_form(request, actor, number, editing.definition, only=only)


async def _edit(request: AnyRequest, drafting: Drafting, ticket: Ticket, sent: SentForm) -> Answer:
    """The ticket is locked."""
    number, in_place = ticket.ticket_no, _is_in_place(sent.typed)
    drafting.accept_rewind = accepts_rewind(sent.typed)
    editing = await Editing.of(drafting, ticket)
    typed = await editing.read(sent.typed)
    sent.tell(typed)
    if typed.errors:
        return await _page(request, drafting, ticket, typed, status=422, in_place=in_place)
    content, files = editing.content(typed), DraftFiles(drafting.session, drafting.actor)
    try:
        content.fields = await files.answer(number, ticket, content.fields, request.app.state.limits)
        unheard = await drafting.edit(ticket, content, version=editing.version_seen(sent.typed))
    except (Refused, NotAllowed, NotPossible, Stale, TooLarge) as error:
        await drafting.session.rollback()
        return await _refused(request, drafting, number, typed, error, in_place=in_place)
    if editing.kept:
        await files.forget(number)
    if in_place:
        return await _edited(drafting, number, told(_("Saved."), unheard))
    return go(request, f"/tickets/{number}", say=told(_("Saved."), unheard))


def _is_in_place(sent: Submitted) -> bool:
    """The form stands on the ticket's own page, amid what else may be being typed there."""
    return sent.get("in_place") == "yes"


async def _edited(drafting: Drafting, number: str, said: str) -> Template:
    """The request in the place of its form, and what else of the page has changed with it."""
    ticket = await drafting.find(number)
    await note_view(drafting.session, drafting.actor, ticket)
    this = await about(drafting.session, drafting.actor, ticket)
    answer = swap("tickets/edited", say=said, this=this, refusal=Refusal(), acted="")
    retarget(answer, f"#{dom_id(ticket, 'request')}")
    reswap(answer, "outerHTML")
    return answer


async def _refused(
    request: AnyRequest, drafting: Drafting, number: str, typed: RequestForm, error: DomainError, *, in_place: bool
) -> Template:
    """Nothing was saved; what was typed stands in the form again."""
    ticket, shown = await drafting.find(number), Page(is_stale=isinstance(error, Stale))
    if isinstance(error, WouldRewind):
        shown.lost = list(error.lost)
    else:
        typed.refuse(error if isinstance(error, Refused) else Refused(error.sentence))
    return await _page(request, drafting, ticket, typed, status=error.status_code, shown=shown, in_place=in_place)


async def _page(
    request: AnyRequest,
    drafting: Drafting,
    ticket: Ticket,
    typed: RequestForm | None,
    *,
    status: int = 200,
    shown: Page | None = None,
    in_place: bool = False,
) -> Template:
    await note_view(drafting.session, drafting.actor, ticket)
    editing = await Editing.of(drafting, ticket)
    context = await editing.page(typed, shown or Page()) | {"in_place": in_place}
    if visit_of(request).htmx:
        return try_again("tickets/edit_form", status=status, **context)
    return await page(request, "tickets/edit", active="tickets", status=status, **context)
