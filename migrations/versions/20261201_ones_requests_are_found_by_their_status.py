"""one's requests are found by their status."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import text

revision: str = "c31f60b7a2d9"
down_revision: str | None = "5d1c9be07f34"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = {"ix_tickets_creator_status": "created_by", "ix_tickets_requester_status": "requester_id"}


def upgrade() -> None:
    for name, person in _COLUMNS.items():
        live = text("deleted_at IS NULL")
        op.create_index(name, "tickets", [person, "status"], schema="ticket", postgresql_where=live)


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_index(name, table_name="tickets", schema="ticket")
