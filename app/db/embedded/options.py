"""What the server is told on its command line, where no file in the data directory can overrule it."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from app.db.embedded.account import Account
from app.db.embedded.errors import DatabaseWillNotStart

LONGEST_FOLDER = 80
"""A socket's whole path has to stay below 107 bytes."""

SAFETY = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
LOGGED_BY_DAY = {
    "logging_collector": "on",
    "log_filename": "pg-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
THROWN_AWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "autovacuum": "off",
}


def options(*, sockets: Path, logs: Path, durable: bool) -> list[str]:
    chosen = ALWAYS | {"unix_socket_directories": str(sockets)}
    chosen |= SAFETY | LOGGED_BY_DAY | {"log_directory": str(logs)} if durable else THROWN_AWAY
    return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]


def socket_folder(data: Path, account: Account) -> Path:
    """Short, ours alone, and the same for everybody who uses this data directory."""
    base = tempfile.gettempdir()
    if len(base) > LONGEST_FOLDER - 40:
        base = "/tmp"
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path(base) / f"countersign-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    owners = {os.geteuid(), account.uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or stat.S_IMODE(found.st_mode) & 0o077:
        raise DatabaseWillNotStart(f"{folder} is not ours alone. Remove it, or set TMPDIR to another folder.")
    account.own(folder)
    return folder
