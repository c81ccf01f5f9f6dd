"""Tickets are watched."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5b1c0d7e9a42"
down_revision: str | None = "87af820b167c"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_watchers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_ticket_watchers_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_ticket_watchers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_watchers")),
        sa.UniqueConstraint("ticket_id", "user_id", name="uq_ticket_watchers"),
        schema="ticket",
    )
    op.create_index("ix_ticket_watchers_user", "ticket_watchers", ["user_id", "ticket_id"], unique=False, schema="ticket")


def downgrade() -> None:
    op.drop_index("ix_ticket_watchers_user", table_name="ticket_watchers", schema="ticket")
    op.drop_table("ticket_watchers", schema="ticket")
