"""what is restricted is found at once."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "b83d5f0c17ea"
down_revision: str | None = "7c41d9e2a6f0"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    where = text("deleted_at IS NULL AND NOT open_to_all")
    op.create_index("ix_tickets_not_open", "tickets", ["id"], schema="ticket", postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_tickets_not_open", "tickets", schema="ticket")
