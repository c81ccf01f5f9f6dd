"""One long export: asked for, waited for, fetched."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from benchmarks.client import Answer, Client, Request
from benchmarks.company import Visitor

PATIENCE = 1_800
"""Looks, half a second apart."""


@dataclass(frozen=True, slots=True)
class Exported:
    rows: int
    bytes: int


async def export_many(connection: asyncpg.Connection, port: int, who: Visitor, most: int) -> Exported:
    """The newest, by whole days, as near to so many as that gives; all of them where there are no more."""
    newest = await connection.fetchval(
        "SELECT created_at FROM tickets WHERE open_to_all AND deleted_at IS NULL ORDER BY created_at DESC OFFSET $1"
        " LIMIT 1", most,
    )  # fmt: skip
    form = {"format": "csv"}
    if newest is not None:
        form["created_from"] = (newest + timedelta(days=1)).date().isoformat()
    client = await Client.connect(port)
    asked = await client.ask(Request(who, "/exports", form))
    await client.close()
    if asked.status == 303:
        return await _fetched(connection, port, who)
    return Exported(asked.body.count(b"\n") - 1, len(asked.body))


async def _fetched(connection: asyncpg.Connection, port: int, who: Visitor) -> Exported:
    newest = await connection.fetchrow("SELECT id FROM exports WHERE user_id = $1 ORDER BY id DESC LIMIT 1", who.id)
    for _ in range(PATIENCE):
        row = await connection.fetchrow(_STATE, newest["id"])
        if row["status"] != "waiting":
            break
        await asyncio.sleep(0.5)
    assert row["status"] == "ready", row["status"]
    size = await _read_all(port, Request(who, f"/exports/{newest['id']}/file"))
    return Exported(row["rows_done"], size)


_STATE = "SELECT status, rows_done FROM exports WHERE id = $1"


async def _read_all(port: int, request: Request) -> int:
    """Piece by piece, and thrown away."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET {request.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: countersign={request.who.token}\r\n"
        "connection: close\r\n\r\n".encode()
    )
    status = int((await reader.readline()).split()[1])
    assert status == 200, Answer(status, b"")
    size = 0
    while piece := await reader.read(1 << 16):
        size += len(piece)
    writer.close()
    await writer.wait_closed()
    return size
