"""One page at one concurrency: what it cost, how long it took, how much it asked the database and sent."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from benchmarks import cpu
from benchmarks.client import Client, Request
from benchmarks.server import Served

WARM_UP, COUNTED = 20, 20


@dataclass(frozen=True, slots=True)
class Run:
    seconds: list[float]
    bytes: int


async def measure(
    served: Served, connection: asyncpg.Connection, requests: Sequence[Request], *, concurrency: int
) -> dict[str, Any]:
    """The first requests warm up, the next are counted, the rest are timed: counting costs something itself."""
    await _run(served.port, requests[:WARM_UP], concurrency)
    queries = await _queries(served, connection, requests[WARM_UP : WARM_UP + COUNTED])
    timed = requests[WARM_UP + COUNTED :]
    before = cpu.milliseconds(served.app_pid), cpu.milliseconds(served.postgres_pid)
    run = await _run(served.port, timed, concurrency)
    after = cpu.milliseconds(served.app_pid), cpu.milliseconds(served.postgres_pid)
    return {
        "concurrency": concurrency,
        "cpu_ms_app": round((after[0] - before[0]) / len(timed), 2),
        "cpu_ms_pg": round((after[1] - before[1]) / len(timed), 2),
        "p50_ms": round(_percentile(run.seconds, 50) * 1000, 1),
        "p99_ms": round(_percentile(run.seconds, 99) * 1000, 1),
        "queries": queries,
        "bytes": run.bytes // len(timed),
    }


async def _run(port: int, requests: Sequence[Request], concurrency: int) -> Run:
    waiting = iter(requests)
    run = Run([], 0)
    parts = await asyncio.gather(*(_one_connection(port, waiting, run.seconds) for _ in range(concurrency)))
    return Run(run.seconds, sum(parts))


async def _one_connection(port: int, waiting: Any, seconds: list[float]) -> int:
    client, size = await Client.connect(port), 0
    try:
        for request in waiting:
            began = time.perf_counter()
            answer = await client.ask(request)
            seconds.append(time.perf_counter() - began)
            if answer.status not in {200, 303}:
                raise RuntimeError(f"{request.path} answered {answer.status}: {answer.body[:300]!r}")
            size += len(answer.body)
    finally:
        await client.close()
    return size


async def _queries(served: Served, connection: asyncpg.Connection, requests: Sequence[Request]) -> float:
    async with _counting(connection):
        await _run(served.port, requests, 1)
        calls = await connection.fetchval(
            "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid"
            " WHERE r.rolname = 'countersign_app'"
        )
    return round(float(calls or 0) / len(requests), 1)


@asynccontextmanager
async def _counting(connection: asyncpg.Connection) -> AsyncIterator[None]:
    await _track(connection, "top")
    await connection.execute("SELECT pg_stat_statements_reset()")
    try:
        yield
    finally:
        await _track(connection, "none")


async def _track(connection: asyncpg.Connection, which: str) -> None:
    """Sessions that are open hear of it with their next statement."""
    await connection.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{which}'")
    await connection.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(0.2)


def _percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
