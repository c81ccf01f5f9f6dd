"""Approvals of seeded tickets: copies of two that the services told, so that the engine goes on with them."""

import asyncpg


async def copy_approval(connection: asyncpg.Connection, prototype: int, tickets: str) -> None:
    """`tickets`: a query of ids. Each gets the prototype's process, asked by its own requester."""
    await connection.execute(f"CREATE TEMP TABLE targets AS {tickets}")
    await connection.execute("CREATE UNIQUE INDEX ON targets (id); ANALYZE targets")
    await _insert(connection, "approval_processes", "approval_processes p", _FROM_TICKETS, _PROCESS, prototype)
    await _insert(
        connection, "approval_process_steps", "approval_process_steps p", _STEP,
        {"process_id": "q.id", "opened_at": "q.opened_at + interval '1 second' * p.number",
         "due_at": "p.due_at - p.opened_at + q.opened_at", "closed_at": "p.closed_at - p.opened_at + q.opened_at"},
        prototype,
    )  # fmt: skip
    for pooled, pool in (("p.pool_id IS NULL", "NULL"), ("p.pool_id IS NOT NULL", "pool.id")):
        await _insert(
            connection, "approval_process_step_approvers", "approval_process_step_approvers p",
            f"{_SEAT} AND {pooled}", {"step_id": "s.id", "pool_id": pool, **_QUEUED}, prototype,
        )  # fmt: skip
    await _insert(connection, "ticket_access", "ticket_access p", _ACCESS, {"ticket_id": "x.id", "source_id": "q.id"},
                  prototype)  # fmt: skip
    await connection.execute("DROP TABLE targets")


_FROM_TICKETS = "CROSS JOIN targets x WHERE p.ticket_id = $1"
_PROCESS = {
    "ticket_id": "x.id",
    "state": "jsonb_set(jsonb_set(p.state, '{requester_id}', to_jsonb(x.requester_id)), '{creator_id}',"
    " to_jsonb(x.created_by))",
    "opened_at": "CASE WHEN p.closed_at IS NULL THEN now() - interval '1 hour' * (x.id % 32) ELSE x.submitted_at END",
    "closed_at": "p.closed_at - p.opened_at + x.submitted_at",
}
"""What still waits was asked within the last 32 hours: a quarter of it is late."""
_OF_THE_PROTOTYPE = "JOIN approval_processes o ON o.ticket_id = $1"
_STEP = f"""
    {_OF_THE_PROTOTYPE} AND o.id = p.process_id
    CROSS JOIN targets x JOIN approval_processes q ON q.ticket_id = x.id WHERE true
"""
_SEAT = f"""
    JOIN approval_process_steps os ON os.id = p.step_id
    {_OF_THE_PROTOTYPE} AND o.id = os.process_id
    CROSS JOIN targets x JOIN approval_processes q ON q.ticket_id = x.id
    JOIN approval_process_steps s ON s.process_id = q.id AND s.number = os.number
    LEFT JOIN approval_process_step_approvers op ON op.id = p.pool_id
    LEFT JOIN approval_process_step_approvers pool ON pool.step_id = s.id AND pool.number = op.number
    WHERE true
"""
_QUEUED = {
    "queue_due": "CASE WHEN p.queue_due IS NOT NULL THEN coalesce(s.due_at, '9999-12-31T00:00:00Z') END",
    "queue_since": "CASE WHEN p.queue_due IS NOT NULL THEN s.opened_at END",
}
"""A seat's place in the queue is that of its own step."""
_ACCESS = f"""
    {_OF_THE_PROTOTYPE} AND o.id = p.source_id
    CROSS JOIN targets x JOIN approval_processes q ON q.ticket_id = x.id
    WHERE p.ticket_id = $1 AND p.reason IN ('asked', 'was_asked')
"""


async def _insert(
    connection: asyncpg.Connection, table: str, source: str, rest: str, changed: dict[str, str], prototype: int
) -> None:
    """Every column as the prototype's, but for those in `changed`; the row's own id is new."""
    columns = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'ticket' AND table_name = $1"
        " AND column_name <> 'id' AND is_generated = 'NEVER'",
        table,
    )
    names = [row["column_name"] for row in columns]
    taken = ", ".join(changed.get(name, f"p.{name}") for name in names)
    await connection.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM {source} {rest}", prototype)
