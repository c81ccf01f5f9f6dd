"""For what happens in another task or process: looks until it is so, and fails when it is not in time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

Answer = TypeVar("Answer")


async def until(question: Callable[[], Awaitable[Answer]], seconds: float = 30) -> Answer:
    """The first answer that is true."""
    async with asyncio.timeout(seconds):
        while True:
            if answer := await question():
                return answer
            await asyncio.sleep(0.01)


TICK = 0.05


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """For what is promised in so many seconds, as this process lives them: a tick that comes late, since the machine is
    busy with something else, counts as one all the same."""
    async with asyncio.timeout(None) as limit:
        clock = asyncio.create_task(_run_out(limit, seconds))
        try:
            yield
        finally:
            clock.cancel()


async def _run_out(limit: asyncio.Timeout, seconds: float) -> None:
    for _ in range(round(seconds / TICK)):
        await asyncio.sleep(TICK)
    limit.reschedule(asyncio.get_running_loop().time())
