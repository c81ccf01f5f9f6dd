"""What is wrong with this installation, in sentences."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg

from app.config import APP_ROLE, Settings, weakness_of
from app.db.version import head, version_of

OLDEST_POSTGRESQL = 15
LEAST_FREE_BYTES = 1_000_000_000
SAFE = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    sentence: str


def as_text(checks: Sequence[Check]) -> str:
    lines = [f"{'ok   ' if check.ok else 'WRONG'}  {check.name:<20} {check.sentence}" for check in checks]
    wrong = sum(not check.ok for check in checks)
    return "\n".join([*lines, "", "All is well." if not wrong else f"To be mended: {wrong}."])


def as_json(checks: Sequence[Check]) -> str:
    return json.dumps(
        {"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]}, indent=1
    )


async def examine(settings: Settings, problems: Sequence[str]) -> list[Check]:
    owner = await _connect(settings.owner_url)
    try:
        inside = [await _version(owner), *await _safety(owner), await _schema(owner)]
    finally:
        await owner.close()
    return [*inside, await _role(settings), *examine_without_database(settings, problems)]


def examine_without_database(settings: Settings, problems: Sequence[str]) -> list[Check]:
    weakness = weakness_of(settings.secret_key)
    others = [problem for problem in problems if problem != weakness]
    return [
        Check("secret", weakness is None, weakness or "The secret is long and random enough."),
        _disk(settings.data_dir),
        *(Check("configuration", False, problem) for problem in others),
    ]


async def safety(settings: Settings) -> list[Check]:
    owner = await _connect(settings.owner_url)
    try:
        return await _safety(owner)
    finally:
        await owner.close()


async def _connect(url: str | None) -> Any:
    return await asyncpg.connect((url or "").replace("+asyncpg", "", 1), timeout=10)


async def _version(connection: Any) -> Check:
    version = await connection.fetchval("SHOW server_version")
    number = int(await connection.fetchval("SHOW server_version_num")) // 10_000
    sentence = f"PostgreSQL {version}; {OLDEST_POSTGRESQL} is the oldest that will do."
    return Check("postgresql version", number >= OLDEST_POSTGRESQL, sentence)


async def _safety(connection: Any) -> list[Check]:
    return [_safe(name, await connection.fetchval("SELECT current_setting($1)", name)) for name in SAFE]


def _safe(name: str, value: str) -> Check:
    """`remote_apply` and its like promise more than `on`; `off` and `local` promise less."""
    ok = value in ("on", "remote_write", "remote_apply") if name == "synchronous_commit" else value == "on"
    consequence = "" if ok else ", so a crash can lose or damage what was acknowledged"
    return Check(name, ok, f"{name} is {value}{consequence}.")


async def _schema(connection: Any) -> Check:
    found, wanted = await version_of(connection), head()
    ok = found == wanted
    return Check(
        "schema", ok, f"The schema is at {found}." if ok else f"The schema is at {found}, not {wanted}: migrate."
    )


async def _role(settings: Settings) -> Check:
    """What the web and the worker are once they are connected."""
    app = await _connect(settings.database_url)
    try:
        if settings.app_role:
            await app.execute(f"SET ROLE {APP_ROLE}")
        row = await app.fetchrow(
            "SELECT current_user AS name, rolsuper AS superuser,"
            " (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid) AS owned"
            " FROM pg_roles WHERE rolname = current_user"
        )
    except asyncpg.PostgresError as error:
        return Check("role", False, f"Web and worker cannot become {APP_ROLE}: {error}.")
    finally:
        await app.close()
    ok = not row["superuser"] and row["owned"] == 0
    return Check(
        "role", ok, f"Web and worker act as {row['name']}, which {'owns nothing' if ok else 'has too many rights'}."
    )


def _disk(data_dir: Path) -> Check:
    place = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    return Check("disk", free >= LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB are free for {data_dir}.")
