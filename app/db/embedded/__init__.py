"""The PostgreSQL that comes along: its binaries, its cluster in `DATA_DIR`, its life."""

from app.db.embedded.errors import DatabaseWillNotStart
from app.db.embedded.server import Connections, EmbeddedPostgres

__all__ = ["Connections", "DatabaseWillNotStart", "EmbeddedPostgres"]
