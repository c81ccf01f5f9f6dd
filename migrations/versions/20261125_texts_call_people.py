"""Texts call people."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "8e2f64c1b7d0"
down_revision: str | None = "5b1c0d7e9a42"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_mentions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["ticket.ticket_notes.id"], name=op.f("fk_ticket_mentions_note_id_ticket_notes")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_ticket_mentions_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_ticket_mentions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_mentions")),
        sa.UniqueConstraint("note_id", "user_id", name="uq_ticket_mentions"),
        schema="ticket",
    )
    op.create_index("ix_ticket_mentions_ticket", "ticket_mentions", ["ticket_id"], unique=False, schema="ticket")


def downgrade() -> None:
    op.drop_index("ix_ticket_mentions_ticket", table_name="ticket_mentions", schema="ticket")
    op.drop_table("ticket_mentions", schema="ticket")
