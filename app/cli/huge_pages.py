"""Huge pages for what this process holds: in a virtual machine a request otherwise spends up to a quarter of its time
on finding out where its memory is (docs/decisions/0016)."""

import asyncio
import ctypes
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

SIZE = 2 << 20
LOOK_AFTER = (10, 60, 600)
"""Seconds, of a server whose caches fill; then each of the last."""
_HUGEPAGE, _COLLAPSE = 14, 25
"""`madvise`'s advice, from <linux/mman.h>; the second since Linux 6.1."""
_MAPPING = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 *(\[heap\])?\nSize: .*\n(?:\w+: .*\n)*?Rss: +(\d+) kB", re.M
)


async def keep(stop: asyncio.Event) -> None:
    """What is new is looked at again and again; a system that has none, or gives none, is left alone."""
    waits = iter(LOOK_AFTER)
    while not stop.is_set():
        wait = next(waits, LOOK_AFTER[-1])
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await stop.wait()
        if not stop.is_set():
            await asyncio.to_thread(ask_for, Path("/proc/self/smaps"))


def ask_for(smaps: Path) -> int:
    """How many there are now."""
    with suppress(AttributeError, OSError):
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        return sum(_made_huge(advise, start, end) for start, end in worth_it(smaps.read_text()))
    return 0


def worth_it(smaps: str) -> Iterator[tuple[int, int]]:
    """Whole huge pages of memory of our own that is mostly in use; a thread's stack is not."""
    for found in _MAPPING.finditer(smaps):
        start, end = int(found[1], 16), int(found[2], 16)
        first, last = -(-start // SIZE) * SIZE, end // SIZE * SIZE
        if first < last and int(found[4]) * 1024 * 2 > end - start:
            yield first, last


def _made_huge(advise: Callable[..., int], start: int, end: int) -> int:
    if advise(start, end - start, _HUGEPAGE):
        return 0
    return sum(advise(at, SIZE, _COLLAPSE) == 0 for at in range(start, end, SIZE))
