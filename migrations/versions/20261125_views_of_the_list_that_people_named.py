"""Views of the list that people named."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c4a58dac99bf"
down_revision: str | None = "214d075c07cc"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["ticket.users.id"], name=op.f("fk_saved_views_created_by_users")),
        sa.ForeignKeyConstraint(["deleted_by"], ["ticket.users.id"], name=op.f("fk_saved_views_deleted_by_users")),
        sa.ForeignKeyConstraint(["owner_id"], ["ticket.users.id"], name=op.f("fk_saved_views_owner_id_users")),
        sa.ForeignKeyConstraint(["role_id"], ["ticket.roles.id"], name=op.f("fk_saved_views_role_id_roles")),
        sa.ForeignKeyConstraint(["updated_by"], ["ticket.users.id"], name=op.f("fk_saved_views_updated_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        schema="ticket",
    )
    op.create_index(
        "ix_saved_views_owner",
        "saved_views",
        ["owner_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_saved_views_role",
        "saved_views",
        ["role_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "saved_view_pins",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("view_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_saved_view_pins_user_id_users")),
        sa.ForeignKeyConstraint(
            ["view_id"],
            ["ticket.saved_views.id"],
            name=op.f("fk_saved_view_pins_view_id_saved_views"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view_pins")),
        sa.UniqueConstraint("user_id", "view_id", name="uq_saved_view_pins"),
        schema="ticket",
    )


def downgrade() -> None:
    op.drop_table("saved_view_pins", schema="ticket")
    op.drop_index(
        "ix_saved_views_role", table_name="saved_views", schema="ticket", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index(
        "ix_saved_views_owner",
        table_name="saved_views",
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("saved_views", schema="ticket")
