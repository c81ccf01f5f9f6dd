"""An act in a transaction of its own, again where others stood in its way."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import Database, worth_a_rerun

Done = TypeVar("Done")
MOST_TRIES = 3


async def in_its_own_until_done(database: Database, act: Callable[[AsyncSession], Awaitable[Done]]) -> Done:
    """For each item of a bulk act or an import: a deadlock is no answer to it."""
    for attempt in range(MOST_TRIES):
        try:
            async with database.in_its_own() as session:
                return await act(session)
        except DBAPIError as error:
            if not worth_a_rerun(error) or attempt == MOST_TRIES - 1:
                raise
    raise AssertionError("the last try returned or raised")
