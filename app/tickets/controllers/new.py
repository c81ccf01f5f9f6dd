"""Asking for something: the gallery of forms, the form, and the ticket it makes."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.attachments.limits import Limits, TooLarge
from app.errors import NotAllowed, NotPossible, Refused
from app.ticket_templates.file_answers import settled
from app.ticket_templates.service import TicketTemplates
from app.tickets.commands import CommandBook, request_sha256
from app.tickets.content import LONGEST_TITLE
from app.tickets.controllers.answering import Answer, AnyRequest, command_of, told
from app.tickets.controllers.sent_forms import SentForm, sent_form
from app.tickets.controllers.uploading import LARGEST_BODY
from app.tickets.draft_files import DraftFiles
from app.tickets.drafting import Drafting
from app.tickets.forms import RequestForm
from app.tickets.requesting import BLANK, Asking, gallery_for, half_typed
from app.tickets.typed import TypedRequests
from app.web.door import visit_of
from app.web.forms import Submitted, submitted
from app.web.guards import SIGNED_IN, STREAMS, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial, swap, try_again
from app.web.params import key as canonical_key
from app.web.transaction import Db, Who


class NewTicket(Controller):
    path = "/tickets/new"
    opt = access(SIGNED_IN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        words = "".join(sign for sign in request.query_params.get("q", "")[:100] if sign.isprintable()).strip()
        found = await gallery_for(db, actor, words)
        begun = [] if words else half_typed(found, await TypedRequests(db, actor).begun())
        return await page(
            request, "tickets/new/index", gallery=found, words=words, url="/tickets/new", half_typed=begun
        )

    @get("/{template_key:str}")
    async def form(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who) -> Template:
        """With what this person typed the last time, if they neither sent nor dropped it."""
        asking = await asking_with(db, actor, template_key)
        kept = await TypedRequests(db, actor).find(asking.key)
        begun = kept[0] if kept else _titled(request, asking)
        typed = asking.read(begun, lenient=True) if begun else None
        if typed is not None:
            typed.errors.clear()
        return await page(request, "tickets/new/form", **await asking.page(typed, saved_at=kept[1] if kept else None))

    @post("/{template_key:str}", status_code=200)
    async def create(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who) -> Answer:
        asking = await asking_with(db, actor, template_key)
        return await _create(request, asking, SentForm(await submitted(request)))

    @post("/{template_key:str}/with-files", status_code=200, opt={STREAMS: True}, request_max_body_size=LARGEST_BODY)
    async def create_with_files(
        self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who
    ) -> Answer:  # fmt: skip
        """The form of one that asks for files, with those that were chosen and not sent yet."""
        async with request.app.state.database.session() as session:
            asking = await asking_with(session, actor, template_key)
        sent = await sent_form(request, actor, asking.key, asking.definition)
        return await _create(request, await asking_with(db, actor, template_key), sent)

    @post("/{template_key:str}/questions", status_code=200)
    async def ask_again(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who) -> Template:
        """The template's questions as the answers so far lead to them."""
        asking = await asking_with(db, actor, template_key)
        typed = asking.read(await submitted(request), lenient=True)
        questions = await asking.questions(typed)
        place = f"/tickets/new/{asking.key}"
        return partial(
            "ticket_templates/fields", questions=questions, ask_url=f"{place}/questions", files_url=f"{place}/files"
        )

    @post("/{template_key:str}/forecast", status_code=200)
    async def foresee(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who) -> Template:
        """Keeps what was typed, and says who would approve it."""
        asking, sent = await asking_with(db, actor, template_key), await submitted(request)
        if not await CommandBook(db, actor).knows(command_of(sent)):  # a ticket by now: nothing to come back to
            await TypedRequests(db, actor).keep(asking.key, sent)
        typed = asking.read(sent, lenient=True)
        foreseen = await asking.forecast(typed)
        return swap("tickets/new/forecast", asking=asking, form=typed, forecast=foreseen)

    @post("/{template_key:str}/removal", status_code=200)
    async def start_afresh(self, request: AnyRequest, template_key: FromPath[str], db: Db, actor: Who) -> Answer:
        asking = await asking_with(db, actor, template_key)
        await TypedRequests(db, actor).forget(asking.key)
        await DraftFiles(db, actor).forget(asking.key)
        return go(request, f"/tickets/new/{asking.key}", say=_("What you had typed is gone."))


def _titled(request: AnyRequest, asking: Asking) -> Submitted | None:
    """A request without a form may begin with the title that the palette was given."""
    title = "".join(sign for sign in request.query_params.get("title", "") if sign.isprintable())[:LONGEST_TITLE]
    return Submitted({"title": [title]}) if title and asking.form is None else None


async def asking_with(db: AsyncSession, actor: Actor, template_key: str) -> Asking:
    """Unknown, archived and not theirs to use are one answer."""
    key = canonical_key(template_key)
    asking = Asking(db, actor, None if key == BLANK else await TicketTemplates(db, actor).form(key))
    return await asking.with_files()


async def _create(request: AnyRequest, asking: Asking, sent: SentForm) -> Answer:
    db, key = asking.session, asking.key
    typed = await asking.read_whole(sent.typed, lenient=sent.typed.get("act") == "keep")
    sent.tell(typed)
    if typed.errors:
        return await _again(request, asking, typed)
    try:
        number, said = await _created(asking, typed, request.app.state.limits)
    except (Refused, NotAllowed, NotPossible, TooLarge) as error:
        await db.rollback()
        typed.refuse(error if isinstance(error, Refused) else Refused(error.sentence))
        return await _again(request, await asking_with(db, asking.actor, key), typed)
    return go(request, f"/tickets/{number}", say=said)


async def _created(asking: Asking, typed: RequestForm, limits: Limits) -> tuple[str, str]:
    """The ticket's number and what to say; the same form sent twice makes one ticket."""
    book, key, sent = CommandBook(asking.session, asking.actor), command_of(typed.typed), typed.typed
    if key:
        sha = request_sha256("POST", f"/tickets/new/{asking.key}", _body(sent))
        first = await book.first_answer(key, kind="tickets", request_sha=sha)
        if first is not None:
            return first["ticket_no"], first["said"]
    drafting = Drafting(asking.session, asking.actor)
    content, files = typed.content(asking.definition), DraftFiles(asking.session, asking.actor)
    answered = content.fields
    content.fields = settled(answered)
    ticket = await drafting.start(content, form=asking.form)
    await drafting.complete(ticket, await files.answer(asking.key, ticket, answered, limits))
    await files.hand_over(asking.key, ticket, limits)
    said = _("%(number)s is kept as a draft.") % {"number": ticket.ticket_no}
    if sent.get("act") != "keep":
        submission = await drafting.submit(ticket)
        said = told(_("%(number)s is submitted.") % {"number": ticket.ticket_no}, submission.unheard)
    await TypedRequests(asking.session, asking.actor).forget(asking.key)
    if key:
        await book.keep_answer(key, {"ticket_no": ticket.ticket_no, "said": said})
    return ticket.ticket_no, said


def _body(sent: Submitted) -> dict[str, list[str]]:
    return {name: given for name, given in sorted(sent.values.items()) if name != "_csrf"}


async def _again(request: AnyRequest, asking: Asking, typed: RequestForm) -> Template:
    context = await asking.page(typed)
    if visit_of(request).htmx:
        return try_again("tickets/new/request", **context)
    return await page(request, "tickets/new/form", status=422, **context)
