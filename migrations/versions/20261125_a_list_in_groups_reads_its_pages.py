"""a list in groups reads its pages from an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c0d1f11e7a55"
down_revision: str | None = "e41b7c09d5a6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_tickets_assignee_newest",
        "tickets",
        ["assignee_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_tickets_assignee_newest",
        table_name="tickets",
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
