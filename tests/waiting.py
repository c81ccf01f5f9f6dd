"""For what happens in another task or process: looks until it is so, and fails when it is not in time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def until(question: Callable[[], Awaitable[Answer]], seconds: float = 30) -> Answer:
    """The first answer that is true."""
    async with asyncio.timeout(seconds):
        while True:
            if answer := await question():
                return answer
            await asyncio.sleep(0.01)
