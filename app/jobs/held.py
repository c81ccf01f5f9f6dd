"""Jobs that failed too often: listed for an admin, and put back when the cause is mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pgqueuer.domain.types import JobId
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs import queue_of


@dataclass(frozen=True, slots=True)
class HeldJob:
    """Without its payload: whoever reads the list need not be allowed to see what it is about (L13)."""

    id: int
    name: str
    since: datetime


async def held_jobs(session: AsyncSession, *, limit: int = 100) -> Sequence[HeldJob]:
    rows = await (await queue_of(session)).list_failed_jobs(limit)
    return [HeldJob(row.id, row.entrypoint, row.updated) for row in rows]


async def release_jobs(session: AsyncSession, ids: Sequence[int]) -> None:
    await (await queue_of(session)).requeue_jobs([JobId(job) for job in ids])
