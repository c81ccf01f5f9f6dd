"""The list of tickets, with its filters in the address; the filter's editor, of the board too."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, get, post
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.condition_editor import ConditionRows, Editor, act_on
from app.tickets.bulk.form import filters_of
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.controllers.board import board_page
from app.tickets.controllers.filter_editor import editor_for, matches, opened, patiently, wanted
from app.tickets.filtering import PLACE, editor_of, speaks
from app.tickets.filters import BOARD, LIST, TicketFilters
from app.tickets.list_fields import understood
from app.tickets.listing import listed
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.guards import SIGNED_IN, access
from app.web.pages import go, page, partial
from app.web.transaction import Db, Who


class TicketList(Controller):
    path = "/tickets"
    opt = access(SIGNED_IN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """A form sends its empty choices along: the address is tidied, so that it can be shared."""
        filters = await understood(db, actor, TicketFilters.read(request.query_params.multi_items()))
        if "" in request.query_params.values():
            return go(request, filters.url())
        return await _shown(request, db, actor, filters, await editor_for(request, db, actor, filters))

    @get("/filters")
    async def edit_filters(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """The filters of this address as rows, with one more, or at the chip that was chosen (`edit`)."""
        query, path = list(request.query_params.multi_items()), _path(request.query_params.get("on"))
        if not visit_of(request).htmx:
            return go(request, f"{path}?{urlencode([pair for pair in query if pair[0] != 'on'])}")
        filters = await understood(db, actor, TicketFilters.read(query, path))
        return partial("tickets/filter_editor", filters=filters, editor=await opened(request, db, actor, filters))

    @post("/filters", status_code=200)
    async def filter(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """Without a pressed button of the editor: to the list that its rows mean."""
        sent = await submitted(request)
        filters = await understood(db, actor, filters_of(sent, _path(sent.get("on"))))
        rows, known = ConditionRows.read(sent, PLACE), await speaks(db, actor)
        errors: dict[str, str] = {}
        if "act" not in sent:
            found = wanted(rows, filters, known, errors)
            if found is not None and not errors:
                return go(request, found.url())
        act_on(sent.get("act"), {PLACE: rows})
        count = None if errors else await matches(db, actor, wanted(rows, filters, known, {}))
        editor = editor_of(rows, known, actor, errors=errors, error=errors.get(PLACE, ""), matches=count)
        if visit_of(request).htmx:
            return partial("tickets/filter_editor", filters=filters, editor=editor)
        return await _shown(request, db, actor, filters, editor, status=422 if errors else 200)


async def _shown(
    request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters, editor: Editor | None,
    *, status: int = 200,
) -> Template:  # fmt: skip
    if filters.path == BOARD:
        return await board_page(request, db, actor, filters, editor, status=status)
    query = request.query_params

    async def work() -> dict[str, Any]:
        return await listed(db, actor, filters, now=utc_now(), cursor=query.get("cursor"), arranging="arrange" in query)

    found = await patiently(db, filters, work)
    active = "my_requests" if filters.filtering() == [("creator", "me")] else "tickets"
    return await page(request, "tickets/index", active=active, status=status, editor=editor, **found)


def _path(on: str | None) -> str:
    return BOARD if on == "board" else LIST
