"""The tickets that somebody looked at last."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d0c7e1b92f4"
down_revision: str | None = "a9a8aa1ffc2e"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "recent_tickets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_recent_tickets_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_recent_tickets_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recent_tickets")),
        sa.UniqueConstraint("user_id", "ticket_id", name="uq_recent_tickets"),
        schema="ticket",
    )
    op.create_index("ix_recent_tickets_seen", "recent_tickets", ["user_id", "seen_at"], unique=False, schema="ticket")


def downgrade() -> None:
    op.drop_index("ix_recent_tickets_seen", table_name="recent_tickets", schema="ticket")
    op.drop_table("recent_tickets", schema="ticket")
