"""How every act on a ticket is answered: the ticket as it is now, in its place or on its page."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.response import Template

from app.errors import NotAllowed, NotFound, NotPossible, Refused, Stale
from app.tickets.about import Refusal, about
from app.tickets.commands import CommandBook, request_sha256
from app.tickets.desk import Desk
from app.tickets.models import Ticket
from app.tickets.views import note_view
from app.tickets.walking import Walk
from app.web.door import visit_of
from app.web.forms import Submitted, clean, submitted
from app.web.hub import HERE
from app.web.i18n import gettext as _
from app.web.i18n import series
from app.web.pages import go, page, swap
from app.web.params import ticket_no as canonical
from app.web.shell import LivePart

AnyRequest = Request[Any, Any, Any]
Answer = Template | Response[Any]
AnyDesk = TypeVar("AnyDesk", bound=Desk)
Act = Callable[[AnyDesk, Ticket, Submitted], Awaitable[str]]
"""Does something to a locked ticket with what was sent, and says what was done."""


async def act_on(
    request: AnyRequest, desk: AnyDesk, ticket_no: str, act: Act[AnyDesk], *, form: str, around: int | None = None
) -> Answer:
    """Who may not see the ticket gets a 404 before anything that they sent is read. `around`: the note it is about."""
    number = canonical(ticket_no)
    ticket = await desk.lock(number)
    sent = await submitted(request)
    desk.accept_rewind = accepts_rewind(sent)
    try:
        said = told(await act(desk, ticket, sent), desk.calls.unheard)
        await desk.session.flush()
    except (Refused, NotAllowed, NotPossible, Stale) as error:
        await desk.session.rollback()
        return await refused(request, desk, number, Refusal.of(form, error, sent.values), error.status_code, around)
    return await done(request, desk, number, said, form, around)


async def done(request: AnyRequest, desk: Desk, number: str, said: str, form: str, around: int | None = None) -> Answer:
    try:
        ticket = await desk.find(number)
    except NotFound:  # deleted, or handed over to people of whom the actor is none
        return go(request, "/tickets", say=said)
    if not visit_of(request).htmx:
        place = f"?note={around}#note-{around}" if around else ""
        return go(request, f"/tickets/{number}{place}", say=said)
    return await in_place(desk, ticket, say=said, acted=form, around=around)


async def refused(
    request: AnyRequest, desk: Desk, number: str, refusal: Refusal, status: int, around: int | None = None
) -> Answer:
    ticket = await desk.find(number)
    if visit_of(request).htmx:
        return await in_place(desk, ticket, refusal=refusal, status=status, around=around)
    return await ticket_page(request, desk, ticket, refusal=refusal, status=status, around=around)


async def in_place(
    desk: Desk,
    ticket: Ticket,
    *,
    say: str = "",
    acted: str = "",
    refusal: Refusal | None = None,
    status: int = 200,
    around: int | None = None,
) -> Template:
    await note_view(desk.session, desk.actor, ticket)
    this = await about(desk.session, desk.actor, ticket, around=around)
    return swap("tickets/ticket", say=say, status=status, this=this, refusal=refusal or Refusal(), acted=acted)


async def ticket_page(
    request: AnyRequest,
    desk: Desk,
    ticket: Ticket,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
    activity: str = "all",
    before: int | None = None,
    around: int | None = None,
    walk: Walk | None = None,
) -> Template:
    await note_view(desk.session, desk.actor, ticket)
    this = await about(desk.session, desk.actor, ticket, activity=activity, before=before, around=around)
    context: dict[str, Any] = {"this": this, "refusal": refusal or Refusal(), "acted": "", "walk": walk}
    live = [LivePart("ticket", str(this.newest), ticket.ticket_no), LivePart(HERE, "", "yes")]
    return await page(request, "tickets/show", active="tickets", status=status, live_parts=live, **context)


async def is_repeated(desk: Desk, ticket: Ticket, sent: Submitted, *, kind: str, body: Any) -> bool:
    """A double click or a retry of the same form: it has had its effect."""
    key = command_of(sent)
    if not key:
        return False
    book = CommandBook(desk.session, desk.actor)
    sha = request_sha256("POST", f"/tickets/{ticket.ticket_no}/{kind}", body)
    return await book.first_answer(key, kind=kind, request_sha=sha, ticket_id=ticket.id) is not None


def accepts_rewind(sent: Submitted) -> bool:
    """They were shown which decisions are lost, and want it all the same."""
    return sent.get("accept_rewind") == "yes"


def told(said: str, unheard: Sequence[str]) -> str:
    """And whom the description, or a reason, calls though they cannot read it."""
    if not unheard:
        return said
    names = _("Not told, for they cannot see it: %(names)s.") % {"names": series(dict.fromkeys(unheard))}
    return f"{said} {names}".strip()


def command_of(sent: Submitted) -> str:
    """The hidden uuid of a form; anything else than a plain short word is none."""
    key = sent.get("command")
    return key if len(key) <= 64 and key.isascii() and key.replace("-", "").isalnum() else ""


def words(sent: Submitted, name: str) -> str:
    """What somebody wrote, in several lines; refused where it holds what no text may."""
    try:
        return clean(sent.get(name), multiline=True)
    except ValueError as error:
        raise Refused(str(error), {name: str(error)}) from error
