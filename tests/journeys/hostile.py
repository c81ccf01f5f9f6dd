"""A company in which every text that a person can type tries to be a script, a tag, a formula and a format string."""

import json
from typing import Any

import asyncpg
from sqlalchemy import String, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.db.base import Table

HOSTILE = """=1+1"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}%s%(x)s"""
MARKDOWN = f"""{HOSTILE}

[a](javascript:alert(1)) ![b](javascript:alert(1)) <javascript:alert(1)> [c](data:text/html;base64,PHNjcmlwdD4=)
[d]( "onmouseover=alert(1) x='") <svg onload=alert(1)> <iframe srcdoc="<script>alert(1)</script>"></iframe>
<a href="#" hx-get="/" hx-trigger="load" hx-on:load="alert(1)">e</a> <form action="/sign-out" method="post"></form>

| <script>alert(1)</script> | `<img src=x onerror=alert(1)>` |
| --- | --- |
| <style>*{{display:none}}</style> | [ ] <details ontoggle=alert(1) open> |
"""
TYPED = {
    "access_requests": {"reason"}, "access_tokens": {"name"}, "approval_matrices": {"name"},
    "approval_matrix_rows": {"value"},
    "approval_process_step_approvers": {"comment"}, "approval_process_steps": {"name"}, "approval_proxies": {"reason"},
    "approval_templates": {"name"}, "bulk_items": {"sentence"}, "calendars": {"name"}, "categories": {"name"},
    "comment_drafts": {"text"}, "form_draft_files": {"file_name"}, "imports": {"file_name"}, "labels": {"name"},
    "mail_deliveries": {"failure"}, "notification_rules": {"name"},
    "roles": {"name", "description"}, "saved_views": {"name"}, "sessions": {"agent"},
    "ticket_attachments": {"file_name"}, "ticket_note_attachments": {"file_name"}, "ticket_notes": {"note"},
    "ticket_templates": {"name", "description"}, "tickets": {"title", "description", "resolution"},
    "users": {"name", "title"},
}  # fmt: skip
"""What people type, and what others' servers and browsers say of themselves."""
DOCUMENTS = {
    ("approval_process_step_approvers", "provenance"), ("approval_processes", "state"),
    ("approval_processes", "foreseen"), ("approval_template_versions", "definition"),
    ("audit_entries", "event_details"),
    ("bulk_edits", "changes"), ("bulk_items", "changes"), ("bulk_items", "before"), ("form_drafts", "values"),
    ("ticket_notes", "event_details"), ("ticket_template_versions", "definition"), ("tickets", "custom_fields_data"),
}  # fmt: skip
"""JSON with such texts in it, by the keys that follow."""
TEXTS_IN_DOCUMENTS = {
    "comment", "description", "file_name", "help", "label", "name", "note", "placeholder", "purpose", "reason",
    "rollback", "role_name", "sentence", "supplier", "title", "what",
}  # fmt: skip
NOT_TYPED = {
    "imports.headings", "imports.targets", "import_rows.cells", "import_rows.problems",
    "approval_proxies.scope", "calendars.definition", "command_log.result", "exports.query",
    "notification_rules.condition", "saved_views.query", "tickets.picks", "approval_matrices.key", "calendars.key",
    "notification_rules.key", "approval_templates.key", "ticket_templates.key", "categories.icon",
    "ticket_templates.icon", "ticket_templates.prefix", "labels.color", "users.email", "users.locale",
    "users.time_zone", "users.theme", "users.density", "users.password_hash",
}  # fmt: skip
"""Read through a door that lets in an address, a key, a colour, ids; an import's are made hostile by the week."""
WORDS_OF_OURS = {
    "comment_drafts.audience", "form_draft_files.template_key", "form_draft_files.field_key",
    "ticket_attachments.field_key", "imports.form_key", "imports.command", "imports.status",
    "import_rows.outcome",
    "access_requests.ticket_no", "access_tokens.jti", "audit_chains.subject_type", "approval_receipts.token",
    "approval_timers.kind",
    "exports.format", "exports.status", "form_drafts.template_key", "mail_deliveries.status", "notifications.reason",
    "sign_in_failures.address", "ticket_access.reason", "ticket_links.kind", "email_links.seen_hash",
    "ticket_rollup.measure", "ticket_rollup.key", "approval_processes.attention", "approval_processes.status",
    "approval_processes.definition_sha256", "approval_process_steps.step_key", "approval_process_steps.status",
    "approval_template_versions.status", "approval_template_versions.sha256", "ticket_template_versions.status",
    "ticket_template_versions.sha256", "bulk_edits.command", "bulk_items.ticket_no", "bulk_items.outcome",
    "sessions.address",
    *(f"approval_process_step_approvers.{name}" for name in ("status", "origin", "void_reason", "seen_hash", "via")),
    *(f"audit_entries.{name}" for name in ("subject_type", "event_type", "channel", "request_id", "address")),
    *(f"command_log.{name}" for name in ("command_id", "kind", "request_sha256")),
    *(f"{table}.{name}" for table in ("ticket_attachments", "ticket_note_attachments", "form_draft_files")
      for name in ("storage_path", "mime_type", "sha256")),
    *(f"ticket_notes.{name}" for name in ("event_type", "audience", "channel", "request_id", "address")),
    *(f"tickets.{name}" for name in ("ticket_no", "status", "approval", "priority", "visibility")),
}  # fmt: skip


def undecided() -> set[str]:
    """Columns of the schema that hold text and of which nobody has said whether people type it."""
    texts = {
        (table.name, column.name)
        for table in Table.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text | JSONB)
    }
    typed = {(table, column) for table, columns in TYPED.items() for column in columns} | DOCUMENTS
    return {".".join(one) for one in texts - typed} - NOT_TYPED - WORDS_OF_OURS


async def poison(superuser_dsn: str) -> None:
    """Past every door, and past the triggers that keep what is published and what is on record."""
    connection = await asyncpg.connect(superuser_dsn)
    try:
        await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        await connection.execute("SET session_replication_role = replica")
        for table, columns in TYPED.items():
            for column in columns:
                await _poison_column(connection, table, column)
        for table, column in DOCUMENTS:
            await _poison_documents(connection, table, column)
    finally:
        await connection.close()


async def _poison_column(connection: asyncpg.Connection, table: str, column: str) -> None:
    """Its row's number makes each different, and it stays within what the column takes."""
    length = Table.metadata.tables[f"ticket.{table}"].columns[column].type.length  # type: ignore[attr-defined]
    hostile = MARKDOWN if length is None else HOSTILE
    await connection.execute(
        f'UPDATE ticket."{table}" SET "{column}" = left(\'=\' || id || $1, {length or 20_000})'
        f' WHERE "{column}" IS NOT NULL',
        hostile[1:],
    )


async def _poison_documents(connection: asyncpg.Connection, table: str, column: str) -> None:
    found = f'SELECT id, "{column}" AS plain FROM ticket."{table}" WHERE "{column}" IS NOT NULL'
    for row in await connection.fetch(found):
        worse = _worse(row["plain"])
        if worse != row["plain"]:
            await connection.execute(f'UPDATE ticket."{table}" SET "{column}" = $1 WHERE id = $2', worse, row["id"])


def _worse(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_worse(one) for one in plain]
    if not isinstance(plain, dict):
        return plain
    return {
        name: HOSTILE if name in TEXTS_IN_DOCUMENTS and isinstance(value, str) else _worse(value)
        for name, value in plain.items()
    }
