"""receipts of votes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0de60a77a104"
down_revision: str | None = "8d1f5b7c9a20"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:

    op.create_table(
        "approval_receipts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["seat_id"],
            ["ticket.approval_process_step_approvers.id"],
            name=op.f("fk_approval_receipts_seat_id_approval_process_step_approvers"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.tickets.id"], name=op.f("fk_approval_receipts_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_receipts")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_approval_receipts_seat_id")),
        schema="ticket",
    )
    op.create_index(
        op.f("ix_ticket_approval_receipts_ticket_id"), "approval_receipts", ["ticket_id"], unique=False, schema="ticket"
    )

    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON ticket.approval_receipts FROM countersign_app")
