"""Several verbs that are one act."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.errors import DomainError


@asynccontextmanager
async def all_or_nothing(session: AsyncSession, *records: Any) -> AsyncIterator[None]:
    """When one of them is refused the others are undone, and the records read as they did before."""
    try:
        async with session.begin_nested():
            yield
    except DomainError:
        for record in records:
            await session.refresh(record)
        raise
