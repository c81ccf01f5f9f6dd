"""The list of tickets, with its filters in the address; the filter's editor, and the address that it means."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, get, post
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor, current_actor
from app.clock import utc_now
from app.condition_editor import ConditionRows, Editor, act_on
from app.conditions import ConditionError
from app.db.patience import Patience
from app.errors import NotPossible
from app.tickets.bulk.form import filters_of
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.filtering import PLACE, NotByItself, Speaks, editor_of, filters_of_rows, rows_of, speaks
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import understood
from app.tickets.listing import listed
from app.tickets.matching import matching
from app.tickets.trying import quick_count
from app.web.door import visit_of
from app.web.formats import zone_of
from app.web.forms import submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial
from app.web.paging import Count
from app.web.transaction import Db, Who

AT_MOST = 5_000
"""Milliseconds for one statement of a list that conditions narrow: anybody can write one that reads every ticket."""
TOO_LONG = N_("Finding these takes too long. Filter by a form, a status or a date too.")


class TicketList(Controller):
    path = "/tickets"
    opt = access(SIGNED_IN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """A form sends its empty choices along: the address is tidied, so that it can be shared."""
        filters = await understood(db, actor, TicketFilters.read(request.query_params.multi_items()))
        if "" in request.query_params.values():
            return go(request, filters.url())
        is_edited = "add" in request.query_params or "edit" in request.query_params
        editor = await _opened(request, db, actor, filters) if is_edited else None
        return await _list(request, db, actor, filters, editor)

    @get("/filters")
    async def edit_filters(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """The filters of this address as rows, with one more, or at the chip that was chosen (`edit`)."""
        if not visit_of(request).htmx:
            return go(request, f"/tickets?{urlencode(list(request.query_params.multi_items()))}")
        filters = await understood(db, actor, TicketFilters.read(request.query_params.multi_items()))
        return partial("tickets/filter_editor", filters=filters, editor=await _opened(request, db, actor, filters))

    @post("/filters", status_code=200)
    async def filter(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        """Without a pressed button of the editor: to the list that its rows mean."""
        sent = await submitted(request)
        filters = await understood(db, actor, filters_of(sent))
        rows, known = ConditionRows.read(sent, PLACE), await speaks(db, actor)
        errors: dict[str, str] = {}
        if "act" not in sent:
            wanted = _wanted(rows, filters, known, errors)
            if wanted is not None and not errors:
                return go(request, wanted.url())
        act_on(sent.get("act"), {PLACE: rows})
        matches = await _matches(db, actor, _wanted(rows, filters, known, {}))
        editor = editor_of(rows, known, actor, errors=errors, error=errors.get(PLACE, ""), matches=matches)
        if visit_of(request).htmx:
            return partial("tickets/filter_editor", filters=filters, editor=editor)
        return await _list(request, db, actor, filters, editor, status=422 if errors else 200)


async def _list(
    request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters, editor: Editor | None,
    *, status: int = 200,
) -> Template:  # fmt: skip
    query = request.query_params
    patience = Patience(db, at_most=AT_MOST)

    async def work() -> dict[str, Any]:
        return await listed(db, actor, filters, now=utc_now(), cursor=query.get("cursor"), arranging="arrange" in query)

    nothing: dict[str, Any] = {}
    found = await patience.wait_for("list", work, nothing) if filters.conditions else await work()
    if patience.left_out:
        raise NotPossible(TOO_LONG)
    active = "my_requests" if filters.filtering() == [("creator", "me")] else "tickets"
    return await page(request, "tickets/index", active=active, status=status, editor=editor, **found)


async def _opened(request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters) -> Editor:
    known = await speaks(db, actor)
    focus: int | None = None
    rows, chosen = rows_of(filters, known), request.query_params.get("edit", "")
    parts = rows.root.parts
    if chosen.isascii() and chosen.isdigit() and int(chosen[:3]) < len(parts):
        focus = parts[int(chosen[:3])].number
    else:
        rows.rearrange("add", 0)
        focus = parts[-1].number if parts else None
    return editor_of(rows, known, actor, focus=focus)


def _wanted(rows: ConditionRows, filters: TicketFilters, known: Speaks, errors: dict[str, str]) -> TicketFilters | None:
    """The filters that the rows mean, as far as they are filled in; what is wrong with them is in `errors`."""
    try:
        return filters_of_rows(rows.tree(zone_of(current_actor().time_zone), errors), filters, known)
    except NotByItself as error:
        errors[PLACE] = str(error)
    except ConditionError as error:
        errors[PLACE] = " ".join(problem.told(_) for problem in error.problems)
    return None


async def _matches(db: AsyncSession, actor: Actor, wanted: TicketFilters | None) -> Count | None:
    return None if wanted is None else await quick_count(db, matching(wanted, actor, utc_now()))
