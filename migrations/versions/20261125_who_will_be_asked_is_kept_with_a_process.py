"""who will be asked is kept with a process."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "21b1ce1b73d7"
down_revision: str | None = "c5cef13a8442"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column('approval_processes', sa.Column('foreseen', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False), schema='ticket')
    op.add_column('approval_processes', sa.Column('foreseen_user_ids', postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False), schema='ticket')
    op.add_column('approval_processes', sa.Column('foreseen_role_ids', postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False), schema='ticket')
    op.create_index('ix_approval_processes_foreseen_roles', 'approval_processes', ['foreseen_role_ids'], unique=False, schema='ticket', postgresql_using='gin', postgresql_where=sa.text("status = 'running'"))
    op.create_index('ix_approval_processes_foreseen_users', 'approval_processes', ['foreseen_user_ids'], unique=False, schema='ticket', postgresql_using='gin', postgresql_where=sa.text("status = 'running'"))


def downgrade() -> None:
    op.drop_index('ix_approval_processes_foreseen_users', table_name='approval_processes', schema='ticket', postgresql_using='gin', postgresql_where=sa.text("status = 'running'"))
    op.drop_index('ix_approval_processes_foreseen_roles', table_name='approval_processes', schema='ticket', postgresql_using='gin', postgresql_where=sa.text("status = 'running'"))
    op.drop_column('approval_processes', 'foreseen_role_ids', schema='ticket')
    op.drop_column('approval_processes', 'foreseen_user_ids', schema='ticket')
    op.drop_column('approval_processes', 'foreseen', schema='ticket')
