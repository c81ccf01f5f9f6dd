"""What a script sends: JSON read strictly and in bounded time; whatever is wrong with it is the sender's to hear."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from litestar import Request

from app.errors import DomainError, Refused
from app.web.i18n import gettext as _

Shape = TypeVar("Shape")
MAX_DEPTH = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_AT = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"(?:unknown|missing required) field `(?P<name>[^`]*)`")


class Malformed(DomainError):
    """No JSON that anybody could mean."""

    status_code = 400


class NotJson(DomainError):
    status_code = 415


async def read(request: Request[Any, Any, Any], shape: type[Shape]) -> Shape:
    """The body as `shape` says; unknown fields are refused where the shape forbids them."""
    return convert(await read_any(request), shape)


async def read_object(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """A definition, whose own reader finds every mistake in it."""
    return convert(await read_any(request), dict[str, Any])


async def read_any(request: Request[Any, Any, Any]) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise NotJson(_("Send JSON, with the content type application/json."))
    return parse(await request.body())


def parse(raw: bytes) -> Any:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not valid UTF-8.")) from error
    if not text.strip():
        raise Malformed(_("The body is empty. Send a JSON object."))
    _insist_on_depth(text)
    try:
        sent = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Malformed(_("The body is not valid JSON.")) from error
    _insist_on_storable(sent)
    return sent


def convert(sent: Any, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(sent, shape, strict=True)
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from error


def _refused(told: str) -> Refused:
    """msgspec says `Object contains unknown field `x` - at `$.y``; our errors are by field: `y.x`."""
    parts = _AT.fullmatch(told)
    what, path = (parts["what"], parts["path"] or "$") if parts else (told, "$")
    named = _FIELD.search(what)
    places = [path.removeprefix("$").lstrip("."), named["name"] if named else ""]
    place = ".".join(part for part in places if part)[:120] or "body"
    sentence = _("This is not known here.") if "unknown field" in what else _("Fill this in.") if named else what
    return Refused(_("Something in the body is not as it should be."), {place: sentence})


def _insist_on_depth(text: str) -> None:
    """Before parsing: a parser that recurses would not come back from 100,000 levels."""
    depth = 0
    for sign in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed(_("The body is nested too deeply: at most %(depth)d levels.") % {"depth": MAX_DEPTH})


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed(_("A name stands twice in one object of the body."))
    return found


def _no_number(_text: str) -> Any:
    raise Malformed(_("NaN and Infinity are not JSON."))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Malformed(_("A number in the body is too large."))
    return number


def _insist_on_storable(sent: Any) -> None:
    waiting = [sent]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if _UNSTORABLE.search(value):
                raise Refused(_("The body contains characters that cannot be stored."))
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
