"""The system's own account, the sequence of ticket numbers, and what nobody may change."""

from collections.abc import Sequence

from alembic import op

revision: str = "3f61c0d2a7b4"
down_revision: str | None = "c7e2a4090e28"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    "CREATE SEQUENCE ticket.ticket_no_seq START 1001",
    """
    INSERT INTO ticket.users (id, name, email, title, created_at, created_by, updated_at, updated_by)
    OVERRIDING SYSTEM VALUE VALUES (1, 'Countersign', 'system@localhost', '', now(), 1, now(), 1)
    """,
    "SELECT setval(pg_get_serial_sequence('ticket.users', 'id'), 1)",
    """
    CREATE FUNCTION ticket.keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.system THEN
            RAISE EXCEPTION 'the record of a ticket cannot be changed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER keep_events BEFORE UPDATE OR DELETE ON ticket.ticket_notes
    FOR EACH ROW EXECUTE FUNCTION ticket.keep_events()
    """,
    """
    CREATE FUNCTION ticket.keep_everything() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the record cannot be changed' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER keep_everything BEFORE UPDATE OR DELETE ON ticket.audit_entries
    FOR EACH ROW EXECUTE FUNCTION ticket.keep_everything()
    """,
    "REVOKE UPDATE, DELETE, TRUNCATE ON ticket.ticket_notes, ticket.audit_entries FROM countersign_app",
    """
    GRANT UPDATE (note, edited_at, updated_at, updated_by, deleted_at, deleted_by)
    ON ticket.ticket_notes TO countersign_app
    """,
    """
    CREATE FUNCTION ticket.keep_published() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status = 'draft' THEN RETURN NEW; END IF;
        IF NEW.definition IS DISTINCT FROM OLD.definition OR NEW.sha256 IS DISTINCT FROM OLD.sha256
           OR NEW.number <> OLD.number OR NEW.template_id <> OLD.template_id
           OR NEW.published_at IS DISTINCT FROM OLD.published_at OR NEW.published_by IS DISTINCT FROM OLD.published_by
           OR NOT (NEW.status = OLD.status OR (OLD.status = 'published' AND NEW.status = 'retired')) THEN
            RAISE EXCEPTION 'a published version cannot be changed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER keep_published BEFORE UPDATE ON ticket.{table}
        FOR EACH ROW EXECUTE FUNCTION ticket.keep_published()
        """
        for table in ("approval_template_versions", "ticket_template_versions")
    ),
    "REVOKE DELETE, TRUNCATE ON ticket.approval_template_versions, ticket.ticket_template_versions FROM countersign_app",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
