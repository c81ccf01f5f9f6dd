"""Dashboards read what was counted along: sums by hour that triggers keep in the transaction of each change."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0d2fea397cc2"
down_revision: str | None = "0de60a77a104"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HOUR = "date_bin('1 hour', {}, '2000-01-01 00:00+00')"
FUNCTIONS = (
    # Under which team and visibility a ticket is counted: twice, once for all teams (0).
    """
    CREATE FUNCTION ticket.counted_under(t ticket.tickets) RETURNS TABLE (team_id bigint, open_to_all boolean)
    LANGUAGE sql IMMUTABLE AS $$
        SELECT team, t.open_to_all FROM (VALUES (0::bigint), (t.assigned_role_id)) AS teams (team)
        WHERE team IS NOT NULL AND t.deleted_at IS NULL
    $$
    """,
    f"""
    CREATE FUNCTION ticket.counted(t ticket.tickets)
    RETURNS TABLE (measure text, team_id bigint, key text, hour timestamptz, open_to_all boolean)
    LANGUAGE sql IMMUTABLE AS $$
        SELECT m.measure, u.team_id, m.key, {HOUR.format("m.at")}, u.open_to_all
        FROM ticket.counted_under(t) AS u, (VALUES
            ('now', t.status::text, '2000-01-01 00:00+00'::timestamptz),
            ('created', '', t.created_at),
            ('resolved', '', t.resolved_at),
            ('on_time', CASE WHEN t.resolved_at <= t.due_at THEN 'yes' ELSE 'no' END,
                CASE WHEN t.due_at IS NOT NULL THEN t.resolved_at END),
            ('closed', '', CASE WHEN t.status = 'closed' THEN t.closed_at END)
        ) AS m (measure, key, at)
        WHERE m.at IS NOT NULL
    $$
    """,
    # One row for the state that was entered and one for the state that was left, of each move on the record.
    f"""
    CREATE FUNCTION ticket.moves(ticket_no bigint)
    RETURNS TABLE (key text, hour timestamptz, number bigint)
    LANGUAGE sql STABLE AS $$
        SELECT side.key, {HOUR.format("n.created_at")}, side.number
        FROM ticket.ticket_notes AS n,
            LATERAL (VALUES (n.event_details->>'new', 1::bigint), (n.event_details->>'old', -1)) AS side (key, number)
        WHERE n.ticket_id = ticket_no AND n.event_type = 'status_change'
    $$
    """,
    """
    CREATE FUNCTION ticket.count_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        moved boolean := TG_OP = 'UPDATE' AND (OLD.open_to_all, OLD.assigned_role_id, OLD.deleted_at IS NULL)
            IS DISTINCT FROM (NEW.open_to_all, NEW.assigned_role_id, NEW.deleted_at IS NULL);
    BEGIN
        INSERT INTO ticket.ticket_rollup (measure, team_id, key, hour, open_to_all, number)
        SELECT c.measure, c.team_id, c.key, c.hour, c.open_to_all, sum(c.number) FROM (
            SELECT *, 1 AS number FROM ticket.counted(NEW)
            UNION ALL
            SELECT *, -1 FROM ticket.counted(OLD) WHERE TG_OP = 'UPDATE'
        ) AS c
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.number) <> 0;
        IF moved THEN
            INSERT INTO ticket.ticket_rollup (measure, team_id, key, hour, open_to_all, number)
            SELECT 'moved', u.team_id, m.key, m.hour, u.open_to_all, sum(u.number * m.number)
            FROM ticket.moves(NEW.id) AS m, (
                SELECT *, 1 AS number FROM ticket.counted_under(NEW)
                UNION ALL
                SELECT *, -1 FROM ticket.counted_under(OLD)
            ) AS u
            GROUP BY 2, 3, 4, 5 HAVING sum(u.number * m.number) <> 0;
        END IF;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE FUNCTION ticket.count_move() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ticket.ticket_rollup (measure, team_id, key, hour, open_to_all, number)
        SELECT 'moved', u.team_id, side.key, {HOUR.format("NEW.created_at")}, u.open_to_all, side.number
        FROM ticket.tickets AS t, ticket.counted_under(t) AS u,
            (VALUES (NEW.event_details->>'new', 1), (NEW.event_details->>'old', -1)) AS side (key, number)
        WHERE t.id = NEW.ticket_id AND side.key IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    # Everything anew: for this migration, and for whoever loads tickets without triggers.
    """
    CREATE FUNCTION ticket.count_everything() RETURNS void LANGUAGE sql AS $$
        DELETE FROM ticket.ticket_rollup;
        INSERT INTO ticket.ticket_rollup (measure, team_id, key, hour, open_to_all, number, is_delta)
        SELECT c.measure, c.team_id, c.key, c.hour, c.open_to_all, count(*), false
        FROM ticket.tickets AS t, ticket.counted(t) AS c GROUP BY 1, 2, 3, 4, 5;
        INSERT INTO ticket.ticket_rollup (measure, team_id, key, hour, open_to_all, number, is_delta)
        SELECT 'moved', u.team_id, m.key, m.hour, u.open_to_all, sum(m.number), false
        FROM ticket.tickets AS t, ticket.counted_under(t) AS u, ticket.moves(t.id) AS m
        GROUP BY 2, 3, 4, 5 HAVING sum(m.number) <> 0;
    $$
    """,
    """
    CREATE TRIGGER count_ticket_made AFTER INSERT ON ticket.tickets
    FOR EACH ROW EXECUTE FUNCTION ticket.count_ticket()
    """,
    """
    CREATE TRIGGER count_ticket_changed AFTER UPDATE ON ticket.tickets
    FOR EACH ROW WHEN (
        (OLD.status, OLD.assigned_role_id, OLD.open_to_all, OLD.deleted_at, OLD.created_at, OLD.resolved_at, OLD.due_at,
         OLD.closed_at) IS DISTINCT FROM
        (NEW.status, NEW.assigned_role_id, NEW.open_to_all, NEW.deleted_at, NEW.created_at, NEW.resolved_at, NEW.due_at,
         NEW.closed_at)
    ) EXECUTE FUNCTION ticket.count_ticket()
    """,
    """
    CREATE TRIGGER count_move AFTER INSERT ON ticket.ticket_notes
    FOR EACH ROW WHEN (NEW.event_type = 'status_change') EXECUTE FUNCTION ticket.count_move()
    """,
    "SELECT ticket.count_everything()",
)
UNDOING = (
    "DROP TRIGGER count_move ON ticket.ticket_notes",
    "DROP TRIGGER count_ticket_changed ON ticket.tickets",
    "DROP TRIGGER count_ticket_made ON ticket.tickets",
    "DROP FUNCTION ticket.count_everything(), ticket.count_move(), ticket.count_ticket(), ticket.moves(bigint),"
    " ticket.counted(ticket.tickets), ticket.counted_under(ticket.tickets)",
)


def upgrade() -> None:
    op.create_table(
        "ticket_rollup",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False, start=1, increment=1),
            nullable=False,
        ),
        sa.Column("measure", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_to_all", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("is_delta", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_rollup")),
        schema="ticket",
    )
    op.create_index(
        "ix_ticket_rollup_deltas",
        "ticket_rollup",
        ["measure", "team_id", "key", "hour", "open_to_all"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("is_delta"),
        postgresql_include=["number"],
    )
    op.create_index(
        "uq_ticket_rollup",
        "ticket_rollup",
        ["measure", "team_id", "key", "hour", "open_to_all"],
        unique=True,
        schema="ticket",
        postgresql_where=sa.text("NOT is_delta"),
        postgresql_include=["number"],
    )
    op.create_index(
        "ix_tickets_resolved",
        "tickets",
        ["resolved_at"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_tickets_status_since",
        "tickets",
        ["status", "status_since"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_tickets_still_due",
        "tickets",
        ["due_at", "id"],
        unique=False,
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('cancelled', 'closed')"),
    )
    for statement in FUNCTIONS:
        op.execute(statement)


def downgrade() -> None:
    for statement in UNDOING:
        op.execute(statement)
    op.drop_index(
        "ix_tickets_still_due",
        table_name="tickets",
        schema="ticket",
        postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('cancelled', 'closed')"),
    )
    op.drop_index(
        "ix_tickets_status_since", table_name="tickets", schema="ticket", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index(
        "ix_tickets_resolved", table_name="tickets", schema="ticket", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index(
        "uq_ticket_rollup",
        table_name="ticket_rollup",
        schema="ticket",
        postgresql_where=sa.text("NOT is_delta"),
        postgresql_include=["number"],
    )
    op.drop_index(
        "ix_ticket_rollup_deltas",
        table_name="ticket_rollup",
        schema="ticket",
        postgresql_where=sa.text("is_delta"),
        postgresql_include=["number"],
    )
    op.drop_table("ticket_rollup", schema="ticket")
