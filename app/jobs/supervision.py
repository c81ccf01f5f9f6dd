"""What must not stay dead: run again when it fails, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
logger = logging.getLogger(__name__)


async def supervise(name: str, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Pauses grow while it keeps failing at once, so that a database that is away is not hammered."""
    clock, pause = asyncio.get_running_loop().time, FIRST_PAUSE
    while not stop.is_set():
        started = clock()
        try:
            await work()
        except Exception:
            logger.exception("%s failed; it will be started again", name)
        if clock() - started > LONGEST_PAUSE:
            pause = FIRST_PAUSE
        if await stopped_within(stop, pause):
            return
        pause = min(pause * 2, LONGEST_PAUSE)


async def stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    """Waits that long, or shorter when `stop` comes; says whether it has."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return stop.is_set()
    return True
