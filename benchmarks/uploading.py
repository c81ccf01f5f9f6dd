"""Many files sent at the same moment, piece by piece, so that the sender holds none of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import asyncpg

from benchmarks.company import Company, Visitor, sign_in_each
from benchmarks.server import SECRET

PIECE = bytes(64 * 1024)
BOUNDARY = "between-two-parts"
SENDERS = 100
"""As many people, each to a ticket of their own."""


@dataclass(frozen=True, slots=True)
class Uploads:
    port: int
    places: Sequence[tuple[Visitor, str]]
    """Who sends, and to which ticket of theirs."""

    @classmethod
    async def prepared(cls, connection: asyncpg.Connection, company: Company, port: int) -> Self:
        people = company.staff[:SENDERS]
        visitors = await sign_in_each(connection, people, SECRET)
        rows = await connection.fetch(_OWN_DRAFTS, people)
        return cls(port, [(visitors[row["requester_id"]], row["ticket_no"]) for row in rows])


_OWN_DRAFTS = """
    WITH made AS (
        INSERT INTO tickets (ticket_no, title, requester_id, created_at, created_by, updated_at, updated_by,
                             status_since, status, priority, visibility, version, chain_seq, chain_hash)
        SELECT 'TIC-' || nextval('ticket_no_seq'), 'With a file', person, now(), person, now(), person, now(),
               'draft', 'medium', 'internal', 1, 0, decode(repeat('00', 32), 'hex')
        FROM unnest($1::bigint[]) person RETURNING id, ticket_no, requester_id
    ), theirs AS (
        INSERT INTO ticket_access (ticket_id, user_id, reason) SELECT id, requester_id, 'creator' FROM made
    )
    SELECT ticket_no, requester_id FROM made
"""


async def upload_at_once(sending: Uploads, *, files: int, size: int) -> None:
    assert files <= len(sending.places)
    answers = await asyncio.gather(*(_upload(sending.port, *place, size) for place in sending.places[:files]))
    refused = [status for status in answers if status != 200]
    if refused:
        raise RuntimeError(f"{len(refused)} files were refused: {refused[:3]}")


async def _upload(port: int, who: Visitor, number: str, size: int) -> int:
    head, tail = _around(who)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        f"POST /tickets/{number}/files HTTP/1.1", "host: 127.0.0.1", f"cookie: countersign={who.token}",
        "sec-fetch-site: same-origin", "hx-request: true", "hx-request-type: partial",
        f"content-type: multipart/form-data; boundary={BOUNDARY}",
        f"content-length: {len(head) + size + len(tail)}", "connection: close", "", "",
    ]  # fmt: skip
    writer.write("\r\n".join(lines).encode() + head)
    for start in range(0, size, len(PIECE)):
        writer.write(PIECE[: min(len(PIECE), size - start)])
        await writer.drain()
    writer.write(tail)
    await writer.drain()
    status = int((await reader.readline()).split()[1])
    await reader.read()
    writer.close()
    return status


def _around(who: Visitor) -> tuple[bytes, bytes]:
    parts = [
        f"--{BOUNDARY}", 'content-disposition: form-data; name="_csrf"', "", who.csrf, f"--{BOUNDARY}",
        'content-disposition: form-data; name="file"; filename="scan.bin"', "content-type: application/octet-stream",
        "", "",
    ]  # fmt: skip
    return "\r\n".join(parts).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
