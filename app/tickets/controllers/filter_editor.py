"""The filter's editor above a list or a board: opened at a chip, what its rows mean, and how many that finds."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor, current_actor
from app.clock import utc_now
from app.condition_editor import ConditionRows, Editor
from app.conditions import ConditionError
from app.db.patience import Patience
from app.errors import NotPossible
from app.tickets.controllers.answering import AnyRequest
from app.tickets.filtering import PLACE, NotByItself, Speaks, editor_of, filters_of_rows, rows_of, speaks
from app.tickets.filters import TicketFilters
from app.tickets.matching import matching
from app.tickets.trying import quick_count
from app.web.formats import zone_of
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.paging import Count

AT_MOST = 5_000
"""Milliseconds for one statement of a list that conditions narrow: anybody can write one that reads every ticket."""
TOO_LONG = N_("Finding these takes too long. Filter by a form, a status or a date too.")


async def patiently(
    session: AsyncSession, filters: TicketFilters, work: Callable[[], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    if not filters.conditions:
        return await work()
    nothing: dict[str, Any] = {}
    patience = Patience(session, at_most=AT_MOST)
    found = await patience.wait_for("list", work, nothing)
    if patience.left_out:
        raise NotPossible(TOO_LONG)
    return found


async def editor_for(request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters) -> Editor | None:
    """None where the address does not open it."""
    is_edited = "add" in request.query_params or "edit" in request.query_params
    return await opened(request, db, actor, filters) if is_edited else None


async def opened(request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters) -> Editor:
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


def wanted(rows: ConditionRows, filters: TicketFilters, known: Speaks, errors: dict[str, str]) -> TicketFilters | None:
    """The filters that the rows mean, as far as they are filled in; what is wrong with them is in `errors`."""
    try:
        return filters_of_rows(rows.tree(zone_of(current_actor().time_zone), errors), filters, known)
    except NotByItself as error:
        errors[PLACE] = str(error)
    except ConditionError as error:
        errors[PLACE] = " ".join(problem.told(_) for problem in error.problems)
    return None


async def matches(db: AsyncSession, actor: Actor, wanted: TicketFilters | None) -> Count | None:
    return None if wanted is None else await quick_count(db, matching(wanted, actor, utc_now()))
