"""the requester picks approvers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "14ba8ae16e50"
down_revision: str | None = "501c6c4d3b8f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('tickets', sa.Column('picks', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False), schema='ticket')


def downgrade() -> None:
    op.drop_column('tickets', 'picks', schema='ticket')
