"""How much memory a process holds while something goes on, from /proc."""

import asyncio
import os
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Growth:
    """In bytes: held before, at most meanwhile, and afterwards."""

    before: int
    peak: int
    after: int

    @property
    def by(self) -> int:
        return self.peak - self.before


async def growth_of(pid: int, work: Awaitable[None]) -> tuple[Growth, float]:
    """With the seconds that the work took."""
    before, started, highest = resident(pid), time.monotonic(), [0]

    async def watch() -> None:
        while True:
            highest[0] = max(highest[0], resident(pid))
            await asyncio.sleep(EVERY)

    watching = asyncio.create_task(watch())
    try:
        await work
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return Growth(before, max(highest[0], before), resident(pid)), round(time.monotonic() - started, 1)


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
