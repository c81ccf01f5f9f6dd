"""The one place that asks what time it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

_behind: ContextVar[timedelta] = ContextVar("behind", default=timedelta())


def utc_now() -> datetime:
    return datetime.now(UTC) - _behind.get()


_NOW = select(func.clock_timestamp())
_CARRIED = 5.0
"""Seconds for which our own clock carries on what the database's said: an act writes many times of day."""


async def database_now(session: AsyncSession) -> datetime:
    """The database's clock at this moment, not at the start of the transaction: read it after a lock."""
    began, said = session.info.get(database_now, (0.0, None))
    passed = time.monotonic() - began
    if said is None or passed > _CARRIED:
        said = (await session.execute(_NOW)).scalar_one()
        began, passed = time.monotonic(), 0.0
        session.info[database_now] = (began, said)
    now: datetime = said.astimezone(UTC) + timedelta(seconds=passed)
    return now - _behind.get()


@contextmanager
def telling_of(moment: datetime) -> Iterator[None]:
    """For the seeds, which tell of six weeks through the services: inside, it is then."""
    token = _behind.set(datetime.now(UTC) - moment)
    try:
        yield
    finally:
        _behind.reset(token)
