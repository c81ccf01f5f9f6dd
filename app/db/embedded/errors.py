"""Why the embedded PostgreSQL will not start."""

from app.errors import DomainError


class DatabaseWillNotStart(DomainError):
    """Nothing was lost or changed; the sentence says what to do."""

    status_code = 503
