"""Files of tickets and comments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d44ff6e61181"
down_revision: str | None = "209ebfdfbb32"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_attachments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("storage_path", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("size >= 0", name=op.f("ck_ticket_attachments_size")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["ticket.users.id"], name=op.f("fk_ticket_attachments_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by"], ["ticket.users.id"], name=op.f("fk_ticket_attachments_deleted_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_ticket_attachments_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["ticket.users.id"], name=op.f("fk_ticket_attachments_updated_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_attachments")),
        sa.UniqueConstraint("storage_path", name=op.f("uq_ticket_attachments_storage_path")),
        schema="ticket",
    )
    op.create_index(
        "ix_ticket_attachments_sender",
        "ticket_attachments",
        ["created_by", "created_at"],
        unique=False,
        schema="ticket",
    )
    op.create_index(
        "ix_ticket_attachments_ticket",
        "ticket_attachments",
        ["ticket_id", "id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "ticket_note_attachments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("storage_path", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime_type", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("size >= 0", name=op.f("ck_ticket_note_attachments_size")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["ticket.users.id"], name=op.f("fk_ticket_note_attachments_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by"], ["ticket.users.id"], name=op.f("fk_ticket_note_attachments_deleted_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["note_id"], ["ticket.ticket_notes.id"], name=op.f("fk_ticket_note_attachments_note_id_ticket_notes")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_ticket_note_attachments_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["ticket.users.id"], name=op.f("fk_ticket_note_attachments_updated_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_note_attachments")),
        sa.UniqueConstraint("storage_path", name=op.f("uq_ticket_note_attachments_storage_path")),
        schema="ticket",
    )
    op.create_index(
        "ix_ticket_note_attachments_note",
        "ticket_note_attachments",
        ["note_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_ticket_note_attachments_sender",
        "ticket_note_attachments",
        ["created_by", "created_at"],
        unique=False,
        schema="ticket",
    )
    op.create_index(
        "ix_ticket_note_attachments_ticket",
        "ticket_note_attachments",
        ["ticket_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
