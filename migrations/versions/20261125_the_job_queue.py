"""The job queue's own tables."""

from collections.abc import Sequence

from alembic import op

from app.jobs.schema import pgqueuer_install_sql, pgqueuer_uninstall_sql, run_script

revision: str = "8d1f5b7c9a20"
down_revision: str | None = "3f61c0d2a7b4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script(op.get_bind(), pgqueuer_install_sql())


def downgrade() -> None:
    run_script(op.get_bind(), pgqueuer_uninstall_sql())
