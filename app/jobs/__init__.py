"""Work for later: a job is put in the queue by the transaction whose change it follows, or not at all."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pgqueuer.adapters.persistence.queries import Queries
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.schema import queries_over

_BEGIN = text("SELECT 1")
"""Words of one's own may do anything, so they are never sent outside a transaction (app/db/direct.py)."""


async def enqueue(
    session: AsyncSession,
    name: str,
    payload: Mapping[str, Any],
    *,
    run_at: datetime | None = None,
    key: str | None = None,
) -> None:
    """The payload is small and plain JSON: ids, never content.

    While a job with the same `key` waits or runs, another is not added: a key names one occurrence ("step 7's
    deadline at noon"), so that nothing is left out because an older one has just begun.
    """
    queue = await queue_of(session)
    now = (await session.execute(select(func.now()))).scalar_one() if run_at else None
    await queue.enqueue(
        name,
        json.dumps(payload).encode(),
        execute_after=run_at - now if run_at and now else None,
        dedupe_key=f"{name}:{key}" if key else None,
        on_conflict="skip",
    )


async def queue_of(session: AsyncSession) -> Queries:
    """The queue as this session's transaction sees it, which begins now: what only reads has not begun it."""
    await session.execute(_BEGIN)
    connection = await (await session.connection()).get_raw_connection()
    return queries_over(connection.driver_connection)
