"""search forgets answers that were closed after they were indexed."""

from collections.abc import Sequence

from alembic import op

revision: str = "5f2e8c1a90b7"
down_revision: str | None = "b3e8d2a4c617"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REINDEX = """
    INSERT INTO ticket.pgqueuer (priority, entrypoint, payload, status)
    SELECT 0, 'tickets.reindex', convert_to('{}', 'UTF8'), 'queued' WHERE EXISTS (SELECT FROM ticket.tickets)
"""
"""Once: tickets that were indexed before closed answers were left out still held them."""


def upgrade() -> None:
    op.execute(REINDEX)


def downgrade() -> None:
    op.execute("DELETE FROM ticket.pgqueuer WHERE entrypoint = 'tickets.reindex' AND status = 'queued'")
