"""Links between tickets."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a9a8aa1ffc2e"
down_revision: str | None = "c4a58dac99bf"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ticket_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('relates','blocks','duplicates','parent')", name=op.f("ck_ticket_links_kind")),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_ticket_links_two_ends")),
        sa.ForeignKeyConstraint(["created_by"], ["ticket.users.id"], name=op.f("fk_ticket_links_created_by_users")),
        sa.ForeignKeyConstraint(["deleted_by"], ["ticket.users.id"], name=op.f("fk_ticket_links_deleted_by_users")),
        sa.ForeignKeyConstraint(["source_id"], ["ticket.tickets.id"], name=op.f("fk_ticket_links_source_id_tickets")),
        sa.ForeignKeyConstraint(["target_id"], ["ticket.tickets.id"], name=op.f("fk_ticket_links_target_id_tickets")),
        sa.ForeignKeyConstraint(["updated_by"], ["ticket.users.id"], name=op.f("fk_ticket_links_updated_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        schema="ticket",
    )
    op.create_index(
        "ix_ticket_links_target",
        "ticket_links",
        ["target_id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_ticket_links",
        "ticket_links",
        ["source_id", "target_id", "kind"],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_ticket_links", table_name="ticket_links", schema="ticket")
    op.drop_index("ix_ticket_links_target", table_name="ticket_links", schema="ticket")
    op.drop_table("ticket_links", schema="ticket")
