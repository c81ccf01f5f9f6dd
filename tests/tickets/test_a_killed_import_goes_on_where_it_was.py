"""kill -9 in the middle of an import: whoever goes on makes a request of each row that is left, and of no other."""

import asyncio
import sys

from sqlalchemy import func, select

from app.actor import acting_as
from app.tickets.importing.carrying_on import carry_on_later
from app.tickets.importing.models import Import, ImportRow, ImportStatus
from app.tickets.importing.service import Imports
from app.tickets.importing.table import table_of
from app.tickets.models import Ticket
from tests.database import WorkersDatabase
from tests.real import RealCompany
from tests.waiting import until

ROWS = 40


async def test_each_row_is_one_ticket(real_company: RealCompany, clean_database: WorkersDatabase) -> None:
    database, hana = real_company.database, await real_company.actor("hana")
    text = "Title,System,Level,What for\n" + "".join(f"Row {n},ERP,Read,Because\n" for n in range(ROWS))
    with acting_as(hana):
        async with database.in_its_own() as session:
            begun = await Imports(session, hana).begin(
                table_of(text), file_name="r.csv", form_key="access-request", command="one"
            )
            begun.status = ImportStatus.RUNNING
    for _ in range(2):
        before = await made(real_company)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.tickets.dying_import", clean_database.app_url, str(begun.id)
        )
        await until_made(real_company, before + 3)
        process.kill()
        await process.wait()
    assert 6 <= await made(real_company) < ROWS, "it was killed in the middle"
    await asyncio.gather(*(carry_on_later(database, {"import": begun.id}) for _ in range(2)))
    async with database.session() as session:
        titles = (await session.execute(select(Ticket.title))).scalars().all()
        kept = (
            (await session.execute(select(ImportRow.ticket_id).where(ImportRow.outcome == "created"))).scalars().all()
        )
        assert sorted(titles) == sorted(f"Row {n}" for n in range(ROWS))
        assert len(set(kept)) == ROWS
        assert (await session.get_one(Import, begun.id)).status == ImportStatus.DONE


async def made(real: RealCompany) -> int:
    async with real.database.session() as session:
        return int((await session.execute(select(func.count()).select_from(Ticket))).scalar_one())


async def until_made(real: RealCompany, number: int) -> None:
    async def enough() -> bool:
        return await made(real) >= number

    await until(enough)
