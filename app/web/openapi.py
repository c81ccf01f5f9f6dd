"""The OpenAPI file: every call, from what its handler says about itself and the shapes it reads and answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from app.web.api import FILE, Operation, Query
from app.web.forms import MAX_ID
from app.web.guards import PUBLIC

Plain = dict[str, Any]


class Definition:
    """In place of a shape: what the controller at hand names in `opt["shape"]`."""


PREFIX = "/api/v1"
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_KNOWN_PATHS = {
    "ticket_no": {"type": "string", "pattern": "^[A-Z]{2,8}-[1-9][0-9]{0,14}$"},
    "key": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,62}$"},
}
_ROW_ID = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID}
_FORM_WITH_A_FILE = {
    "type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}},
}  # fmt: skip
_SENTENCES = {
    200: "As asked.", 201: "Made; Location says where.", 202: "Taken on.", 204: "Done.",
    400: "No JSON that can be read.", 401: "No valid token.",
    403: "Not yours to do.", 404: "There is nothing here, or nothing that you may see.",
    409: "Not possible in this state (any more).", 412: "Changed since you read it.", 413: "Too large.",
    415: "Not JSON.", 422: "Something in it is wrong; `errors` says what.", 428: "If-Match is missing.",
    429: "Too many attempts.",
}  # fmt: skip


def document(routes: Any) -> Plain:
    """`routes` are the app's; those outside the API are left out."""
    calls = sorted(_calls(routes), key=lambda call: (call[0], call[1]))
    shapes = _Shapes([shape for _, _, one, _ in calls for shape in (one.takes, one.gives) if shape not in (None, FILE)])
    paths: dict[str, Plain] = {}
    for path, method, operation, handler in calls:
        paths.setdefault(path, {})[method.lower()] = _operation(path, method, operation, handler, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Countersign", "version": "1", "description": "Tickets and approvals, for scripts."},
        "servers": [{"url": PREFIX}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": shapes.components | {"ProblemDetails": _problem_schema()},
            "responses": {"Problem": _problem_response()},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _calls(routes: Any) -> Iterator[tuple[str, str, Operation, Any]]:
    for route in routes:
        if not route.path_format.startswith(PREFIX + "/"):
            continue
        for handler in route.route_handlers:
            operation = _as_its_controller_says(handler)
            for method in sorted(handler.http_methods):
                if operation is not None and method != "OPTIONS":
                    yield route.path_format.removeprefix(PREFIX), str(method), operation, handler


def _as_its_controller_says(handler: Any) -> Operation | None:
    said: Operation | None = handler.opt.get("operation")
    if said is None or Definition not in (said.takes, said.gives):
        return said
    shape = handler.opt["shape"]
    own = {name: shape for name in ("takes", "gives") if getattr(said, name) is Definition}
    return replace(said, **own)


class _Shapes:
    """All structs of all calls as one set of components."""

    def __init__(self, shapes: list[Any]) -> None:
        self._all = list(dict.fromkeys(shapes))
        schemas, self.components = msgspec.json.schema_components(self._all, ref_template="#/components/schemas/{name}")
        self._schemas: dict[Any, Plain] = dict(zip(self._all, schemas, strict=True))

    def of(self, shape: Any) -> Plain:
        return self._schemas[shape]

    def part_of(self, shape: Any) -> Plain:
        """What is absent stays as it is."""
        whole = self.components[shape.__name__]
        return {name: value for name, value in whole.items() if name in {"type", "properties", "additionalProperties"}}


def _operation(path: str, method: str, said: Operation, handler: Any, shapes: _Shapes) -> Plain:
    public = handler.opt.get("access") == PUBLIC
    plain: Plain = {
        "summary": said.summary,
        "operationId": _operation_id(path, method),
        "tags": [path.split("/")[1]],
        "parameters": [*_path_parameters(path), *_headers(method, said, public), *map(_query_parameter, said.query)],
        "responses": _responses(path, said, shapes, public=public),
    }
    if public:
        plain["security"] = []
    if said.takes is FILE:
        plain["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _FORM_WITH_A_FILE}}}
    elif said.takes is not None:
        is_part = method == "PATCH" and "shape" in handler.opt
        schema = shapes.part_of(said.takes) if is_part else shapes.of(said.takes)
        plain["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return plain


def _operation_id(path: str, method: str) -> str:
    words = re.findall(r"[a-z_]+", path)
    return "_".join([method.lower(), *words]).replace("-", "_")


def _path_parameters(path: str) -> Iterator[Plain]:
    for name in re.findall(r"{(\w+)}", path):
        schema = _KNOWN_PATHS.get(name, _ROW_ID)
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _headers(method: str, said: Operation, public: bool) -> Iterator[Plain]:
    if method == "POST" and not public:
        schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"}
        yield {
            "name": "Idempotency-Key", "in": "header", "required": False, "schema": schema,
            "description": "The same key with the same body is one command; sent again, it gets the first answer.",
        }  # fmt: skip
    if {412, 428} & set(said.refuses):
        yield {
            "name": "If-Match", "in": "header", "required": 428 in said.refuses,
            "schema": {"type": "string"}, "description": "The ETag that you saw.",
        }  # fmt: skip


def _query_parameter(one: Query) -> Plain:
    schema = {"type": "array", "items": one.schema} if one.several else one.schema
    return {"name": one.name, "in": "query", "required": False, "schema": schema, "description": one.about}


def _responses(path: str, said: Operation, shapes: _Shapes, *, public: bool) -> Mapping[str, Plain]:
    answered: Plain = {"description": _SENTENCES[said.status]}
    if said.gives is FILE:
        answered["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    elif said.gives is not None:
        answered["content"] = {"application/json": {"schema": shapes.of(said.gives)}}
    refused = {*said.refuses, 401, 422, *({400, 413, 415} if said.takes is not None else ())}
    refused |= {404} if "{" in path else set()
    refused |= set() if public else {403}
    return {str(said.status): answered} | {str(status): _PROBLEM for status in sorted(refused)}


def _problem_response() -> Plain:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        "description": "What is wrong, as RFC 9457 has it.",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _problem_schema() -> Plain:
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "A sentence for people."},
            "errors": {"type": "object", "additionalProperties": {"type": "string"}},
            "possible": {"type": "array", "items": {"type": "string"}, "description": "What does work in this state."},
            "changed": {"type": "array", "items": {}, "description": "What is different from what you saw."},
        },
    }
