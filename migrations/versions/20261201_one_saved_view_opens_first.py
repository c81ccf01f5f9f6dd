"""one saved view of each person opens first."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a5c07e61d2b4"
down_revision: str | None = "42b0a8e8bb2d"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    default = sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("saved_view_pins", default, schema="ticket")
    op.create_index(
        "uq_saved_view_pins_default", "saved_view_pins", ["user_id"], unique=True, schema="ticket",
        postgresql_where=sa.text("is_default"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("uq_saved_view_pins_default", table_name="saved_view_pins", schema="ticket")
    op.drop_column("saved_view_pins", "is_default", schema="ticket")
