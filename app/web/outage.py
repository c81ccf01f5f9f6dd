"""The database is away, full, locked or out of connections: it will be back, and meanwhile the answer is 503."""

from asyncpg import PostgresError
from litestar.types import Send
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.session import sqlstate
from app.web.i18n import gettext as _

_UNAVAILABLE_STATES = {
    "55P03",
    "57014",
    "57P01",
    "57P02",
    "57P03",
    "53300",
    "53100",
    "08006",
    "08001",
    "08003",
    "25006",
}


def is_unavailable(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _is_away(sqlstate(error))
    if isinstance(error, PostgresError):
        return _is_away(error.sqlstate or "")
    return isinstance(error, PoolTimeout | OSError | TimeoutError) or type(error).__module__.startswith("asyncpg")


def _is_away(state: str) -> bool:
    return state in _UNAVAILABLE_STATES or state[:2] in {"08", "53"}


async def answer_unavailable(api: bool, send: Send) -> None:
    """Before routing, when nobody can be recognised because the database is away."""
    kind = b"application/problem+json" if api else b"text/plain; charset=utf-8"
    body = (
        b'{"type":"about:blank","title":"Unavailable","status":503}'
        if api
        else _("The database cannot be reached right now.").encode()
    )
    headers = [
        (b"content-type", kind),
        (b"retry-after", b"2"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
