"""Every error leaves as a sentence: a page, a toast, or a problem document."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template
from litestar.types import Receive, Scope, Send
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.session import sqlstate, worth_a_rerun
from app.errors import DomainError, NotFound, TicketNotFound, Unavailable
from app.web.door import visit_of
from app.web.htmx import announce
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.outage import is_unavailable
from app.web.pages import SAID
from app.web.params import ticket_no
from app.web.shell import build_shell

log = logging.getLogger("countersign")
_BAD_VALUE_CLASSES = ("22",)
_TITLES = {
    400: N_("Bad request"),
    401: N_("Unauthorized"),
    403: N_("Forbidden"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    409: N_("Conflict"),
    412: N_("Precondition failed"),
    413: N_("Too large"),
    415: N_("Unsupported media type"),
    422: N_("Unprocessable"),
    428: N_("Precondition required"),
    429: N_("Too many requests"),
    500: N_("Server error"),
    503: N_("Unavailable"),
}


def on_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    return _respond(
        request,
        error.status_code,
        _(error.sentence),
        error.extra,
        {name: _(said) for name, said in getattr(error, "errors", {}).items()},
        is_ticket=isinstance(error, TicketNotFound),
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
    *,
    is_ticket: bool = False,
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
    about = _about(request, status, sentence, (extra or {}).get("possible", ()), is_ticket=is_ticket)
    is_framed = visit.actor is not None and status < 500
    kind = PageInTheFrame if is_framed else Template
    return kind("errors/show.html", context=about, status_code=status)


def _about(
    request: Request[Any, Any, Any], status: int, sentence: str, possible: Sequence[str], *, is_ticket: bool
) -> dict[str, Any]:
    """What the page says. Of the number in the address nothing else is known here, used or never used."""
    number = _ticket_in_the_address(request) if visit_of(request).actor else ""
    return {
        "code": status,
        "sentence": sentence,
        "possible": [request.app.state.word(code) for code in possible],
        "asks_for": number if is_ticket else "",
        "ticket_no": "" if status == 404 else number,
        "came_from": "" if status == 404 else _came_from(request),
    }


def _came_from(request: Request[Any, Any, Any]) -> str:
    """The page of a form that was refused: of this house, and never the address that was refused itself."""
    page = urlsplit(request.headers.get("referer", ""))
    is_ours = page.netloc == request.headers.get("host", "") and page.path.startswith("/") and page.path[1:2] != "/"
    if request.method != "POST" or not is_ours or page.path == request.url.path:
        return ""
    return page.path + (f"?{page.query}" if page.query else "")


def _ticket_in_the_address(request: Request[Any, Any, Any]) -> str:
    parts = request.url.path.split("/")
    try:
        return ticket_no(parts[2]) if parts[1:2] == ["tickets"] and len(parts) > 2 else ""
    except NotFound:
        return ""


class PageInTheFrame(Template):
    """For somebody signed in, who keeps the menu. The framework waits for no error handler, but for its answer."""

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **given: Any) -> Any:
        draw = super().to_asgi_response

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            self.context |= await _frame(request)
            if "shell" in self.context and self.context["shell"].said:
                self.delete_cookie(SAID, path="/")
            await draw(app, request, **given)(scope, receive, send)

        return answer


async def _frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The same wherever one stands: neither is there anything at this address, nor does a form lead back to it."""
    try:
        return {"shell": replace(await build_shell(request, active=""), path="/")}
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.warning("no menu on an error page: %s", error)
        return {}


def problem(status: int, detail: str, extra: dict[str, Any] | None = None) -> Response[Any]:
    """RFC 9457; what an error adds takes the place of none of its members."""
    own = {"type": "about:blank", "title": _(_TITLES.get(status, N_("Error"))), "status": status, "detail": detail}
    body = own | (extra or {}) | own
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
