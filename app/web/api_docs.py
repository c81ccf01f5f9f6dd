"""The OpenAPI file, for scripts and for people, and a page to read it on; nothing of it comes from another host."""

from typing import Any

import msgspec
from litestar import Controller, Litestar, get
from litestar.response import Template

from app.web.api import AnyRequest, Json, answer, described
from app.web.guards import API, SIGNED_IN, access
from app.web.openapi import document
from app.web.pages import page

_METHODS = ("get", "post", "put", "patch", "delete")


class OpenApi(Controller):
    path = "/api/v1/openapi.json"
    opt = access(API)

    @get(**described("This file", gives=dict))
    async def show(self, request: AnyRequest) -> Json:
        return answer(_document_of(request.app))


class ApiReader(Controller):
    path = "/api/docs"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: AnyRequest) -> Template:
        whole = _document_of(request.app)
        return await page(request, "api/reader", active="api", groups=_groups(whole), schemas=_schemas(whole))

    @get("/openapi.json")
    async def file(self, request: AnyRequest) -> Json:
        return answer(_document_of(request.app))


API_DOCS = [OpenApi, ApiReader]


def _document_of(app: Litestar) -> dict[str, Any]:
    """Made once: routes do not change while the app runs."""
    if "openapi" not in app.state:
        app.state.openapi = document(app.routes)
    whole: dict[str, Any] = app.state.openapi
    return whole


def _groups(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls by their first path part, as the page lists them."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, calls in whole["paths"].items():
        for method in (method for method in _METHODS if method in calls):
            groups.setdefault(calls[method]["tags"][0], []).append(_told(path, method, calls[method]))
    return [{"name": name, "calls": calls} for name, calls in groups.items()]


def _told(path: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
    done = [(status, answer) for status, answer in call["responses"].items() if status < "300"]
    return {
        "id": call["operationId"], "method": method.upper(), "path": path, "summary": call["summary"],
        "parameters": call["parameters"], "takes": _shown(call.get("requestBody", {})),
        "status": done[0][0], "gives": _shown(done[0][1]),
        "refusals": [status for status in call["responses"] if status >= "300"],
    }  # fmt: skip


def _shown(content: dict[str, Any]) -> dict[str, str]:
    """Either the name of a shape, or the shape itself."""
    schema = content.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return {}
    name = schema.get("$ref", "").rpartition("/")[2]
    return {"name": name} if name else {"text": _pretty(schema)}


def _schemas(whole: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, _pretty(schema)) for name, schema in sorted(whole["components"]["schemas"].items())]


def _pretty(schema: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
