"""tabs are counted from the index."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "7c41d9e2a6f0"
down_revision: str | None = "f17e5a0b3c92"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LIVE = "deleted_at IS NULL"
_INDEXES = {
    "ix_tickets_newest": ([text("created_at DESC"), text("id DESC")], _LIVE),
    "ix_tickets_status_newest": (["status", text("created_at DESC"), text("id DESC")], _LIVE),
    "ix_tickets_still_due": (["due_at", "id"], f"{_LIVE} AND status NOT IN ('cancelled', 'closed')"),
}


def upgrade() -> None:
    _make_again(["open_to_all"])


def downgrade() -> None:
    _make_again([])


def _make_again(include: list[str]) -> None:
    for name, (columns, where) in _INDEXES.items():
        op.drop_index(name, "tickets", schema="ticket")
        op.create_index(
            name, "tickets", columns, schema="ticket", postgresql_include=include, postgresql_where=text(where)
        )
