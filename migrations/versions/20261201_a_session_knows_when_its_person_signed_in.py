"""a session knows when its person signed in last, which a step may ask for again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "8e41d7c2b690"
down_revision: str | None = "c31f60b7a2d9"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True), schema="ticket")


def downgrade() -> None:
    op.drop_column("sessions", "signed_in_at", schema="ticket")
