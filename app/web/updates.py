"""What a live page hears: that a part of what its reader sees is no longer as it was, and never what it is now.

An event's id is what the reader's parts looked like, each as a keyed hash. It rests on nothing that anybody shares, and
whoever comes back with it hears of every part that differs by then: nothing is missed, and nothing has to be kept.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress

from app.web.hub import Hub, Place

States = Mapping[str, str]
"""By part of the page: what it looks like to its reader."""
Look = Callable[[Place], Awaitable[States | None]]
"""None: there is nobody to tell any more, or they may not see the ticket any more."""

ALIVE_EVERY = 15.0
COME_BACK_AFTER = 2_000
_ID = re.compile(r"[a-z]{1,12}~[\w-]{16}(\.[a-z]{1,12}~[\w-]{16}){0,5}", re.ASCII)
logger = logging.getLogger(__name__)


def seal(secret: str, session_token: str, states: States) -> str:
    """As an event's id, and as what a fresh page says it has seen."""
    return ".".join(f"{part}~{_sealed(secret, session_token, part, state)}" for part, state in sorted(states.items()))


def _sealed(secret: str, session_token: str, part: str, state: str) -> str:
    told = f"{part}\n{session_token}\n{state}".encode()
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()[:12]).decode()


def seen_before(text: str | None) -> dict[str, str]:
    """What is not one of our ids has seen nothing."""
    if not text or not _ID.fullmatch(text):
        return {}
    return {part: sealed for part, _, sealed in (one.partition("~") for one in text.split("."))}


async def stream(hub: Hub, place: Place, look: Look, *, secret: str, since: str | None) -> AsyncIterator[bytes]:
    """Holds no connection to the database while nothing happens."""
    known = seen_before(since)
    async with hub.stay(place):
        yield f"retry: {COME_BACK_AFTER}\n\n".encode()
        while not place.is_over:
            place.news.clear()
            states = await _looked(look, place)
            if states is None:
                return
            sealed = seal(secret, place.token, states)
            now = seen_before(sealed)
            if changed := sorted(part for part in now if known.get(part) != now[part]):
                yield f"event: changed\nid: {sealed}\ndata: {' '.join(changed)}\n\n".encode()
            known = now
            async for sign in _until_news(hub, place):
                yield sign


async def _looked(look: Look, place: Place) -> States | None:
    """Where the database is away the page comes back by itself, with what it has seen."""
    try:
        return await look(place)
    except Exception:
        logger.exception("a live page could not be told; it will come back")
        return None


async def _until_news(hub: Hub, place: Place) -> AsyncIterator[bytes]:
    """First a rest, in which much that happens becomes one event; then signs of life."""
    with suppress(TimeoutError):
        async with asyncio.timeout(hub.rest):
            await place.over.wait()
    while not place.news.is_set():
        try:
            async with asyncio.timeout(ALIVE_EVERY):
                await place.news.wait()
        except TimeoutError:
            yield b": here\n\n"
