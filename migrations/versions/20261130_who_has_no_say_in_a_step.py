"""Who has no say in a step: known to queues from the next time that its approval moves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "4d0be1f7a925"
down_revision: str | None = "b83d5f0c17ea"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STEPS = "approval_process_steps"


def upgrade() -> None:
    barred = sa.Column("barred_ids", sa.ARRAY(sa.BigInteger), nullable=False, server_default=sa.text("'{}'"))
    op.add_column(_STEPS, barred, schema="ticket")


def downgrade() -> None:
    op.drop_column(_STEPS, "barred_ids", schema="ticket")
