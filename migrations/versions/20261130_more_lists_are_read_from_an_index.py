"""lists by form and status, by approval, by priority and of what was late are read from an index."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "42b0a8e8bb2d"
down_revision: str | None = "4d0be1f7a925"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LIVE = "deleted_at IS NULL"
_NEWEST = (text("created_at DESC"), text("id DESC"))
_RANK = text("array_position(ARRAY['low'::text, 'medium'::text, 'high'::text, 'urgent'::text], priority::text)")
_TICKETS = {
    "ix_tickets_template_status": (["template_id", "status", *_NEWEST], _LIVE),
    "ix_tickets_approval": (["approval", *_NEWEST], f"{_LIVE} AND approval IS NOT NULL"),
    "ix_tickets_late": (list(_NEWEST), f"{_LIVE} AND resolved_at > due_at"),
    "ix_tickets_priority": ([_RANK, "id"], _LIVE),
}


def upgrade() -> None:
    for name, (columns, where) in _TICKETS.items():
        op.create_index(name, "tickets", columns, schema="ticket", postgresql_where=text(where))
    running = text("status IN ('running', 'returned')")
    columns = ["template_version_id", "ticket_id"]
    op.create_index(
        "ix_approval_processes_running_by", "approval_processes", columns, schema="ticket", postgresql_where=running
    )


def downgrade() -> None:
    op.drop_index("ix_approval_processes_running_by", table_name="approval_processes", schema="ticket")
    for name in _TICKETS:
        op.drop_index(name, table_name="tickets", schema="ticket")
