"""approval matrices, and a place kept for the signature that nobody can give."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "214d075c07cc"
down_revision: str | None = "14ba8ae16e50"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


SEATS = "approval_process_step_approvers"
ONE_PRINCIPAL = "(user_id IS NULL) <> (role_id IS NULL)"
OR_NOBODY = "(num_nonnulls(user_id, role_id) = 0 AND void_reason = 'nobody')"


def upgrade() -> None:
    op.execute(f"ALTER TABLE ticket.{SEATS} DROP CONSTRAINT ck_{SEATS}_one_principal")
    op.execute(
        f"ALTER TABLE ticket.{SEATS} ADD CONSTRAINT ck_{SEATS}_one_principal CHECK ({ONE_PRINCIPAL} OR {OR_NOBODY})"
    )
    op.create_table(
        "approval_matrices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("key", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["ticket.users.id"], name=op.f("fk_approval_matrices_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by"], ["ticket.users.id"], name=op.f("fk_approval_matrices_deleted_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["ticket.users.id"], name=op.f("fk_approval_matrices_updated_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_matrices")),
        schema="ticket",
    )
    op.create_index(
        "uq_approval_matrices_key",
        "approval_matrices",
        ["key"],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "approval_matrix_rows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False, start=1, increment=1), nullable=False),
        sa.Column("matrix_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("num_nonnulls(user_id, role_id) = 1", name=op.f("ck_approval_matrix_rows_names_one")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["ticket.users.id"], name=op.f("fk_approval_matrix_rows_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by"], ["ticket.users.id"], name=op.f("fk_approval_matrix_rows_deleted_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["matrix_id"],
            ["ticket.approval_matrices.id"],
            name=op.f("fk_approval_matrix_rows_matrix_id_approval_matrices"),
        ),
        sa.ForeignKeyConstraint(["role_id"], ["ticket.roles.id"], name=op.f("fk_approval_matrix_rows_role_id_roles")),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["ticket.users.id"], name=op.f("fk_approval_matrix_rows_updated_by_users")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ticket.users.id"], name=op.f("fk_approval_matrix_rows_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_matrix_rows")),
        schema="ticket",
    )
    op.create_index(
        "uq_approval_matrix_rows_entry",
        "approval_matrix_rows",
        ["matrix_id", "value", sa.literal_column("coalesce(user_id, 0)"), sa.literal_column("coalesce(role_id, 0)")],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_approval_matrix_rows_entry",
        table_name="approval_matrix_rows",
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("approval_matrix_rows", schema="ticket")
    op.drop_index(
        "uq_approval_matrices_key",
        table_name="approval_matrices",
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_table("approval_matrices", schema="ticket")
    op.execute(f"ALTER TABLE ticket.{SEATS} DROP CONSTRAINT ck_{SEATS}_one_principal")
    op.execute(f"ALTER TABLE ticket.{SEATS} ADD CONSTRAINT ck_{SEATS}_one_principal CHECK ({ONE_PRINCIPAL}) NOT VALID")
