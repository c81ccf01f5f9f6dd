"""Exports: a short one is a file at once, a long one is made behind the pages and fetched later."""

import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import BinaryIO, cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.db.session import Database
from app.errors import NotFound, NotPossible, TooMany
from app.jobs import enqueue
from app.tickets.exporting.making import fill
from app.tickets.exporting.models import Export, ExportFormat, ExportStatus
from app.tickets.exporting.repository import (
    all_still_open_to,
    batch_numbers,
    being_made,
    how_many,
    own_export,
    part_of,
    tickets_in,
)
from app.tickets.filters import TicketFilters
from app.tickets.views import note_views

AT_ONCE = 2_000
"""Rows of a file that is made while its reader waits."""
MOST_ROWS = 1_000_000
"""What a spreadsheet holds."""
MOST_WAITING = 2
KEPT = timedelta(hours=24)
MAKE = "tickets.make_export"
IN_MEMORY = 1_000_000
_PIECE = 256 * 1024


class Exports:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def is_short(self, filters: TicketFilters) -> bool:
        return await how_many(self.session, self.actor, filters, utc_now(), AT_ONCE) <= AT_ONCE

    async def at_once(self, filters: TicketFilters, kind: ExportFormat) -> BinaryIO:
        """A file of its own, which is closed by whoever reads it."""
        file = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
        async for written in fill(self.session, self.actor, filters, kind, file):
            await note_views(self.session, self.actor, written.ticket_ids)
        file.seek(0)
        return file

    async def start(self, filters: TicketFilters, kind: ExportFormat) -> Export:
        """No more than a few at a time: each reads a good part of the database."""
        if await being_made(self.session, self.actor) >= MOST_WAITING:
            raise TooMany("Two of your exports are being made already. Wait until one is ready.")
        if await how_many(self.session, self.actor, filters, utc_now(), MOST_ROWS) > MOST_ROWS:
            raise NotPossible("A file holds at most a million tickets. Filter the list first.")
        pairs = [list(pair) for pair in filters.pairs()]
        export = Export(user_id=self.actor.id, format=kind, query=pairs, expires_at=utc_now() + KEPT)
        self.session.add(export)
        await self._make(export)
        return export

    async def find(self, export_id: int) -> Export:
        """Only one's own; one that has expired never was."""
        export = await own_export(self.session, self.actor, export_id, utc_now())
        if export is None:
            raise NotFound
        return export

    async def may_be_fetched(self, export: Export) -> bool:
        """Looked at again (promises.md, L7): a file with anything that is closed to its reader by now is made anew."""
        if not export.is_ready:
            return False
        lost_a_role = not set(export.role_ids) <= self.actor.role_ids
        if lost_a_role or not await all_still_open_to(self.session, self.actor, export):
            await self._make(export)
            return False
        for number in await batch_numbers(self.session, export):
            await note_views(self.session, self.actor, await tickets_in(self.session, export, number))
        return True

    async def _make(self, export: Export) -> None:
        export.status, export.rows_done = ExportStatus.WAITING, 0
        await self.session.flush()
        await enqueue(self.session, MAKE, {"export": export.id}, key=str(export.id))


def pieces_of(file: BinaryIO) -> AsyncIterator[bytes]:
    async def read() -> AsyncIterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece

    return read()


def parts_of(database: Database, export_id: int) -> AsyncIterator[bytes]:
    """Between two parts no connection is held, however slowly the other side reads."""

    async def read() -> AsyncIterator[bytes]:
        number = 0
        while True:
            async with database.session() as session:
                part = await part_of(session, export_id, number)
            if part is None:
                return
            yield part
            number += 1

    return read()
