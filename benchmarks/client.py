"""A browser without eyes: HTTP over one kept connection, with the cookie and token of whoever is signed in."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from benchmarks.company import Visitor


@dataclass(frozen=True, slots=True)
class Request:
    """`form` makes it a POST; `htmx` asks for what replaces a part of the page."""

    who: Visitor
    path: str
    form: Mapping[str, str] | None = None
    htmx: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: Request, *, encoding: str = "br") -> Answer:
        self._writer.write(_message(request, encoding))
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split()[1]), body)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def _message(request: Request, encoding: str) -> bytes:
    lines = [
        f"{'GET' if request.form is None else 'POST'} {request.path} HTTP/1.1", "host: 127.0.0.1",
        f"cookie: countersign={request.who.token}", f"accept-encoding: {encoding}", "accept: text/html",
        "user-agent: benchmark", "sec-fetch-site: same-origin",
    ]  # fmt: skip
    if request.htmx:
        lines += ["hx-request: true", "hx-request-type: partial"]
    body = b""
    if request.form is not None:
        body = urlencode({**request.form, "_csrf": request.who.csrf}).encode()
        lines += ["content-type: application/x-www-form-urlencoded", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
