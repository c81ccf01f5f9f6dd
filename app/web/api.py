"""What every call of the API has in common: commands that are repeated safely, versions, lists, answers."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from litestar import Request, Response
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.errors import DomainError, Refused, Stale
from app.web.forms import MAX_ID, clean
from app.web.guards import access
from app.web.i18n import gettext as _
from app.web.paging import is_cursor

AnyRequest = Request[Any, Any, Any]
Json = Response[bytes]
Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Moment = Annotated[datetime, Meta(tz=True)]
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 100
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_LIMIT = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


class Named(Struct):
    """A person or a role, as everybody may know them."""

    id: int
    name: str


class Sent(Struct, forbid_unknown_fields=True):
    """Base of every body: what nobody would read is refused."""


class Versioned(Protocol):
    """A ticket, locked."""

    @property
    def id(self) -> int: ...

    @property
    def version(self) -> int: ...


class ConditionMissing(DomainError):
    status_code = 428


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the address, as the OpenAPI file tells it."""

    name: str
    about: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    several: bool = False


LIMIT = Query("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50})
CURSOR = Query("cursor", "Where the page before ended: its `next_cursor`.")
PAGED = (LIMIT, CURSOR)


class FILE:
    """In place of a shape: bytes. Taken as the part `file` of a form, given as they are."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What the OpenAPI file says about one call; `refuses` are the statuses beyond those every call has."""

    summary: str
    takes: Any = None
    gives: Any = None
    status: int = 200
    query: tuple[Query, ...] = ()
    refuses: tuple[int, ...] = ()


def described(summary: str, *, may: str = "", more: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    """`@get("/…", **described("One ticket", gives=TicketOut))`; `may`: another access class than the controller's.

    Every answer names its status itself.
    """
    opt = {"operation": Operation(summary, **said)} | (access(may) if may else {}) | (more or {})
    return {"opt": opt, "status_code": 200}


@dataclass(frozen=True, slots=True)
class Command:
    """`known` is the first answer to this key, for whoever sends it again."""

    book: Any
    key: str
    known: Json | None = None

    async def keep(self, answer: Json) -> Json:
        if self.key:
            headers = {name: value for name, value in answer.headers.items() if name in {"etag", "location"}}
            told = {"status": answer.status_code, "headers": headers, "body": (answer.content or b"").decode()}
            await self.book.keep_answer(self.key, told | {"type": str(answer.media_type)})
        return answer


async def begin(
    request: AnyRequest, db: AsyncSession, actor: Actor, ticket: Versioned | None = None, *, must_match: bool = False,
    body_sha: str = "",
) -> Command:  # fmt: skip
    """After what it is about was found and locked: the key first, then the version (approvals.md, rule 13).

    `body_sha` is given where the body was read as a stream.
    """
    key = _key_of(request)
    book = request.app.state.command_book(db, actor)
    if key:
        stored = await book.first_answer(
            key, kind=f"{request.method} {request.url.path}"[:60], request_sha=await _sha256(request, body_sha),
            ticket_id=ticket.id if ticket else None,
        )  # fmt: skip
        if stored:
            return Command(book, key, _again(stored))
    if ticket is not None:
        _insist_on_version(request, ticket.version, must_match=must_match)
    return Command(book, key)


def _key_of(request: AnyRequest) -> str:
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key is not None and not _KEY.fullmatch(key):
        raise Refused(_("An Idempotency-Key has 1 to 128 visible characters."))
    return key or ""


async def _sha256(request: AnyRequest, body_sha: str) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode("utf-8", "replace")
    return hashlib.sha256(head + (body_sha.encode() or await request.body())).hexdigest()


def _again(stored: dict[str, Any]) -> Json:
    return Response(
        stored["body"].encode(), status_code=stored["status"], headers=stored["headers"], media_type=stored["type"]
    )


def _insist_on_version(request: AnyRequest, version: int, *, must_match: bool) -> None:
    wanted = request.headers.get("if-match")
    if wanted is None:
        if must_match:
            raise ConditionMissing(_("Send the version that you saw: If-Match with the ticket's ETag."))
        return
    _insist_on_match(request, etag(version), version=version)


def _insist_on_match(request: AnyRequest, tag: str, **told: Any) -> None:
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted.strip() != "*" and tag not in [part.strip() for part in wanted.split(",")]:
        raise Stale(_("Somebody changed this since you read it."), **told)


def insist_unchanged(request: AnyRequest, now: Any) -> None:
    """`If-Match` of what has no version: its ETag names what it says. `now` is the shape, of a row that is locked."""
    _insist_on_match(request, tag_of(now))


def tag_of(content: Any) -> str:
    return f'"{hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:32]}"'


def etag(version: int) -> str:
    return f'"{version}"'


def tagged(content: Any, *, status: int = 200, location: str = "") -> Json:
    """With an ETag by what it says, for the next `If-Match`."""
    made = answer(content, status=status, location=location)
    made.headers["etag"] = tag_of(content)
    return made


def answer(content: Any, *, status: int = 200, version: int | None = None, location: str = "") -> Json:
    headers = ({"etag": etag(version)} if version is not None else {}) | ({"location": location} if location else {})
    return Response(
        msgspec.json.encode(content), status_code=status, headers=headers, media_type="application/json"
    )  # fmt: skip


def nothing(*, version: int | None = None) -> Json:
    headers = {"etag": etag(version)} if version is not None else {}
    return Response(b"", status_code=204, headers=headers, media_type="application/json")


def query_of(request: AnyRequest, allowed: Iterable[Query] = ()) -> dict[str, str]:
    """Unknown parameters are refused, as unknown fields are; of several the last counts.

    A broken cursor is refused too: a page may begin again for who looks at it, not for a script that goes on and on.
    """
    names = {one.name for one in allowed}
    unknown = {name: _("This is not known here.") for name in request.query_params if name not in names}
    if unknown:
        raise Refused(_("There is no such parameter."), {name[:80]: said for name, said in unknown.items()})
    several = {one.name for one in allowed if one.several}
    found = {name: values for name, values in request.query_params.dict().items() if name not in several}
    if twice := [name for name, values in found.items() if len(values) > 1]:
        raise Refused(_("A parameter is given twice."), {name: _("Give it once.") for name in twice})
    if found.get("cursor", [""])[-1] and not is_cursor(found["cursor"][-1]):
        raise Refused.at("cursor", _("Give the next_cursor of the page before as it is."))
    return {name: values[-1] for name, values in found.items()}


def limit_of(request: AnyRequest) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not _LIMIT.fullmatch(text) or int(text) > LARGEST_LIMIT:
        raise Refused.at("limit", _("From 1 to 100."))
    return int(text)


def cleaned(name: str, text: str, *, limit: int, multiline: bool = False, required: bool = True) -> str:
    """As the form door does it: NFC, no characters that hide or break text."""
    try:
        value = clean(text, multiline=multiline)
    except ValueError as error:
        raise Refused.at(name, str(error)) from error
    if required and not value:
        raise Refused.at(name, _("Fill this in."))
    if len(value) > limit:
        raise Refused.at(
            name, _("At most %(limit)d characters, this has %(length)d.") % {"limit": limit, "length": len(value)}
        )
    return value


def within_years(name: str, at: datetime | None) -> datetime | None:
    if at is not None and not 2000 <= at.year <= 2200:
        raise Refused.at(name, _("A year from 2000 to 2200."))
    return at
