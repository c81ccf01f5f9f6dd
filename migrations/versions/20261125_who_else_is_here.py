"""Who else is here."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e41b7c09d5a6"
down_revision: str | None = "c7d95a30e1f8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_presence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_ticket_presence_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_presence")),
        sa.UniqueConstraint("ticket_id", "user_id", name="uq_ticket_presence"),
        schema="ticket",
    )


def downgrade() -> None:
    op.drop_table("ticket_presence", schema="ticket")
