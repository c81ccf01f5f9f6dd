"""Files are kept with what somebody types into a new request."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b3e8d2a4c617"
down_revision: str | None = "c0d1f11e7a55"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "form_draft_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("template_key", sa.String(length=63), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("storage_path", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size >= 0", name=op.f("ck_form_draft_files_size")),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_form_draft_files_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_draft_files")),
        sa.UniqueConstraint("storage_path", name=op.f("uq_form_draft_files_storage_path")),
        schema="ticket",
    )
    op.create_index(
        "ix_form_draft_files_form", "form_draft_files", ["user_id", "template_key", "id"], unique=False, schema="ticket"
    )


def downgrade() -> None:
    op.drop_index("ix_form_draft_files_form", table_name="form_draft_files", schema="ticket")
    op.drop_table("form_draft_files", schema="ticket")
