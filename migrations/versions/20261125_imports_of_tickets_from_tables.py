"""Imports of tickets from tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "87af820b167c"
down_revision: str | None = "8cfa2467441b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, start=1, increment=1),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("command", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("form_key", sa.String(length=63), nullable=False),
        sa.Column("headings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submits", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('mapping', 'checking', 'checked', 'running', 'done', 'cancelled')",
            name=op.f("ck_imports_status"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_imports_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("user_id", "command", name="uq_imports_command"),
        schema="ticket",
    )
    op.create_index("ix_imports_expires_at", "imports", ["expires_at"], unique=False, schema="ticket")
    op.create_table(
        "import_rows",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, start=1, increment=1),
            nullable=False,
        ),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problems", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(outcome IS NOT DISTINCT FROM 'created') = (ticket_id IS NOT NULL)", name=op.f("ck_import_rows_ticket")
        ),
        sa.CheckConstraint("outcome IN ('created', 'refused')", name=op.f("ck_import_rows_outcome")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ticket.imports.id"], name=op.f("fk_import_rows_import_id_imports"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_import_rows_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
        sa.UniqueConstraint("import_id", "number", name="uq_import_rows"),
        schema="ticket",
    )
    op.create_index(
        "ix_import_rows_ticket",
        "import_rows",
        ["ticket_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_import_rows_ticket",
        table_name="import_rows",
        schema="ticket",
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.drop_table("import_rows", schema="ticket")
    op.drop_index("ix_imports_expires_at", table_name="imports", schema="ticket")
    op.drop_table("imports", schema="ticket")
