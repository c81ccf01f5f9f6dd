"""Every error leaves as a sentence: a page, a toast, or a problem document."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.session import sqlstate, worth_a_rerun
from app.errors import DomainError, NotFound, Unavailable
from app.web.door import visit_of
from app.web.htmx import announce
from app.web.i18n import gettext as _
from app.web.outage import is_unavailable
from app.web.params import ticket_no

log = logging.getLogger("countersign")
_BAD_VALUE_CLASSES = ("22",)
_TITLES = {
    400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 412: "Precondition failed", 413: "Too large", 415: "Unsupported media type",
    422: "Unprocessable", 428: "Precondition required", 429: "Too many requests", 500: "Server error",
    503: "Unavailable",
}  # fmt: skip


def on_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    return _respond(
        request,
        error.status_code,
        _(error.sentence),
        error.extra,
        getattr(error, "errors", None),
    )


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The framework's own: unknown paths and methods, bodies that are too large or no JSON."""
    if error.status_code >= 500:
        return on_anything(request, error)
    status = 404 if error.status_code == 405 and not visit_of(request).api else error.status_code
    sentence = _(NotFound().sentence) if status == 404 else _(_TITLES.get(status, "Bad request")) + "."
    response = _respond(request, status, sentence)
    if status == 405 and error.headers:
        response.headers.update(error.headers)
    return response


def on_database_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if worth_a_rerun(error):
        visit_of(request).rerun = True
        response = _respond(request, 503, _("Others are changing the same thing right now. Try again."))
        response.headers["retry-after"] = "1"
        return response
    if is_unavailable(error):
        log.warning("database unavailable: %s", error)
        response = _respond(
            request,
            Unavailable.status_code,
            _("The database cannot be reached right now. Try again in a moment."),
        )
        response.headers["retry-after"] = "2"
        return response
    if isinstance(error, IntegrityError):
        log.warning("constraint: %s", error.orig)
        return _respond(
            request,
            409,
            _("Somebody else changed this at the same moment. Look again, then retry."),
        )
    if isinstance(error, DBAPIError) and sqlstate(error)[:2] in _BAD_VALUE_CLASSES:
        return _respond(request, 422, _("A value cannot be stored as it was sent."))
    return on_anything(request, error)


def on_anything(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if is_unavailable(error):
        response = _respond(
            request,
            503,
            _("The service is not available right now. Try again in a moment."),
        )
        response.headers["retry-after"] = "2"
        return response
    log.error("unhandled error at %s %s", request.method, request.url.path, exc_info=error)
    return _respond(
        request,
        500,
        _("Something went wrong here, and it has been logged. What you typed is still on your screen."),
    )


def _respond(
    request: Request[Any, Any, Any],
    status: int,
    sentence: str,
    extra: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    visit = visit_of(request)
    if visit is None or visit.api:
        return problem(
            status,
            sentence,
            {**(extra or {}), **({"errors": errors} if errors else {})},
        )
    if visit.htmx:
        response: Response[Any] = Response(
            content=b"",
            status_code=status,
            media_type="text/html",
            headers={"hx-reswap": "none"},
        )
        announce(response, sentence, tone="neg")
        return response
    context = {
        "status": status,
        "sentence": sentence,
        "possible": (extra or {}).get("possible", []),
        "asks_for": _ticket_asked_for(request) if status == 404 and visit.actor else "",
    }
    return Template("errors/show.html", context=context, status_code=status)


def _ticket_asked_for(request: Request[Any, Any, Any]) -> str:
    """The number in the address, used or never used: nothing else is known of it here."""
    parts = request.url.path.split("/")
    try:
        return ticket_no(parts[2]) if parts[1:2] == ["tickets"] and len(parts) > 2 else ""
    except NotFound:
        return ""


def problem(status: int, detail: str, extra: dict[str, Any] | None = None) -> Response[Any]:
    """RFC 9457."""
    body = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        **(extra or {}),
    }
    return Response(
        content=msgspec.json.encode(body),
        status_code=status,
        media_type="application/problem+json",
    )


HANDLERS: dict[Any, Any] = {
    DomainError: on_domain_error,
    HTTPException: on_http_error,
    DBAPIError: on_database_error,
    PoolTimeout: on_database_error,
    Exception: on_anything,
}
