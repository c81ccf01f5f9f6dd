"""`python -m benchmarks --size 100000 --out bench.json`: rows for machines in the file, a table for people."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import asyncpg

from app.config import Settings
from app.db.embedded import Connections
from benchmarks.company import Company, sign_in
from benchmarks.measuring import COUNTED, WARM_UP, measure
from benchmarks.pages import PAGES, Setting
from benchmarks.seeding import seed_database
from benchmarks.server import NEEDED, SECRET, Served, served, throw_away_database
from benchmarks.yardstick import yardstick

REQUESTS = {1: 150, 16: 300}
"""Timed requests by concurrency."""


def main() -> None:
    chosen = _arguments()
    with throw_away_database(chosen.size, chosen.keep) as (server, connections):
        settings = Settings(
            secret_key=SECRET, database_url=connections.app_url, database_owner_url=connections.owner_url
        )
        company = _company(settings, connections, chosen)
        with served(server, connections) as running:
            rows = asyncio.run(_measured(running, connections, company, chosen))
    chosen.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _company(settings: Settings, connections: Connections, chosen: argparse.Namespace) -> Company:
    """Founded and given its tickets, unless an earlier run kept them."""
    kept = chosen.keep / f"company-{chosen.size}.json" if chosen.keep else None
    if kept and kept.exists():
        return Company(**json.loads(kept.read_text(encoding="utf-8")))
    print(f"Seeding {chosen.size:,} tickets …", flush=True)
    company = asyncio.run(seed_database(settings, connections.dsn(), chosen.size))
    if kept:
        kept.write_text(json.dumps(asdict(company)), encoding="utf-8")
    return company


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--size", type=int, choices=sorted(NEEDED), default=100_000)
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    parser.add_argument("--pages", nargs="*", choices=list(PAGES), default=list(PAGES))
    parser.add_argument("--keep", type=Path, help="a folder for the data, which stays for the next run")
    return parser.parse_args()


async def _measured(
    running: Served, connections: Connections, company: Company, chosen: argparse.Namespace
) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(connections.dsn(), server_settings={"search_path": "ticket"})
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA ticket")
    setting = Setting(connection, company, await sign_in(connection, company, SECRET), running.port)
    rows = []
    print(f"Yardstick: {yardstick()} ms", flush=True)
    _tell(_HEADINGS)
    for page in chosen.pages:
        requests, budget = PAGES[page]
        for concurrency, number in REQUESTS.items():
            asked = await requests(setting, WARM_UP + COUNTED + number)
            found = await measure(running, connection, asked, concurrency=concurrency)
            rows.append({"page": page, "size": chosen.size, **found})
            _tell([*rows[-1].values(), round(found["cpu_ms_app"] + found["cpu_ms_pg"], 2), budget or ""])
    print(f"Yardstick: {yardstick()} ms", flush=True)
    await connection.close()
    return rows


_HEADINGS = ("page", "size", "at once", "app ms", "pg ms", "p50", "p99", "queries", "bytes", "CPU ms", "budget")


def _tell(cells: Sequence[Any]) -> None:
    print(f"{cells[0]!s:22}" + "".join(f"{cell!s:>10}" for cell in cells[1:]), flush=True)


if __name__ == "__main__":
    main()
