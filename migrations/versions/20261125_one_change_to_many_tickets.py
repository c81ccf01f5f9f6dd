"""One change to many tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "b059a19c0989"
down_revision: str | None = "beb07bb3b625"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "bulk_edits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["undoes"], ["ticket.bulk_edits.id"], name=op.f("fk_bulk_edits_undoes_bulk_edits"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_bulk_edits_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_edits")),
        sa.UniqueConstraint("user_id", "command", name="uq_bulk_edits_command"),
        schema="ticket",
    )
    op.create_index("ix_bulk_edits_expires_at", "bulk_edits", ["expires_at"], unique=False, schema="ticket")
    op.create_table(
        "bulk_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("bulk_edit_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("version_after", sa.Integer(), nullable=True),
        sa.CheckConstraint("outcome IN ('changed', 'same', 'left_out')", name=op.f("ck_bulk_items_outcome")),
        sa.ForeignKeyConstraint(
            ["bulk_edit_id"],
            ["ticket.bulk_edits.id"],
            name=op.f("fk_bulk_items_bulk_edit_id_bulk_edits"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_items")),
        sa.UniqueConstraint("bulk_edit_id", "number", name="uq_bulk_items"),
        schema="ticket",
    )


def downgrade() -> None:
    op.drop_table("bulk_items", schema="ticket")
    op.drop_index("ix_bulk_edits_expires_at", table_name="bulk_edits", schema="ticket")
    op.drop_table("bulk_edits", schema="ticket")
