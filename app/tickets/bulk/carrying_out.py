"""Carries a change out on one ticket after the other; it may be begun again at any moment and does nothing twice."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.recognise import person_acting
from app.actor import Actor, acting_as
from app.clock import utc_now
from app.db.session import Database
from app.db.tries import in_its_own_until_done
from app.errors import DomainError, NotFound, Stale
from app.jobs.registry import job, periodic
from app.tickets.approving.deciding import note_refused
from app.tickets.bulk.changes import Changes, Changing
from app.tickets.bulk.models import BulkEdit, BulkItem, Outcome
from app.tickets.bulk.repository import waiting_items
from app.tickets.bulk.service import CARRY_OUT
from app.web.i18n import N_

GONE = N_("There is nothing here any more.")
CHANGED_MEANWHILE = N_("Somebody has changed it since you looked. Look at it, then try again.")
NO_LONGER_HERE = N_("Who asked for this is not here any more.")


@job(CARRY_OUT)
async def carry_out_later(database: Database, payload: Mapping[str, Any]) -> None:
    async with database.in_its_own() as session:
        bulk = await session.get(BulkEdit, payload["bulk"])
        actor = await person_acting(session, bulk.user_id) if bulk else None
    if bulk is not None and actor is not None:
        with acting_as(actor):
            await carry_out(database, actor, bulk)
    elif bulk is not None:
        await _leave_all_out(database, bulk)


async def carry_out(database: Database, actor: Actor, bulk: BulkEdit) -> None:
    """In the order of the tickets' ids, so that two of these never wait for each other in a circle."""
    async with database.session() as session:
        waiting = await waiting_items(session, bulk.id)
    for item_id in waiting:
        await _one(database, actor, bulk, item_id)


async def _one(database: Database, actor: Actor, bulk: BulkEdit, item_id: int) -> None:
    try:
        await in_its_own_until_done(database, lambda session: _change(session, actor, bulk, item_id))
    except DomainError as error:
        await note_refused(database, actor, error, bulk_edit=bulk.id)
        await _leave_out(database, item_id, GONE if isinstance(error, NotFound) else error.sentence)


async def _change(session: AsyncSession, actor: Actor, bulk: BulkEdit, item_id: int) -> None:
    """The ticket is locked first; the item's outcome is kept by the transaction that changes it, or not at all."""
    found = await session.execute(select(BulkItem.ticket_no).where(BulkItem.id == item_id))
    number = found.scalar_one_or_none()
    if number is None:
        return
    changing = Changing(session, actor)
    ticket = await changing.desk.lock(number)
    item = await _locked(session, item_id)
    if item is None or item.outcome is not None:
        return
    if ticket.version != item.version:
        raise Stale(CHANGED_MEANWHILE)
    touched = (ticket.version, ticket.updated_at)
    changes = Changes.from_json(item.changes if item.changes is not None else bulk.changes)
    item.before = await changing.apply(ticket, changes)
    item.version_after = ticket.version
    item.outcome = Outcome.SAME if touched == (ticket.version, ticket.updated_at) else Outcome.CHANGED


async def _locked(session: AsyncSession, item_id: int) -> BulkItem | None:
    query = select(BulkItem).where(BulkItem.id == item_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def _leave_out(database: Database, item_id: int, sentence: str) -> None:
    async with database.in_its_own() as session:
        item = await _locked(session, item_id)
        if item is not None and item.outcome is None:
            item.outcome, item.sentence = Outcome.LEFT_OUT, sentence


async def _leave_all_out(database: Database, bulk: BulkEdit) -> None:
    async with database.session() as session:
        waiting = await waiting_items(session, bulk.id)
    for item_id in waiting:
        await _leave_out(database, item_id, NO_LONGER_HERE)


@periodic(3600, name="tickets.forget_bulk_edits")
async def forget_bulk_edits(database: Database) -> None:
    async with database.in_its_own() as session:
        await session.execute(delete(BulkEdit).where(BulkEdit.expires_at < utc_now()))
