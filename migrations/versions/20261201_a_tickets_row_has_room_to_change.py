"""a ticket's row has room to change beside itself: the head of its chain then costs no index anything."""

from collections.abc import Sequence

from alembic import op

revision: str = "b7d20c94e1f3"
down_revision: str | None = "5d0e7b19c4a6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE ticket.tickets SET (fillfactor = 80)")


def downgrade() -> None:
    op.execute("ALTER TABLE ticket.tickets RESET (fillfactor)")
