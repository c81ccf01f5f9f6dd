"""The roles of a database: its owner shapes it, the app reads and writes rows, the reader reads.

What a migration creates is granted by default; the migration of an audit table takes UPDATE and DELETE away again.
"""

from sqlalchemy import Connection, text

from app.config import APP_ROLE
from app.db.base import SCHEMA
from app.db.embedded.cluster import READER_ROLE
from app.errors import DomainError


class RolesAreMissing(DomainError):
    """Only somebody with more rights than the owner can help."""

    status_code = 500


def ensure_roles(connection: Connection, *, app_user: str | None) -> None:
    """`app_user` is whom web and worker sign in as, where that is neither the owner nor the role itself."""
    for role in (APP_ROLE, READER_ROLE):
        if not _exists(connection, role):
            _create(connection, role)
    _let_become(connection, _me(connection))
    if app_user and app_user != APP_ROLE:
        _let_become(connection, app_user)
    _grant(connection)


def only_read(connection: Connection, table: str) -> None:
    """For what alembic itself creates."""
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON {SCHEMA}.{table} FROM {APP_ROLE}"))


def _create(connection: Connection, role: str) -> None:
    may_create = connection.scalar(text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"))
    if not may_create:
        me = _quoted(connection, _me(connection))
        raise RolesAreMissing(
            f"The database has no role {role}, and {me} may not create one. Let its administrator run:"
            f" CREATE ROLE {APP_ROLE}; CREATE ROLE {READER_ROLE}; GRANT {APP_ROLE} TO {me};"
        )
    connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))


def _let_become(connection: Connection, user: str) -> None:
    right = "SET" if connection.dialect.server_version_info >= (16,) else "MEMBER"  # type: ignore[operator]
    question = text("SELECT pg_has_role(:user, :role, :right)")
    may = connection.scalar(question, {"user": user, "role": APP_ROLE, "right": right})
    if not may:
        connection.execute(text(f"GRANT {APP_ROLE} TO {_quoted(connection, user)}"))


def _grant(connection: Connection) -> None:
    default = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {SCHEMA} GRANT"
    for statement in (
        f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {APP_ROLE}, {READER_ROLE}",
        f"{default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE}",
        f"{default} USAGE, SELECT ON SEQUENCES TO {APP_ROLE}",
        f"{default} SELECT ON TABLES TO {READER_ROLE}",
    ):
        connection.execute(text(statement))


def _exists(connection: Connection, role: str) -> bool:
    return connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role}) is not None


def _me(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT current_user")))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
