"""an approval knows which of the steps to come it would skip."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "5d0e7b19c4a6"
down_revision: str | None = "8e41d7c2b690"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    keys = sa.Column("foreseen_skips", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("approval_processes", keys, schema="ticket")


def downgrade() -> None:
    op.drop_column("approval_processes", "foreseen_skips", schema="ticket")
