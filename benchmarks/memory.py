"""`python -m benchmarks.memory uploads` or `export --keep DIR`: by how much the server grows while it does that."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg

from app.config import Settings
from app.db.embedded import Connections
from benchmarks.company import Company, found, sign_in
from benchmarks.exporting import Exported, export_many
from benchmarks.resident import Growth, growth_of
from benchmarks.server import SECRET, served, throw_away_database
from benchmarks.uploading import Uploads, upload_at_once

SMALL = 10_000


@dataclass(frozen=True, slots=True)
class Measured:
    """`growth` in bytes, over what the server held when it had done the same once in small."""

    what: str
    growth: Growth
    seconds: float
    told: dict[str, Any]


def main() -> None:
    chosen = _arguments()
    print(json.dumps(asdict(uploads(chosen.files, chosen.megabytes) if chosen.what == "uploads" else
                            export(chosen.keep, chosen.rows)), indent=1))  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    kinds = parser.add_subparsers(dest="what", required=True)
    many = kinds.add_parser("uploads")
    many.add_argument("--files", type=int, default=100)
    many.add_argument("--megabytes", type=int, default=25)
    long = kinds.add_parser("export")
    long.add_argument("--keep", type=Path, required=True, help="the folder that `python -m benchmarks --keep` filled")
    long.add_argument("--rows", type=int, default=100_000)
    return parser.parse_args()


def uploads(files: int, megabytes: int) -> Measured:
    """All at once, to tickets of several people, each file as large as one may be."""

    async def work(setting: "Setting") -> Measured:
        sending = await Uploads.prepared(setting.connection, setting.company, setting.port)
        await upload_at_once(sending, files=files, size=1_000)
        sent = upload_at_once(sending, files=files, size=megabytes * 1_000_000)
        growth, seconds = await growth_of(setting.app_pid, sent)
        return Measured("uploads", growth, seconds, {"files": files, "megabytes": megabytes})

    with throw_away_database(SMALL, None) as (server, connections):
        company = asyncio.run(_founded(connections))
        with served(server, connections) as running:
            return asyncio.run(_with(connections, company, running.port, running.app_pid, work))


def export(kept: Path, rows: int) -> Measured:
    """By the worker in the server's own process, then fetched."""

    async def work(setting: "Setting") -> Measured:
        told: list[Exported] = []

        async def ask(most: int) -> None:
            told.append(await export_many(setting.connection, setting.port, jonas, most))

        jonas = (await sign_in(setting.connection, setting.company, SECRET))["jonas"]
        await ask(rows // 20)
        growth, seconds = await growth_of(setting.app_pid, ask(rows))
        return Measured("export", growth, seconds, asdict(told[-1]))

    [known] = kept.glob("company-*.json")
    company = Company(**json.loads(known.read_text(encoding="utf-8")))
    with throw_away_database(SMALL, kept) as (server, connections), served(server, connections, worker=True) as running:
        return asyncio.run(_with(connections, company, running.port, running.app_pid, work))


@dataclass(frozen=True, slots=True)
class Setting:
    connection: asyncpg.Connection
    company: Company
    port: int
    app_pid: int


async def _with(
    connections: Connections, company: Company, port: int, app_pid: int, work: Callable[[Setting], Awaitable[Measured]]
) -> Measured:
    connection = await asyncpg.connect(connections.dsn(), server_settings={"search_path": "ticket"})
    try:
        return await work(Setting(connection, company, port, app_pid))
    finally:
        await connection.close()


async def _founded(connections: Connections) -> Company:
    settings = Settings(secret_key=SECRET, database_url=connections.app_url, database_owner_url=connections.owner_url)
    connection = await asyncpg.connect(connections.dsn(), server_settings={"search_path": "ticket"})
    try:
        return await found(settings, connection)
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
