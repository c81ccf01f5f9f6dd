"""The outbox worked off at once, for whoever reads events."""

from collections.abc import Awaitable, Callable

import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.dispatch import look

Dispatch = Callable[[], Awaitable[None]]


@pytest.fixture
def dispatch(session: AsyncSession, app: Litestar) -> Dispatch:
    """Everything that waits is told, also what a decision holds back for its 15 seconds."""

    async def now() -> None:
        await session.execute(text("UPDATE ticket.outbox SET not_before = NULL WHERE dispatched_at IS NULL"))
        await session.commit()
        while await look(app.state.database):
            pass

    return now
