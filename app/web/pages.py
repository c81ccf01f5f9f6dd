"""The four ways to answer with HTML, and the redirect; templates are named as style.md, 18, says."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Template

from app.web.door import visit_of
from app.web.htmx import announce
from app.web.shell import LivePart, Shell, build_shell

SAID = "said"
"""The cookie with what the next page says, once."""


async def page(
    request: Request[Any, Any, Any],
    name: str,
    *,
    active: str = "",
    status: int = 200,
    live_parts: Sequence[LivePart] = (),
    **context: Any,
) -> Template:
    """A whole page, in the frame that `shell` describes; `active` is the menu's entry."""
    shell: Shell = await build_shell(request, active=active, live=live_parts)
    response = Template(f"{name}.html", context={**context, "shell": shell}, status_code=status)
    if shell.said:
        response.delete_cookie(SAID, path="/")
    return response


def partial(name: str, *, status: int = 200, **context: Any) -> Template:
    """One element: `partial("tickets/timeline")` renders `tickets/_timeline.html`."""
    folder, _, file = name.rpartition("/")
    return Template(f"{folder}/_{file}.html", context=context, status_code=status)


def swap(name: str, *, say: str = "", undo: str = "", status: int = 200, **context: Any) -> Template:
    """A list of partials: who asked first, the rest out of band. `say` is announced, with an Undo form's URL."""
    response = Template(f"{name}.swap.html", context=context, status_code=status)
    if say:
        announce(response, say, undo=undo)
    return response


def try_again(name: str, *, status: int = 422, **context: Any) -> Template:
    """The refused form in its place, with its errors and what was typed."""
    return partial(name, status=status, **context)


def go(request: Request[Any, Any, Any], target: str, *, say: str = "") -> Response[Any]:
    """Elsewhere, after a form: 303 for a plain form, `HX-Redirect` for htmx; `say` is shown on the next page."""
    if visit_of(request).htmx:
        response = Response(
            content=b"",
            status_code=200,
            headers={"hx-redirect": target},
            media_type="text/html",
        )
    else:
        response = Response(
            content=b"",
            status_code=303,
            headers={"location": target},
            media_type="text/html",
        )
    if say:
        response.set_cookie(
            SAID,
            quote(say[:300]),
            path="/",
            httponly=True,
            samesite="lax",
            max_age=30,
        )
    return response
