"""Which processes serve a data directory, as the kernel sees it: a pid in a file proves nothing."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def serving(data: Path) -> set[int]:
    """Every live process that works in `data`: PostgreSQL changes into its data directory and stays there."""
    return {int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal() and _works_in(entry, data)}


def postmaster_of(data: Path) -> int | None:
    """The pid in `postmaster.pid`, if that process lives, is no zombie, and serves this directory."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
        return pid if pid > 0 and _works_in(PROC / str(pid), data) else None
    except (FileNotFoundError, ValueError):
        return None


def is_ready(data: Path) -> bool:
    """PostgreSQL writes its state into the eighth line of its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def wait_until_gone(data: Path, *, seconds: float) -> set[int]:
    """What is still there when the time is up."""
    deadline = time.monotonic() + seconds
    while (left := serving(data)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def wait_until_settled(data: Path, *, seconds: float) -> set[int]:
    """Until nobody works there or a postmaster is in charge; what is there without one when the time is up."""
    deadline = time.monotonic() + seconds
    while (left := serving(data)) and postmaster_of(data) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return set() if postmaster_of(data) else left


def remove_reused_pid_file(data: Path) -> None:
    """A dead pid PostgreSQL clears away itself, looking for orphans first; a pid that is now another's stops it."""
    pid_file = data / "postmaster.pid"
    with suppress(FileNotFoundError):
        pid = pid_file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].strip().lstrip("-")
        if not pid.isdecimal() or (PROC / pid).exists():
            pid_file.unlink()


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _works_in(process: Path, data: Path) -> bool:
    try:
        return _is_live_postgres(process) and _works_in_folder(process, data)
    except OSError:
        return False


def _is_live_postgres(process: Path) -> bool:
    """A shell that somebody opened in the folder is not the database, nor is a zombie."""
    name, _, rest = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
    return name.partition("(")[2].startswith("postgres") and rest.split()[0] not in (
        "Z",
        "X",
    )


def _works_in_folder(process: Path, data: Path) -> bool:
    try:
        return os.path.samefile(process / "cwd", data)
    except PermissionError:
        # Root in a container may not look into another account's process, but at its command line.
        return os.fsencode(data) in (process / "cmdline").read_bytes().split(b"\0")
