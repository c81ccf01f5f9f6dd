"""What waits is queued by its deadline."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "501c6c4d3b8f"
down_revision: str | None = "b059a19c0989"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


_SEATS = "approval_process_step_approvers"
_WAITING = """
    UPDATE ticket.approval_process_step_approvers seat
    SET queue_due = coalesce(step.due_at, '9999-12-31T00:00:00Z'), queue_since = step.opened_at
    FROM ticket.approval_process_steps step
    JOIN ticket.approval_processes process ON process.id = step.process_id AND process.status = 'running'
    WHERE step.id = seat.step_id AND step.status = 'open' AND NOT step.superseded AND seat.status = 'pending'
      AND NOT EXISTS (
        SELECT FROM ticket.approval_process_step_approvers vote
        WHERE vote.step_id = seat.step_id AND vote.decided_at IS NOT NULL AND vote.status <> 'void'
          AND seat.user_id IN (vote.acted_by, vote.on_behalf_of))
"""


def upgrade() -> None:
    op.add_column(_SEATS, sa.Column("queue_due", sa.DateTime(timezone=True), nullable=True), schema="ticket")
    op.add_column(_SEATS, sa.Column("queue_since", sa.DateTime(timezone=True), nullable=True), schema="ticket")
    op.execute(_WAITING)
    for whose in ("user", "role"):
        op.create_index(
            f"ix_approvers_queue_{whose}",
            _SEATS,
            [f"{whose}_id", "queue_due", "queue_since", "id"],
            schema="ticket",
            postgresql_where=sa.text("queue_due IS NOT NULL"),
        )


def downgrade() -> None:
    for whose in ("user", "role"):
        op.drop_index(f"ix_approvers_queue_{whose}", table_name=_SEATS, schema="ticket")
    op.drop_column(_SEATS, "queue_since", schema="ticket")
    op.drop_column(_SEATS, "queue_due", schema="ticket")
