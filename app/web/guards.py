"""Access classes: every handler names one in `opt["access"]`, and without one the app does not start."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from app.errors import NotAllowed, NotFound
from app.web import security
from app.web.door import visit_of
from app.web.forms import submitted
from app.web.i18n import gettext as _

PUBLIC, SIGNED_IN, MANAGER, ADMIN, API, API_ADMIN = (
    "public",
    "signed_in",
    "manager",
    "admin",
    "api",
    "api_admin",
)
CLASSES = (PUBLIC, SIGNED_IN, MANAGER, ADMIN, API, API_ADMIN)


STREAMS = "streams"
"""In `opt`: the handler reads its body as it comes in, and checks the form's token when that has come."""
IS_A_FILE = "is_a_file"
"""In `opt`: its answer is sent as it is, uncompressed, so that a part of it can be asked for."""


def access(name: str) -> dict[str, Any]:
    """`@get(opt=access(ADMIN))`, or on a whole controller."""
    return {"access": name}


async def guard_access(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    wanted, actor = handler.opt.get("access"), visit_of(connection).actor
    if wanted == PUBLIC:
        return
    if actor is None or wanted not in CLASSES:
        raise NotAllowed("Sign in first.")
    if (wanted in {API, API_ADMIN}) is not visit_of(connection).api:
        raise NotFound
    if wanted in {ADMIN, API_ADMIN} and not actor.is_admin:
        raise NotAllowed("Only an administrator can do this.")
    if wanted == MANAGER and not (actor.is_manager or actor.is_admin):
        raise NotAllowed("Only managers can see this.")


async def refuse_forged(request: Request[Any, Any, Any]) -> None:
    """Unsafe page requests carry the session's token; signing in, where there is none yet, comes from this origin."""
    visit = visit_of(request)
    if request.method in security.SAFE_METHODS or visit.api:
        return
    settings = request.app.state.settings
    if security.from_elsewhere(visit.headers, settings.public_url, has_session=visit.actor is not None):
        raise NotAllowed(_("This form was sent from another site."))
    if visit.actor is None:
        return
    given = visit.headers.get("x-csrf-token")
    if not given and request.route_handler.opt.get(STREAMS):
        return
    insist_on_token(request, given or (await submitted(request)).get("_csrf"))


def insist_on_token(request: Request[Any, Any, Any], given: str) -> None:
    settings, visit = request.app.state.settings, visit_of(request)
    if not security.same_token(given, security.csrf_token(settings.secret_key, visit.token)):
        raise NotAllowed(_("This form is too old or belongs to another sign-in. Reload the page and send it again."))
