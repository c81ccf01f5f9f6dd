"""The product as it is run for real, beside a PostgreSQL of its own that is durable and thrown away afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from app.db.embedded import Connections, EmbeddedPostgres
from app.db.embedded.processes import postmaster_of
from app.db.migrations import upgrade

SECRET = "of-a-benchmark-and-of-nothing-else-9f2c71ab"
NEEDED = {10_000: 2, 100_000: 4, 1_000_000: 16}
"""Gigabytes of room by size."""
STARTS_WITHIN = 60


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    app_pid: int
    postgres_pid: int


@contextmanager
def throw_away_database(size: int, kept: Path | None) -> Iterator[tuple[EmbeddedPostgres, Connections]]:
    """`kept`: a folder that stays, for another run on the same data."""
    home = kept or Path(tempfile.mkdtemp(prefix="countersign-bench-", dir=_folder(size)))
    server = EmbeddedPostgres(home)
    if server.cluster.major is None:
        _count_statements(server)
    try:
        connections = server.start()
        upgrade(connections.owner_url)
        yield server, connections
    finally:
        server.stop()
        if kept is None:
            shutil.rmtree(home, ignore_errors=True)


def _folder(size: int) -> str:
    """On disk where there is room, as the product's data would be; in memory otherwise."""
    disk = tempfile.gettempdir()
    return disk if shutil.disk_usage(disk).free > NEEDED[size] << 30 else "/dev/shm"


def _count_statements(server: EmbeddedPostgres) -> None:
    """Loaded by a setting of the cluster's file: the product's own command line does not ask for it."""
    server.start()
    server.stop()
    with (server.cluster.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\nshared_preload_libraries = 'pg_stat_statements'\npg_stat_statements.track = none\n")
        file.write("pg_stat_statements.track_utility = off\nmax_wal_size = 4GB\n")


@contextmanager
def served(server: EmbeddedPostgres, connections: Connections, *, worker: bool = False) -> Iterator[Served]:
    """`countersign serve`, unless it is wanted without its worker."""
    port = _free_port()
    environment = os.environ | {
        "DATABASE_URL": connections.app_url, "DATABASE_OWNER_URL": connections.owner_url, "SECRET_KEY": SECRET,
        "PORT": str(port), "RUN_WORKER": "yes" if worker else "no", "DATA_DIR": str(server.home.parent),
    }  # fmt: skip
    command = [sys.executable, "-m", "app.cli", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield Served(port, process.pid, postmaster_of(server.cluster.data) or 0)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/ready", timeout=2).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start; the reason is in the lines above.")
