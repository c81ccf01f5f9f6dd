"""A cluster on disk: made whole or not at all, with its roles and its database."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.config import APP_ROLE
from app.db.embedded.account import Account, check_reach
from app.db.embedded.binaries import Binaries
from app.db.embedded.errors import DatabaseWillNotStart

SUPERUSER = "postgres"
OWNER_ROLE = "countersign_owner"
READER_ROLE = "countersign_reader"
DATABASE = "countersign"

FIRST_STATEMENTS = f"""
CREATE ROLE {OWNER_ROLE} LOGIN NOSUPERUSER CREATEDB CREATEROLE;
CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER;
CREATE ROLE {READER_ROLE} LOGIN NOSUPERUSER;
ALTER ROLE {READER_ROLE} SET default_transaction_read_only = on;
GRANT {APP_ROLE} TO {OWNER_ROLE} WITH ADMIN OPTION;
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE} TO {APP_ROLE}, {READER_ROLE};
"""
"""Read line by line by PostgreSQL in single-user mode, before anybody can connect."""

ACCESS = "local all all trust\n"
"""The socket's folder is 0700: whoever can reach the socket could read the files as well."""


@dataclass(frozen=True, slots=True)
class Cluster:
    data: Path

    @property
    def major(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return None
        except ValueError:
            raise DatabaseWillNotStart(f"{self.data / 'PG_VERSION'} is not readable as a version.") from None

    def make(self, binaries: Binaries, account: Account, *, durable: bool) -> None:
        """Built beside its place and then renamed, so that a crash leaves nothing half made."""
        unfinished = self.data.with_name("data.init")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._refuse_to_overwrite()
        unfinished.mkdir(mode=0o700)
        account.own(unfinished)
        check_reach(unfinished, account)
        run(_initdb(binaries, unfinished, durable=durable), account)
        (unfinished / "pg_hba.conf").write_text(ACCESS, encoding="ascii")
        run(
            _single_user(binaries, unfinished, durable=durable),
            account,
            typed=FIRST_STATEMENTS,
        )
        unfinished.rename(self.data)
        _sync_folder(self.data.parent)

    def _refuse_to_overwrite(self) -> None:
        if self.data.exists() and any(self.data.iterdir()):
            raise DatabaseWillNotStart(f"{self.data} holds files, but no PostgreSQL cluster. Nothing was changed.")


def run(command: list[str], account: Account, *, typed: str = "") -> None:
    done = subprocess.run(
        [*account.prefix, *command],
        input=typed,
        user=account.uid,
        group=account.gid,
        cwd="/",
        capture_output=True,
        text=True,
        errors="replace",
        env=environment(),
        check=False,
    )
    if done.returncode != 0 or "FATAL:" in done.stderr or "ERROR:" in done.stderr:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise DatabaseWillNotStart(f"{Path(command[0]).name} failed: {' '.join(said[-3:])}")


def environment() -> dict[str, str]:
    """Nothing of the caller's PGDATA, PGHOST or LANG reaches the cluster."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _initdb(binaries: Binaries, data: Path, *, durable: bool) -> list[str]:
    options = [
        "--data-checksums",
        "--encoding=UTF8",
        "--auth=trust",
        f"--username={SUPERUSER}",
    ]
    speed = [] if durable else ["--no-sync"]
    return [
        binaries.initdb,
        "-D",
        str(data),
        *options,
        *binaries.locale_options,
        *speed,
    ]


def _single_user(binaries: Binaries, data: Path, *, durable: bool) -> list[str]:
    speed = [] if durable else ["-c", "fsync=off"]
    return [binaries.postgres, "--single", "-D", str(data), *speed, "postgres"]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
