"""CPU time of process trees, from /proc."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def milliseconds(pid: int) -> float:
    """User and system time of this process, of its children, and of those that it has buried."""
    tree, total = _children(), 0.0
    pending = [pid]
    while pending:
        one = pending.pop()
        total += _own(one)
        pending += tree.get(one, [])
    return total * 1000 / _TICKS


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))):
            found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def _own(pid: int) -> int:
    fields = _stat(pid)
    return sum(int(one) for one in fields[11:15]) if fields else 0


def _stat(pid: int) -> list[str]:
    """From the third field on: a program's name may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []
