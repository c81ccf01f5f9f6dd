"""files that answer a question."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "f17e5a0b3c92"
down_revision: str | None = "5f2e8c1a90b7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in ("ticket_attachments", "form_draft_files"):
        op.add_column(table, sa.Column("field_key", sa.String(length=63), nullable=True), schema="ticket")


def downgrade() -> None:
    for table in ("ticket_attachments", "form_draft_files"):
        op.drop_column(table, "field_key", schema="ticket")
