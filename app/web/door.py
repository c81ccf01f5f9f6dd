"""The outermost layer: who is there, may they come in at all, and how every answer leaves.

It stands before routing, so that without sign-in nothing but a short list answers, whatever the spelling or method.
"""

import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast
from urllib.parse import quote

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor, Channel, acting_as, become
from app.web import security
from app.web.i18n import preferred
from app.web.outage import answer_unavailable, is_unavailable

MAX_RERUNS = 3
_OPEN_PATHS = re.compile(
    r"/sign-in|/static/[A-Za-z0-9_./-]+|/live|/ready|/favicon\.ico|/api/v1/auth/token|/\.well-known/jwks\.json",
    re.ASCII,
)
"""Whole paths that answer without sign-in; a test compares it with the routes whose access is `public`."""
NOBODY = Actor(id=0, name="")


@dataclass(slots=True)
class Visit:
    """What the door found out; `scope["visit"]`."""

    actor: Actor | None
    api: bool
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    rerun: bool = False
    csrf: str = ""
    """Once a form has asked for it."""
    unavailable: bool = False
    """Nobody could be recognised, because the database is away."""
    session: AsyncSession | None = None
    """That of the handler, while it works."""

    @property
    def htmx(self) -> bool:
        return self.headers.get("hx-request") == "true"


def visit_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visit:
    visit: Visit = connection.scope["visit"]  # type: ignore[typeddict-item]
    return visit


Recognise = Callable[[str], Awaitable[Actor | None]]


@dataclass(slots=True)
class Door:
    """`by_session` and `by_bearer` look a secret up in the database; they know accounts, the door does not."""

    app: ASGIApp
    by_session: Recognise
    by_bearer: Recognise
    cookie: str
    trusted_proxies: tuple[str, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            return
        path, headers = str(scope["path"]), _headers(scope)
        send = _dressed(send, cacheable=path.startswith("/static/"))
        visit = Visit(actor=None, api=_is_for_scripts(path), headers=headers, method=str(scope["method"]))
        scope["visit"] = visit  # type: ignore[typeddict-unknown-key]
        with acting_as(NOBODY):
            await self._admit(visit, scope, receive, send)

    async def _admit(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        if not path.startswith("/static/") and path != "/live":
            await self._recognise(visit, scope)
        if visit.actor is None:
            become(replace(NOBODY, locale=preferred(visit.headers.get("accept-language", ""))))
        if visit.actor is None and not _OPEN_PATHS.fullmatch(path):
            await _turn_away(visit, scope, send)
            return
        scope["user"] = visit.actor
        await self._run(visit, scope, receive, send)

    async def _recognise(self, visit: Visit, scope: Scope) -> None:
        try:
            if visit.api:
                kind, _, visit.token = visit.headers.get("authorization", "").partition(" ")
                actor = await self.by_bearer(visit.token) if kind.lower() == "bearer" and visit.token else None
            else:
                visit.token = _cookie(visit.headers.get("cookie", ""), self.cookie)
                actor = await self.by_session(visit.token) if visit.token else None
        except Exception as error:
            if not is_unavailable(error):
                raise
            visit.unavailable = True
            return
        if actor is not None:
            visit.actor = replace(
                actor,
                channel=Channel.API if visit.api else Channel.WEB,
                request_id=secrets.token_hex(8),
                address=client_address(scope, visit.headers, self.trusted_proxies),
            )
            become(visit.actor)

    async def _run(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        """A deadlock or serialization failure reruns the handler before anything is sent."""
        replay = _Replay(receive, is_kept=not visit.headers.get("content-type", "").startswith("multipart/"))
        for attempt in range(MAX_RERUNS + 1):
            visit.rerun = False
            held = _Held(send, visit, last=attempt == MAX_RERUNS or not replay.whole)
            await self.app(_fresh(scope), replay.start(), held)
            if not held.dropped:
                return


class _Replay:
    """Hands out the same body again. One over 1 MiB is not kept, nor one with files: such a request is not rerun."""

    def __init__(self, receive: Receive, *, is_kept: bool = True) -> None:
        self._receive, self._kept, self._size, self._is_kept = receive, list[Any](), 0, is_kept

    @property
    def whole(self) -> bool:
        return self._is_kept and self._size <= 1_048_576

    def start(self) -> Receive:
        seen = iter(list(self._kept))

        async def receive() -> Any:
            for message in seen:
                return message
            message = await self._receive()
            if message["type"] == "http.request":
                self._size += len(message.get("body", b""))
                if self.whole:
                    self._kept.append(message)
                else:
                    self._kept.clear()
            return message

        return receive


class _Held:
    """Swallows the answer of a run that asked to be run again."""

    def __init__(self, send: Send, visit: Visit, *, last: bool) -> None:
        self._send, self._visit, self._last, self.dropped = send, visit, last, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.dropped = self._visit.rerun and not self._last
        if not self.dropped:
            await self._send(message)


def _is_for_scripts(path: str) -> bool:
    """Pages take only the browser's session, the API only the bearer token; its reader is a page."""
    parts = [part for part in path.split("/") if part]
    return parts[:1] == ["api"] and parts[1:2] != ["docs"]


def _fresh(scope: Scope) -> Scope:
    """Each run parses the request anew."""
    return cast("Scope", {**scope, "state": dict(scope.get("state") or {})})


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _cookie(header: str, name: str) -> str:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def client_address(scope: Scope, headers: dict[str, str], trusted: tuple[str, ...]) -> str:
    """The peer's, or what a trusted proxy says it was; a header from anybody else is ignored."""
    peer = (scope.get("client") or ("", 0))[0]
    forwarded = headers.get("x-forwarded-for", "")
    if not forwarded or not _is_trusted(peer, trusted):
        return peer[:64]
    for hop in reversed([part.strip() for part in forwarded.split(",")]):
        if not _is_trusted(hop, trusted):
            return hop[:64]
    return peer[:64]


def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(net, strict=False) for net in trusted)
    except ValueError:
        return False


def _dressed(send: Send, *, cacheable: bool) -> Send:
    """Puts the security headers on, and `no-store` on whatever is not a fingerprinted file."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            extra = [(name, value) for name, value in security.HEADERS.items() if name not in present]
            if not cacheable and b"cache-control" not in present:
                extra.append((b"cache-control", security.NO_STORE))
            if not cacheable:
                extra.append((b"vary", b"HX-Request, Cookie, Accept-Language"))
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return dressed


async def _turn_away(visit: Visit, scope: Scope, send: Send) -> None:
    """401 for scripts, the sign-in page for people; the same for every path there is or is not."""
    if visit.unavailable:
        await answer_unavailable(visit.api, send)
        return
    if visit.api:
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"www-authenticate", b"Bearer"),
        ]
        body = b'{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Send a valid bearer token."}'
        await _answer(send, 401, headers, body)
        return
    target = "/sign-in"
    if visit.method == "GET" and not visit.htmx:
        query = scope["query_string"].decode("latin-1")
        target += "?next=" + quote(str(scope["path"]) + (f"?{query}" if query else ""), safe="")
    if visit.htmx:
        await _answer(
            send,
            401,
            [
                (b"hx-redirect", target.encode("latin-1")),
                (b"content-type", b"text/plain"),
            ],
            b"",
        )
        return
    await _answer(
        send,
        303,
        [(b"location", target.encode("latin-1")), (b"content-type", b"text/plain")],
        b"",
    )


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
