"""links and mails that ask for a decision."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "beb07bb3b625"
down_revision: str | None = "d44ff6e61181"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "email_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["ticket.approval_process_step_approvers.id"],
            name=op.f("fk_email_links_seat_id_approval_process_step_approvers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_email_links_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_links")),
        sa.UniqueConstraint("token_sha256", name="uq_email_links_token"),
        schema="ticket",
    )
    op.create_index(
        "ix_email_links_open",
        "email_links",
        ["seat_id", "user_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "mail_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('queued', 'sent', 'dropped', 'failed')", name=op.f("ck_mail_deliveries_status")),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["ticket.approval_process_step_approvers.id"],
            name=op.f("fk_mail_deliveries_seat_id_approval_process_step_approvers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_mail_deliveries_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_mail_deliveries_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_deliveries")),
        schema="ticket",
    )
    op.create_index(
        "ix_mail_deliveries_failed",
        "mail_deliveries",
        [sa.literal_column("id DESC")],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.create_index(
        "uq_mail_deliveries_queued",
        "mail_deliveries",
        ["seat_id", "user_id"],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("status = 'queued'"),
    )
