"""What takes too long is left out of a page, and the page says so. The numbers that link to lists are always whole."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import STATEMENT_TIMEOUT, sqlstate

Found = TypeVar("Found")
AT_MOST = 1_000
"""Milliseconds for one statement."""
_AS_BEFORE = text(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT}")
_CANCELLED = "57014"


class Patience:
    """`left_out`: the names of what was given up."""

    def __init__(self, session: AsyncSession, at_most: int | None = None) -> None:
        self.session = session
        self._hurry = text(f"SET LOCAL statement_timeout = {at_most or AT_MOST}")
        self.left_out: list[str] = []

    async def wait_for(self, name: str, work: Callable[[], Awaitable[Found]], otherwise: Found) -> Found:
        """In a savepoint of its own, so that what comes after it goes on."""
        try:
            async with self.session.begin_nested():
                await self.session.execute(self._hurry)
                found = await work()
                await self.session.execute(_AS_BEFORE)
                return found
        except DBAPIError as error:
            if sqlstate(error) != _CANCELLED:
                raise
        self.left_out.append(name)
        return otherwise
