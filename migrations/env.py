"""Run by alembic, on the connection that `app/db/migrations.py` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from app.db.base import SCHEMA
from app.db.version import VERSION_TABLE
from app.models import metadata


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Only our schema, and nothing of the job queue, which brings its own tables."""
    if kind == "schema":
        return name == SCHEMA
    return not (kind == "table" and (name or "").startswith("pgqueuer"))


def include_object(found: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Indexes on custom fields are built by a job, as forms ask for them."""
    if kind == "index" and (name or "").startswith("fx_tickets_"):
        return False
    return not (kind == "table" and (name or "").startswith("pgqueuer"))


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Migrations name what PostgreSQL has, not a library's type that may change one day."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    real = item.load_dialect_impl(postgresql.dialect())
    if type(real).__module__.startswith("sqlalchemy.dialects.postgresql"):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return f"postgresql.{real!r}"
    return f"sa.{real!r}"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    version_table_schema=SCHEMA,
    include_schemas=True,
    include_name=include_name,
    include_object=include_object,
    render_item=render_item,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
