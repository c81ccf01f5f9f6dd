"""Takes away bytes that no row names (a process died in between), and those of files removed a day ago."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, union_all

from app.attachments.models import DraftFile, TicketAttachment, TicketNoteAttachment
from app.attachments.storage import Storage, forget_arriving, storage_in_use
from app.clock import utc_now
from app.db.session import Database
from app.jobs.registry import periodic

KEPT_FOR = timedelta(hours=20)
"""Longer than any upload may take; with an hour between sweeps nothing stays for a day."""
MOST_AT_ONCE = 500


@periodic(3600, name="attachments.sweep")
async def sweep_now(database: Database) -> None:
    storage = storage_in_use()
    if storage is not None:
        await sweep(database, storage)


async def sweep(database: Database, storage: Storage, *, now: datetime | None = None) -> int:
    """How many were taken away."""
    before = (now or utc_now()) - KEPT_FOR
    gone = await _removed_files(database, storage, before)
    gone += await _nobodys_files(database, storage, before)
    return gone + forget_arriving(storage, older_than=KEPT_FOR.total_seconds())


async def _nobodys_files(database: Database, storage: Storage, before: datetime) -> int:
    """Looked up once their time is over, so that a row that names one was committed long ago or never will be."""
    gone, batch = 0, list[str]()
    async for key, written_at in storage.listed():
        if written_at < before:
            batch.append(key)
        if len(batch) >= MOST_AT_ONCE:
            gone += await _remove_unnamed(database, storage, batch)
            batch = []
    return gone + await _remove_unnamed(database, storage, batch)


async def _remove_unnamed(database: Database, storage: Storage, keys: Sequence[str]) -> int:
    if not keys:
        return 0
    named = union_all(*(select(model.storage_path).where(model.storage_path.in_(keys)) for model in _NAMING))
    async with database.session() as session:
        known = set((await session.execute(named, execution_options={"include_deleted": True})).scalars())
    lost = [key for key in keys if key not in known]
    for key in lost:
        await storage.remove(key)
    return len(lost)


async def _removed_files(database: Database, storage: Storage, before: datetime) -> int:
    gone = 0
    for model in _MODELS:
        async with database.in_its_own() as session:
            query = select(model).where(model.deleted_at < before, model.swept_at.is_(None)).limit(MOST_AT_ONCE)
            rows = (await session.execute(query, execution_options={"include_deleted": True})).scalars().all()
            for row in rows:
                await storage.remove(row.storage_path)
                row.swept_at = utc_now()
            gone += len(rows)
    return gone


_MODELS: tuple[Any, ...] = (TicketAttachment, TicketNoteAttachment)
_NAMING: tuple[Any, ...] = (*_MODELS, DraftFile)
