"""The few htmx 4 headers that are used here; `litestar-htmx` speaks htmx 2 in the rest (stack.md, 5)."""

import json
from typing import Any

from litestar import Request, Response


def is_fragment(request: Request[Any, Any, Any]) -> bool:
    """htmx asks for a part of the page; a restored or boosted page wants the whole."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-request-type", "partial") == "partial"


UNDO_SECONDS = 10
"""For as long as a vote can be taken back, its toast stays (approvals.md, rule 7)."""


def announce(response: Response[Any], text: str, *, tone: str = "", undo: str = "") -> None:
    """A toast, spoken once through the live region; ASCII-safe, as headers must be."""
    toast: dict[str, Any] = {"text": text, "tone": tone, "undo": undo}
    if undo:
        toast["seconds"] = UNDO_SECONDS
    response.headers["hx-trigger"] = json.dumps({"toast": toast})


def replace_url(response: Response[Any], url: str) -> None:
    response.headers["hx-replace-url"] = url


def push_url(response: Response[Any], url: str) -> None:
    response.headers["hx-push-url"] = url


def reswap(response: Response[Any], how: str) -> None:
    """In which way this answer takes its place, when not as the form said."""
    response.headers["hx-reswap"] = how


def retarget(response: Response[Any], selector: str) -> None:
    """Where this answer goes, when it is not the element that the form named."""
    response.headers["hx-retarget"] = selector
