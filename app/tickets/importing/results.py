"""What became of each row, as a file: the row as it was sent, with its ticket or what is wrong with it."""

import asyncio
import tempfile
from typing import BinaryIO, cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.tickets.exporting.files import Cell, CsvFile
from app.tickets.importing.models import Import, ImportRow, RowOutcome
from app.tickets.importing.repository import rows_after
from app.web.i18n import gettext as _

IN_MEMORY = 1_000_000
AT_ONCE = 500


async def results(session: AsyncSession, actor: Actor, imported: Import) -> BinaryIO:
    """A file of its own, which is closed by whoever reads it."""
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
    table = CsvFile(file)
    table.write([[_("Row"), _("Result"), _("Ticket"), _("Problems"), *imported.headings]])
    after = 0
    while rows := await rows_after(session, actor, imported.id, after=after, most=AT_ONCE):
        await asyncio.to_thread(table.write, [_cells(row, number) for row, number in rows])
        session.expunge_all()
        after = rows[-1][0].number
    table.close()
    file.seek(0)
    return file


def _cells(row: ImportRow, ticket_no: str | None) -> list[Cell]:
    problems = "; ".join(f"{where}: {said}" if where else said for where, said in row.problems or [])
    return [row.number, outcome_word(row), ticket_no or "", problems, *row.cells]


def outcome_word(row: ImportRow) -> str:
    if row.outcome == RowOutcome.CREATED:
        return _("Imported")
    if row.outcome == RowOutcome.REFUSED or row.problems:
        return _("Left out")
    return "" if row.problems is None else _("Ready")
