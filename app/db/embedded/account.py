"""PostgreSQL refuses to run as root: as whom it runs instead."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.db.embedded.errors import DatabaseWillNotStart

IN_A_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
SYSTEM_ACCOUNTS = ("countersign", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """How a program is started, and who owns its files; no uid means ours."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@cache
def account() -> Account:
    """Root maps itself to an ordinary uid, so that files stay root's and no folder is opened to others."""
    if os.geteuid() != 0:
        return Account()
    if _may_unshare():
        return Account(prefix=IN_A_NAMESPACE)
    return _system_account()


def _may_unshare() -> bool:
    """Containers commonly forbid it."""
    if not shutil.which(IN_A_NAMESPACE[0]):
        return False
    return subprocess.run([*IN_A_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def _system_account() -> Account:
    for name in SYSTEM_ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=found.pw_uid, gid=found.pw_gid)
    raise DatabaseWillNotStart(
        "PostgreSQL does not run as root, and there is no account to run it as. Create one with"
        " “useradd --system countersign”, start as an ordinary user, or set DATABASE_URL."
    )


def check_reach(path: Path, account: Account) -> None:
    """Another account must be able to walk to its files; we never open somebody's folders for it."""
    if account.uid is None:
        return
    for folder in (path, *path.parents):
        if folder.exists() and not _may_enter(folder, account):
            raise DatabaseWillNotStart(
                f"PostgreSQL does not run as root, and account {account.uid} may not enter {folder}. Set DATA_DIR to"
                " a folder that others may enter, such as /var/lib/countersign, start as an ordinary user, or set"
                " DATABASE_URL."
            )


def _may_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)
