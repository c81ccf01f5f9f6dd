"""The list as a board, and moving a card: by dragging it, by its menu, and without a script."""

from typing import Any

from litestar import Controller, get, post
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.vocabulary import word
from app.actor import Actor
from app.clock import utc_now
from app.condition_editor import Editor
from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.tickets.board import columns_of
from app.tickets.bulk.form import TARGETS, filters_of
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.controllers.filter_editor import editor_for, patiently
from app.tickets.filter_words import chips, names_of_filters
from app.tickets.filters import BOARD, TicketFilters
from app.tickets.lifecycle import move_between, step_for
from app.tickets.list_fields import understood
from app.tickets.models import Ticket, TicketStatus
from app.tickets.moves import asked_for
from app.tickets.moving import Moving
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who


class MoveForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.ticket_no = self.text("ticket", limit=24)
        self.to = self.choice("to", TARGETS)
        self.reason = self.text("reason", limit=4_000, multiline=True)


class TicketBoard(Controller):
    path = BOARD
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        filters = await understood(db, actor, TicketFilters.read(request.query_params.multi_items(), BOARD))
        if "" in request.query_params.values():
            return go(request, filters.url())
        return await board_page(request, db, actor, filters, await editor_for(request, db, actor, filters))

    @get("/column")
    async def more(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        """The next cards of one column, after those that are there."""
        filters = await understood(db, actor, TicketFilters.read(request.query_params.multi_items()))
        if len(filters.status) != 1:
            raise NotFound
        [column] = await columns_of(db, actor, filters, now=utc_now(), cursor=request.query_params.get("cursor"))
        return partial("tickets/board/cards", column=column, filters=filters)

    @post("/moves", status_code=200)
    async def move(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """Who may not see the ticket gets a 404 before anything else that they sent is read."""
        sent = await submitted(request)
        desk = Moving(db, actor)
        ticket = await desk.lock(canonical(sent.get("ticket")))
        form, number = MoveForm(sent), ticket.ticket_no
        if not form.errors and needs_a_reason(desk, ticket, form):
            return await _ask(request, ticket, form, "")
        try:
            if form.errors:
                raise Refused(next(iter(form.errors.values())))
            await desk.move_to(ticket, TicketStatus(form.to), reason=form.reason)
            await db.flush()
        except (Refused, NotAllowed, NotPossible) as error:
            await db.rollback()
            refused = await desk.find(number)
            return await _ask(request, refused, form, _(error.sentence), status=error.status_code)
        said = _("%(number)s: %(status)s") % {"number": number, "status": word(form.to)}
        return go(request, f"{filters_of(sent, BOARD).url()}#card-{number}", say=said)


async def board_page(
    request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters, editor: Editor | None,
    *, status: int = 200,
) -> Template:  # fmt: skip
    async def work() -> dict[str, Any]:
        columns = await columns_of(db, actor, filters, now=utc_now())
        return {"columns": columns, "chips": chips(filters, await names_of_filters(db, filters))}

    found = await patiently(db, filters, work)
    return await page(
        request, "tickets/board/index", active="tickets", status=status, filters=filters, editor=editor, **found
    )


def needs_a_reason(desk: Moving, ticket: Ticket, form: MoveForm) -> bool:
    """Asked only of who may make the move at all."""
    move = move_between(ticket.status, form.to)
    step = step_for(ticket.status, move) if move else None
    return bool(move and step and step.needs_reason and not form.reason and desk.may(ticket).make(move))


async def _ask(request: AnyRequest, ticket: Ticket, form: MoveForm, refused: str, *, status: int = 200) -> Template:
    move = move_between(ticket.status, form.to)
    kept = [(name, one) for name, given in form.typed.values.items() if name.startswith("filter-") for one in given]
    return await page(
        request, "tickets/board/ask", active="tickets", status=status, ticket=ticket, form=form, refused=refused,
        target=word(form.to), asks=asked_for(move) if move else "", kept=kept,
        back=filters_of(form.typed, BOARD).url(),
    )  # fmt: skip
