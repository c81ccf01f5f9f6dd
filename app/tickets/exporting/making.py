"""Fills a file with what a list shows to one reader, batch by batch."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.tickets.exporting.columns import Sheet
from app.tickets.exporting.files import open_table
from app.tickets.exporting.models import ExportFormat
from app.tickets.exporting.repository import batches, called, forms_used
from app.tickets.filters import TicketFilters


@dataclass(frozen=True, slots=True)
class Written:
    """One batch that is in the file now: its tickets, and those with answers that not everybody reads."""

    ticket_ids: list[int]
    own_ids: list[int]


async def fill(
    session: AsyncSession, actor: Actor, filters: TicketFilters, kind: ExportFormat, file: BinaryIO
) -> AsyncIterator[Written]:
    """The file is whole when the last batch has been told."""
    now = utc_now()
    sheet = Sheet(actor, await forms_used(session, actor, filters, now))
    table = open_table(kind, file)
    table.write([sheet.headings()])
    async for rows in batches(session, actor, filters, now):
        known = await called(session, rows, sheet.by_version)
        await asyncio.to_thread(table.write, [sheet.cells(row, known) for row in rows])
        yield Written([row.id for row in rows], [row.id for row in rows if sheet.holds_own(row)])
    await asyncio.to_thread(table.close)
