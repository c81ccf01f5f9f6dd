"""The published access table: every route the running app has, and who may use it."""

import secrets
from collections.abc import Iterator
from functools import cache
from typing import Any

from app.config import Settings

NOWHERE = "postgresql+asyncpg://nobody@localhost/none"


@cache
def access_table() -> list[dict[str, str]]:
    """Needs no settings and no database: routes are the same in every installation."""
    from app.main import create_app

    app = create_app(Settings(secret_key=secrets.token_urlsafe(48), database_url=NOWHERE))
    rows = [row for route in app.routes for row in _rows(route)]
    return sorted(rows, key=lambda row: (row["path"], row["method"]))


def _rows(route: Any) -> Iterator[dict[str, str]]:
    handlers = getattr(route, "route_handlers", None) or [route.route_handler]
    for handler in handlers:
        for method in sorted(getattr(handler, "http_methods", None) or ("GET",)):
            if method != "OPTIONS":
                yield {"method": str(method), "path": route.path_format, "access": str(handler.opt["access"])}
