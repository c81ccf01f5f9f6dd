"""Answers with the bytes of a file that somebody else brought here: never a page of this site."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

CONTENT_POLICY = "default-src 'none'; sandbox; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Even opened on its own it runs nothing and reads nothing."""
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
Read = Callable[[int, int], AsyncIterator[bytes]]
"""Of so many bytes from there on."""


@dataclass(frozen=True, slots=True)
class Sendable:
    name: str
    mime_type: str
    size: int
    sha256: str
    may_be_inline: bool
    read: Read


def send(request: Request[Any, Any, Any], file: Sendable) -> Response[Any]:
    """All of it, the part that was asked for, or only that nothing has changed."""
    headers = _headers(request, file)
    if _is_known(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(b"", status_code=304, headers=headers, media_type=file.mime_type)
    wanted = _part(request, file, headers["etag"])
    if wanted is None:
        headers["content-range"] = f"bytes */{file.size}"
        return Response(b"", status_code=416, headers=headers, media_type=file.mime_type)
    start, length = wanted
    is_part = length < file.size
    if is_part:
        headers["content-range"] = f"bytes {start}-{start + length - 1}/{file.size}"
    headers["content-length"] = str(length)
    status = 206 if is_part else 200
    return Stream(file.read(start, length), status_code=status, headers=headers, media_type=file.mime_type)


def _headers(request: Request[Any, Any, Any], file: Sendable) -> dict[str, str]:
    is_inline = file.may_be_inline and "download" not in request.query_params
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", file.name)
    kind = "inline" if is_inline else "attachment"
    return {
        "content-disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "content-security-policy": CONTENT_POLICY,
        "x-content-type-options": "nosniff",
        "etag": f'"{file.sha256}"',
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
    }


def _is_known(given: str, etag: str) -> bool:
    return given.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in given.split(",")]


def _part(request: Request[Any, Any, Any], file: Sendable, etag: str) -> tuple[int, int] | None:
    """(start, length); None where there is no such part. Several ranges at once are answered with all of it."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if_range = request.headers.get("if-range", etag)
    if found is None or found.groups() == ("", "") or if_range != etag:
        return 0, file.size
    first, last = found.groups()
    if first == "":
        length = min(int(last), file.size)
        return (file.size - length, length) if length else None
    start, end = int(first), min(int(last or file.size - 1), file.size - 1)
    return (start, end - start + 1) if start <= end else None
