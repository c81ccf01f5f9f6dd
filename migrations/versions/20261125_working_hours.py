"""working hours."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c5cef13a8442"
down_revision: str | None = "0d2fea397cc2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:

    op.create_table(
        "calendars",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["ticket.users.id"], name=op.f("fk_calendars_created_by_users")),
        sa.ForeignKeyConstraint(["deleted_by"], ["ticket.users.id"], name=op.f("fk_calendars_deleted_by_users")),
        sa.ForeignKeyConstraint(["updated_by"], ["ticket.users.id"], name=op.f("fk_calendars_updated_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        schema="ticket",
    )
    op.create_index(
        "uq_calendars_default",
        "calendars",
        ["is_default"],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("is_default AND deleted_at IS NULL"),
    )
    op.create_index(
        "uq_calendars_key",
        "calendars",
        ["key"],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
