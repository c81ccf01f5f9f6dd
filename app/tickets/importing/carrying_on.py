"""Checks and imports row after row behind the pages; it may be begun again at any moment and does nothing twice."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.recognise import person_acting
from app.actor import Actor, acting_as
from app.clock import utc_now
from app.db.session import Database
from app.db.tries import in_its_own_until_done
from app.errors import DomainError, NotFound
from app.jobs.registry import job, periodic
from app.tickets.importing.models import Import, ImportRow, ImportStatus, RowOutcome
from app.tickets.importing.people import Names, names_for
from app.tickets.importing.repository import unchecked, waiting
from app.tickets.importing.rows import RowRefused, Rows, Told
from app.tickets.importing.service import CARRY_ON, NO_FORM
from app.web.i18n import gettext as _

CHECKED_AT_ONCE = 50


@job(CARRY_ON)
async def carry_on_later(database: Database, payload: Mapping[str, Any]) -> None:
    """With the rights that its sender has now; somebody who is not here any more imports nothing."""
    async with database.in_its_own() as session:
        imported = await session.get(Import, payload["import"])
        actor = await person_acting(session, imported.user_id) if imported else None
        if imported is not None and actor is None:
            imported.status = ImportStatus.CANCELLED
    if imported is not None and actor is not None:
        with acting_as(actor):
            await carry_on(database, actor, imported.id)


async def carry_on(database: Database, actor: Actor, import_id: int) -> None:
    async with database.session() as session:
        names = await names_for(session, actor)
    while await _checked_some(database, actor, import_id, names):
        pass
    async with database.session() as session:
        is_running = await _status(session, import_id) == ImportStatus.RUNNING
        rows = await waiting(session, import_id) if is_running else []
    for row_id in rows:
        if not await _imported(database, actor, row_id, names):
            return
    await _end(database, import_id)


async def _checked_some(database: Database, actor: Actor, import_id: int, names: Names) -> bool:
    """Under the import's lock: what its columns mean does not change meanwhile."""
    async with database.in_its_own() as session:
        imported = await _locked(session, import_id)
        if imported is None or imported.status != ImportStatus.CHECKING:
            return False
        some = await unchecked(session, import_id, CHECKED_AT_ONCE)
        if not some:
            imported.status = ImportStatus.CHECKED
            return False
        reader = await _reader(session, actor, imported, names)
        for row in some:
            row.problems = await reader.problems(row.cells) if reader else [["", _(NO_FORM)]]
        return True


async def _imported(database: Database, actor: Actor, row_id: int, names: Names) -> bool:
    """Whether to go on. The outcome is kept by the transaction that makes the ticket, or not at all."""
    try:
        return await in_its_own_until_done(database, lambda session: _import(session, actor, row_id, names))
    except RowRefused as refused:
        return await _refuse(database, row_id, refused.told)
    except DomainError as error:
        return await _refuse(database, row_id, [["", _(NO_FORM if isinstance(error, NotFound) else error.sentence)]])


async def _import(session: AsyncSession, actor: Actor, row_id: int, names: Names) -> bool:
    """The import is held against who cancels it: they come before this row, or after it."""
    its = select(ImportRow.import_id).where(ImportRow.id == row_id).scalar_subquery()
    status = select(Import).where(Import.id == its).with_for_update(read=True)
    imported = (await session.execute(status.execution_options(populate_existing=True))).scalar_one_or_none()
    if imported is None or imported.status != ImportStatus.RUNNING:
        return False
    row = await _locked_row(session, row_id)
    if row is None or row.outcome is not None:
        return True
    reader = await Rows.of(session, actor, imported, names)
    ticket = await reader.make(row.cells)
    row.outcome, row.ticket_id, row.problems = RowOutcome.CREATED, ticket.id, []
    return True


async def _refuse(database: Database, row_id: int, told: Told) -> bool:
    async with database.in_its_own() as session:
        row = await _locked_row(session, row_id)
        if row is not None and row.outcome is None:
            row.outcome, row.problems = RowOutcome.REFUSED, told
    return True


async def _end(database: Database, import_id: int) -> None:
    async with database.in_its_own() as session:
        imported = await _locked(session, import_id)
        if imported is not None and imported.status == ImportStatus.RUNNING:
            imported.status = ImportStatus.DONE


async def _reader(session: AsyncSession, actor: Actor, imported: Import, names: Names) -> Rows | None:
    try:
        return await Rows.of(session, actor, imported, names)
    except NotFound:
        return None


async def _status(session: AsyncSession, import_id: int) -> str | None:
    return (await session.execute(select(Import.status).where(Import.id == import_id))).scalar_one_or_none()


async def _locked(session: AsyncSession, import_id: int) -> Import | None:
    query = select(Import).where(Import.id == import_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def _locked_row(session: AsyncSession, row_id: int) -> ImportRow | None:
    query = select(ImportRow).where(ImportRow.id == row_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


@periodic(3600, name="tickets.forget_imports")
async def forget_imports(database: Database) -> None:
    async with database.in_its_own() as session:
        await session.execute(delete(Import).where(Import.expires_at < utc_now()))
