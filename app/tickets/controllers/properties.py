"""What a ticket carries besides its content, one property a noun."""

from collections.abc import Awaitable, Callable

from litestar import Controller, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import people, role_names
from app.activity.vocabulary import word
from app.errors import Refused
from app.tickets.controllers.answering import Answer, AnyRequest, act_on
from app.tickets.meanwhile import day_of, is_overtaken, overtaken, whom
from app.tickets.models import Priority, Ticket, Visibility
from app.tickets.properties import Properties
from app.web.formats import zone_of
from app.web.forms import Form, Submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.i18n import series
from app.web.transaction import Db, Who


class TicketProperties(Controller):
    path = "/tickets/{ticket_no:str}"
    opt = access(SIGNED_IN)

    @post("/priority", status_code=200)
    async def prioritise(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _prioritise, form="priority")

    @post("/due-date", status_code=200)
    async def set_due(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _set_due, form="due-date")

    @post("/assignment", status_code=200)
    async def assign(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _assign, form="assignment")

    @post("/labels", status_code=200)
    async def label(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _label, form="labels")

    @post("/categories", status_code=200)
    async def categorise(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _categorise, form="categories")

    @post("/visibility", status_code=200)
    async def show_to(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _show_to, form="visibility")

    @post("/grants", status_code=200)
    async def grant(self, request: AnyRequest, ticket_no: FromPath[str], db: Db, actor: Who) -> Answer:
        return await act_on(request, Properties(db, actor), ticket_no, _grant, form="grants")


async def _prioritise(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    form = Form(sent)
    chosen = form.choice("priority", tuple(Priority))
    insist(form)
    if is_overtaken(sent, ticket.priority, chosen):
        raise overtaken(word(ticket.priority), word(chosen))
    await desk.prioritise(ticket, Priority(chosen))
    return _("Saved.")


async def _set_due(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    form = Form(sent)
    at = None if "remove" in sent else form.moment("due_at", zone_of(desk.actor.time_zone))
    insist(form)
    if is_overtaken(sent, day_of(ticket.due_at), day_of(at)):
        raise overtaken(day_of(ticket.due_at) or _("no date"), day_of(at) or _("no date"))
    await desk.due(ticket, at)
    return _("Saved.")


async def _assign(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    """What is absent stays; what is empty becomes nobody."""
    form = Form(sent)
    person = form.row("assignee_id") if "assignee_id" in sent else ticket.assignee_id
    role = form.row("assigned_role_id") if "assigned_role_id" in sent else ticket.assigned_role_id
    insist(form)
    now = (ticket.assignee_id, ticket.assigned_role_id)
    if is_overtaken(sent, whom(*now), whom(person, role)):
        raise overtaken(await _in_words(desk.session, *now), await _in_words(desk.session, person, role))
    await desk.assign(ticket, user_id=person, role_id=role)
    return _("Saved.")


async def _in_words(session: AsyncSession, person: int | None, role: int | None) -> str:
    named = await people(session, [person or 0]), await role_names(session, [role or 0])
    return series([*(one.name for one in named[0].values()), *named[1].values()]) or _("nobody")


async def _label(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    return await _add_or_remove(sent, ticket, add=desk.label, remove=desk.unlabel)


async def _categorise(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    return await _add_or_remove(sent, ticket, add=desk.categorise, remove=desk.uncategorise)


Verb = Callable[[Ticket, int], Awaitable[None]]


async def _add_or_remove(sent: Submitted, ticket: Ticket, *, add: Verb, remove: Verb) -> str:
    form = Form(sent)
    added, removed = form.row("add"), form.row("remove")
    if added is None and removed is None:
        form.errors.setdefault("add", _("Choose one of the options."))
    insist(form)
    if added is not None:
        await add(ticket, added)
    if removed is not None:
        await remove(ticket, removed)
    return _("Saved.")


async def _show_to(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    form = Form(sent)
    chosen = form.choice("visibility", tuple(Visibility))
    insist(form)
    await desk.show_to(ticket, Visibility(chosen))
    return _("Only those involved see this now.") if chosen == "restricted" else _("Everybody here may see this now.")


async def _grant(desk: Properties, ticket: Ticket, sent: Submitted) -> str:
    form = Form(sent)
    person, role, gone = form.row("user_id"), form.row("role_id"), form.row("remove")
    insist(form)
    if gone is not None:
        await desk.revoke(ticket, gone)
        return _("Closed to them again.")
    await desk.grant(ticket, user_id=person, role_id=role)
    return _("They can see this now.")


def insist(form: Form) -> None:
    if form.errors:
        raise Refused(next(iter(form.errors.values())), form.errors)
