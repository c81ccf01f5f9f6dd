"""A database in the documented shape, from nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg

from app.clock import utc_now
from app.config import Settings
from benchmarks.approvals import copy_approval
from benchmarks.company import Company, found
from benchmarks.loading import Loader
from benchmarks.shape import Shape

WAITING = 4_000
"""Requests that wait for Daniel alone, beside the shape."""
_BIG = ("tickets", "ticket_notes", "ticket_access", "ticket_categories", "ticket_labels", "approval_processes",
        "approval_process_steps", "approval_process_step_approvers")  # fmt: skip


async def seed_database(settings: Settings, dsn: str, size: int) -> Company:
    """`dsn`: the superuser's, who may leave out the checks of foreign keys while loading."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "ticket"})
    try:
        company = await found(settings, connection)
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'")
        async with _without_indexes(connection):
            await _load(connection, company, size)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
        return company
    finally:
        await connection.close()


async def _load(connection: asyncpg.Connection, company: Company, size: int) -> None:
    first = await connection.fetchval("SELECT max(id) + 1 FROM tickets")
    await Loader(connection, company, first).load(Shape(size, now=utc_now() - timedelta(days=1)))
    await _add_waiting(connection, company, first + size)
    shaped = f"SELECT id, requester_id, created_by, submitted_at FROM tickets WHERE id >= {first}"
    await copy_approval(connection, company.waiting, f"{shaped} AND approval = 'running'")
    await copy_approval(connection, company.approved, f"{shaped} AND approval = 'approved'")
    await _ask_others(connection, company, first + size)
    await _notify(connection, company)
    await connection.execute("SELECT count_everything()")
    for table in _BIG:
        await connection.execute(f"SELECT setval(pg_get_serial_sequence('ticket.{table}', 'id'), max(id)) FROM {table}")
    await connection.execute("SELECT setval('ticket_no_seq', (SELECT max(id) + 2000 FROM tickets))")


async def _add_waiting(connection: asyncpg.Connection, company: Company, first: int) -> None:
    """As the prototype, asked by the staff in turn, one every ten minutes."""
    names = [
        row["column_name"]
        for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'ticket'"
            " AND table_name = 'tickets' AND is_generated = 'NEVER'"
        )
    ]
    asked_at, asker = "now() - interval '10 minutes' * n", f"({company.staff[0]} + n % {len(company.staff)})"
    changed = {
        "id": f"{first} + n", "ticket_no": f"'PUR-' || {first + 1000} + n", "title": "'Cameras for line ' || n",
        "requester_id": asker, "created_by": asker, "created_at": asked_at, "submitted_at": asked_at,
        "updated_at": asked_at, "status_since": asked_at,
    }  # fmt: skip
    taken = ", ".join(changed.get(name, name) for name in names)
    await connection.execute(
        f"INSERT INTO tickets ({', '.join(names)}) OVERRIDING SYSTEM VALUE SELECT {taken} FROM tickets,"
        f" generate_series(0, {WAITING - 1}) n WHERE id = $1",
        company.waiting,
    )


async def _ask_others(connection: asyncpg.Connection, company: Company, first: int) -> None:
    """What waits in the shape itself waits for one of the staff each; only the requests beside it for Daniel."""
    other = f"({company.staff[0]} + t.id % {len(company.staff)})"
    moved = f"FROM tickets t, approval_processes p WHERE t.id < {first} AND p.ticket_id = t.id AND p.status = 'running'"
    daniel = company.people["daniel"]
    await connection.execute(f"""
        UPDATE approval_process_step_approvers a SET user_id = {other} {moved} AND a.user_id = {daniel}
        AND t.id > {company.approved}
        AND a.step_id IN (SELECT id FROM approval_process_steps s WHERE s.process_id = p.id)
    """)
    await connection.execute(f"""
        UPDATE ticket_access a SET user_id = {other} {moved} AND a.ticket_id = t.id AND a.user_id = {daniel}
        AND a.reason = 'asked' AND t.id > {company.approved}
    """)


async def _notify(connection: asyncpg.Connection, company: Company) -> None:
    """A hundred lines in the bell of each of the cast, half of them unread."""
    await connection.execute(
        "INSERT INTO notifications (user_id, ticket_id, note_id, reason, created_at, read_at)"
        " SELECT u, n.ticket_id, n.id, 'user', n.created_at, CASE WHEN n.id % 2 = 0 THEN now() END"
        " FROM unnest($1::bigint[]) u, (SELECT * FROM ticket_notes ORDER BY id DESC LIMIT 100) n"
        " ON CONFLICT DO NOTHING",
        list(company.people.values()),
    )


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Those that hold no constraint are built once, at the end."""
    rows = await connection.fetch(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i"
        " WHERE i.indrelid = ANY($1::regclass[]) AND NOT i.indisunique",
        list(_BIG),
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    yield
    for row in rows:
        await connection.execute(row["definition"])
