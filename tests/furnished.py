"""A database of each worker in which the company is already at work; tests read it and throw away what they add."""

from app.actor import SYSTEM, acting_as
from app.db.session import Database
from tests.cast import furnish, hire
from tests.database import WorkersDatabase, another_copy, in_a_thread


def furnished_database(database: WorkersDatabase) -> WorkersDatabase:
    return in_a_thread(_furnish_another(database))


async def _furnish_another(database: WorkersDatabase) -> WorkersDatabase:
    furnished = await another_copy(database, f"{database.name}_furnished")
    doors = Database(furnished.app_url)
    try:
        with acting_as(SYSTEM):
            async with doors.session() as session:
                await furnish(session, await hire(session))
    finally:
        await doors.close()
    return furnished
