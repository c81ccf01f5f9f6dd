"""Changing what a request says, by whoever may, without overwriting what somebody else changed meanwhile."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Template

from app.errors import DomainError, NotAllowed, NotPossible, Refused, Stale
from app.tickets.about import Refusal, about
from app.tickets.approving.rewinding import WouldRewind
from app.tickets.controllers.answering import Answer, AnyRequest, accepts_rewind, told
from app.tickets.drafting import Drafting
from app.tickets.editing import Editing, Page
from app.tickets.forms import RequestForm
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.web.dom import dom_id
from app.web.door import visit_of
from app.web.forms import Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.htmx import is_fragment, reswap, retarget
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial, swap, try_again
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
        sent = await submitted(request)
        drafting.accept_rewind = accepts_rewind(sent)
        editing = await Editing.of(drafting, ticket)
        typed = await editing.read(sent)
        if typed.errors:
            return await _page(request, drafting, ticket, typed, status=422, in_place=_is_in_place(sent))
        try:
            unheard = await drafting.edit(ticket, editing.content(typed), version=editing.version_seen(sent))
        except (Refused, NotAllowed, NotPossible, Stale) as error:
            await db.rollback()
            return await _refused(request, drafting, number, typed, error, in_place=_is_in_place(sent))
        if _is_in_place(sent):
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
