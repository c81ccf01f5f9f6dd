"""whoever an overdue seat is escalated to finds it in their inbox."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "b91f4e2a7c35"
down_revision: str | None = "b7d20c94e1f3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE, INDEX = "approval_process_step_approvers", "ix_approvers_deputies"


def upgrade() -> None:
    ids = sa.Column("deputy_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False)
    op.add_column(TABLE, ids, schema="ticket")
    op.create_index(
        INDEX, TABLE, ["deputy_ids"], schema="ticket", postgresql_using="gin",
        postgresql_where=sa.text("queue_due IS NOT NULL AND deputy_ids <> '{}'"),
    )  # fmt: skip
    op.execute(f"ANALYZE ticket.{TABLE} (deputy_ids)")


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE, schema="ticket")
    op.drop_column(TABLE, "deputy_ids", schema="ticket")
