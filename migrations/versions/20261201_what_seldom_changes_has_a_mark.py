"""what seldom changes has a mark that every change of it replaces."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d1c9be07f34"
down_revision: str | None = "a5c07e61d2b4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MARKED = (
    "users", "roles", "user_roles", "approval_proxies", "calendars", "approval_matrices", "approval_matrix_rows",
    "categories", "labels", "ticket_templates", "ticket_template_versions",
)  # fmt: skip
FUNCTIONS = (
    # For the transaction itself, at once: it is undone with what it stands for, by a savepoint too.
    """
    CREATE FUNCTION ticket.master_data_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('countersign.master_data', gen_random_uuid()::text, true);
        RETURN NULL;
    END $$
    """,
    # For all others, with the commit: a mark under which nobody has read, since others may have committed meanwhile.
    """
    CREATE FUNCTION ticket.master_data_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('countersign.master_data', true) <> 'replaced' THEN
            UPDATE ticket.master_data_mark SET mark = gen_random_uuid();
            PERFORM set_config('countersign.master_data', 'replaced', true);
        END IF;
        RETURN NULL;
    END $$
    """,
)


def upgrade() -> None:
    op.create_table(
        "master_data_mark",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, start=1, increment=1),
            nullable=False,
        ),
        sa.Column("mark", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_data_mark")),
        schema="ticket",
    )
    op.execute("INSERT INTO ticket.master_data_mark DEFAULT VALUES")
    for statement in FUNCTIONS:
        op.execute(statement)
    for table in MARKED:
        op.execute(
            f"CREATE TRIGGER master_data_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ticket.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ticket.master_data_changes()"
        )
        op.execute(
            f"CREATE CONSTRAINT TRIGGER master_data_changed AFTER INSERT OR UPDATE OR DELETE ON ticket.{table}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket.master_data_changed()"
        )


def downgrade() -> None:
    for table in MARKED:
        op.execute(f"DROP TRIGGER master_data_changed ON ticket.{table}")
        op.execute(f"DROP TRIGGER master_data_changes ON ticket.{table}")
    op.execute("DROP FUNCTION ticket.master_data_changed(), ticket.master_data_changes()")
    op.drop_table("master_data_mark", schema="ticket")
