"""Search forgets answers that a form has closed meanwhile, and finds those again that it has opened."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import Database
from app.db.tries import in_its_own_until_done
from app.jobs import enqueue
from app.jobs.registry import job
from app.ticket_templates.fields_repository import closing_forms
from app.ticket_templates.service import REINDEX
from app.tickets.models import Ticket
from app.tickets.search import reindex

LOCKED_AT_ONCE = 20
MOST_AT_ONCE = 1_000


@job(REINDEX)
async def reindex_tickets(database: Database, payload: Mapping[str, Any]) -> None:
    """Of one form, or of all that ever closed an answer. A further job goes on where this one stops, so that little is
    done twice when a worker dies."""
    after = payload.get("after", 0)
    for _ in range(MOST_AT_ONCE // LOCKED_AT_ONCE):
        last = await in_its_own_until_done(database, partial(_some, form=payload.get("template"), after=after))
        if last is None:
            return
        after = last
    async with database.in_its_own() as session:
        await enqueue(session, REINDEX, {**payload, "after": after})


async def _some(session: AsyncSession, *, form: int | None, after: int) -> int | None:
    """The last one; none if there are no more. Whoever changes one meanwhile comes before this, or after it."""
    its_form = Ticket.template_id.in_(closing_forms()) if form is None else Ticket.template_id == form
    query = select(Ticket).where(Ticket.id > after, its_form).order_by(Ticket.id).limit(LOCKED_AT_ONCE)
    locked = query.with_for_update().execution_options(include_deleted=True)
    tickets = (await session.execute(locked)).scalars().all()
    for ticket in tickets:
        await reindex(session, ticket)
    return tickets[-1].id if tickets else None
