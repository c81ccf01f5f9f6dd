"""Comments are kept as they are typed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c7d95a30e1f8"
down_revision: str | None = "8e2f64c1b7d0"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "comment_drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=10), server_default="everyone", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_comment_drafts_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_comment_drafts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_drafts")),
        sa.UniqueConstraint("user_id", "ticket_id", name="uq_comment_drafts"),
        schema="ticket",
    )


def downgrade() -> None:
    op.drop_table("comment_drafts", schema="ticket")
