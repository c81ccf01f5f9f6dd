"""who asked for access to which number."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "8cfa2467441b"
down_revision: str | None = "5d0c7e1b92f4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "access_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_no", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_access_requests_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        schema="ticket",
    )
    op.create_index(
        "ix_access_requests_user", "access_requests", ["user_id", "created_at"], unique=False, schema="ticket"
    )


def downgrade() -> None:
    op.drop_index("ix_access_requests_user", table_name="access_requests", schema="ticket")
    op.drop_table("access_requests", schema="ticket")
