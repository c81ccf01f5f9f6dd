"""Long exports, made by the worker; a file that has expired is thrown away."""

import tempfile
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from sqlalchemy import delete, select, update

from app.accounts.recognise import person_acting
from app.actor import Actor, acting_as
from app.clock import utc_now
from app.db.session import Database
from app.jobs.registry import job, periodic
from app.tickets.exporting.making import Written, fill
from app.tickets.exporting.models import Export, ExportBatch, ExportFormat, ExportPart, ExportStatus
from app.tickets.exporting.service import IN_MEMORY, MAKE
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import understood

PART = 512 * 1024


class FilterIsGone(Exception):
    """What was filtered by is not there any more: the file would hold more than was asked for."""


@job(MAKE)
async def make_export(database: Database, payload: Mapping[str, Any]) -> None:
    """With the rights that its reader has now. Interrupted, it begins anew: nothing of it was shown to anybody."""
    async with database.in_its_own() as session:
        export = await session.get(Export, payload["export"])
        actor = await person_acting(session, export.user_id) if export else None
    if export is None or not export.is_waiting:
        return
    if actor is None:
        await _end(database, export, ExportStatus.FAILED)
        return
    with acting_as(actor), cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY)) as file:
        try:
            written = await _fill(database, actor, export, file)
        except FilterIsGone:
            await _end(database, export, ExportStatus.FAILED)
            return
        await _keep(database, actor, export, file, written)


async def _fill(database: Database, actor: Actor, export: Export, file: BinaryIO) -> list[Written]:
    done: list[Written] = []
    rows = 0
    async with database.session() as session:
        filters = await understood(session, actor, TicketFilters.read((name, value) for name, value in export.query))
        if filters.unknown:
            raise FilterIsGone
        async for written in fill(session, actor, filters, ExportFormat(export.format), file):
            done.append(written)
            rows += len(written.ticket_ids)
            async with database.in_its_own() as beside:
                await beside.execute(update(Export).where(Export.id == export.id).values(rows_done=rows))
    return done


async def _keep(database: Database, actor: Actor, export: Export, file: BinaryIO, written: list[Written]) -> None:
    async with database.in_its_own() as session:
        waiting = select(Export).where(Export.id == export.id, Export.status == ExportStatus.WAITING).with_for_update()
        kept = (await session.execute(waiting.execution_options(populate_existing=True))).scalar_one_or_none()
        if kept is None:
            return
        for table in (ExportBatch, ExportPart):
            await session.execute(delete(table).where(table.export_id == export.id))
        for number, batch in enumerate(written):
            ids = {"ticket_ids": batch.ticket_ids, "own_ids": batch.own_ids}
            session.add(ExportBatch(export_id=export.id, number=number, **ids))
        file.seek(0)
        number = 0
        while piece := file.read(PART):
            part = ExportPart(export_id=export.id, number=number, content=piece)
            session.add(part)
            await session.flush()
            session.expunge(part)
            number += 1
        kept.rows_done = sum(len(batch.ticket_ids) for batch in written)
        kept.status, kept.role_ids = ExportStatus.READY, sorted(actor.role_ids)


async def _end(database: Database, export: Export, status: ExportStatus) -> None:
    async with database.in_its_own() as session:
        await session.execute(update(Export).where(Export.id == export.id).values(status=status))


@periodic(3600, name="tickets.forget_exports")
async def forget_exports(database: Database) -> None:
    async with database.in_its_own() as session:
        await session.execute(delete(Export).where(Export.expires_at < utc_now()))
