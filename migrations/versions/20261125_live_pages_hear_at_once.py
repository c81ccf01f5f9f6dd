"""live pages hear at once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "209ebfdfbb32"
down_revision: str | None = "18fd8a3d7dd2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('outbox', sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True), schema='ticket')
    op.create_index('ix_outbox_unannounced', 'outbox', ['id'], unique=False, schema='ticket', postgresql_where=sa.text('dispatched_at IS NULL AND announced_at IS NULL'))


def downgrade() -> None:
    op.drop_index('ix_outbox_unannounced', table_name='outbox', schema='ticket', postgresql_where=sa.text('dispatched_at IS NULL AND announced_at IS NULL'))
    op.drop_column('outbox', 'announced_at', schema='ticket')
