"""The open streams of this process, and the one connection on which it hears that something has changed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from app.actor import Actor
from app.db.session import Database
from app.errors import TooMany

CHANNEL = "countersign_events"
"""The dispatcher speaks on it, once a batch (app/activity/dispatch.py)."""
PRESENCE = "countersign_presence"
"""A ticket's number where somebody came or went: it concerns only the pages that show that ticket."""
HERE = "here"
"""The part of a page that shows who else is there: whoever asks for it is shown to the others."""
ATTEND_EVERY, ATTEND_PAUSE = 10.0, 0.3
LOOK_AGAIN_EVERY = 3.0
"""So often every stream's session and rights are compared: five seconds after they end, so has the stream."""
MOST_PER_PERSON = 12
PAUSE = 1.0
STREAMS_A_SECOND = 200
"""With more of them open, each rests longer between two looks, so that a busy day costs no more than that many."""
logger = logging.getLogger(__name__)

WhoIs = Callable[[Iterable[str]], Awaitable[Mapping[str, Actor]]]
Here = tuple[int, int]
"""(ticket, person)"""
Attend = Callable[[Collection[Here], Collection[Here], Collection[Here]], Awaitable[None]]
"""Told who is here, and of them who came and who has left since it was told last."""


@dataclass(eq=False, slots=True)
class Place:
    """One open page: whose, with which session, and on which ticket."""

    token: str
    actor: Actor
    ticket_id: int | None = None
    parts: frozenset[str] = frozenset()
    """Of the page, beside the menu, which every page has."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        return self.over.is_set()

    def end(self) -> None:
        self.over.set()
        self.news.set()


class Hub:
    """Idle, it costs one connection a process and one query every three seconds, however many streams are open; while
    tickets are shown, one statement every ten seconds more."""

    def __init__(self, database: Database, who_is: WhoIs, attend: Attend) -> None:
        self._database, self._who_is, self._attend = database, who_is, attend
        self._places: set[Place] = set()
        self._moved = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._places)

    @property
    def rest(self) -> float:
        return max(PAUSE, len(self._places) / STREAMS_A_SECOND)

    def insist_on_room(self, user_id: int) -> None:
        if sum(place.actor.id == user_id for place in self._places) >= MOST_PER_PERSON:
            raise TooMany("Too many of your pages are open at once.")

    @asynccontextmanager
    async def stay(self, place: Place) -> AsyncIterator[Place]:
        if self._is_closed:
            place.end()
        self._start()
        self._places.add(place)
        self._moved.set()
        try:
            yield place
        finally:
            self._places.discard(place)
            self._moved.set()

    def heard(self) -> None:
        """Something has changed; whether for this reader is found out by looking with their eyes."""
        for place in self._places:
            place.news.set()

    def stirred(self, ticket: str) -> None:
        """Somebody came to this ticket or left it."""
        for place in self._places:
            if HERE in place.parts and str(place.ticket_id) == ticket:
                place.news.set()

    def end(self) -> None:
        """The process is about to stop: pages come back to another, or to this one when it is there again."""
        self._is_closed = True
        for place in self._places:
            place.end()

    async def close(self) -> None:
        self.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _start(self) -> None:
        """With the first stream: a process that shows no page listens to nothing."""
        if not self._tasks and not self._is_closed:
            again = (
                (self._listen, "the connection for live pages"),
                (self._look_again, "the look at live pages"),
                (self._keep_attending, "the list of who is here"),
            )
            self._tasks = [asyncio.create_task(_kept_going(work, name)) for work, name in again]

    async def _listen(self) -> None:
        lost = asyncio.Event()
        async with self._database.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            raw.add_termination_listener(lambda _: lost.set())
            await raw.add_listener(CHANNEL, lambda *_: self.heard())
            await raw.add_listener(PRESENCE, lambda *told: self.stirred(told[-1]))
            try:
                self.heard()
                await lost.wait()
            finally:
                await connection.invalidate()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_EVERY)
            places = list(self._places)
            known = await self._who_is({place.token for place in places}) if places else {}
            for place in places:
                if not _same_rights(place.actor, known.get(place.token)):
                    place.end()

    async def _keep_attending(self) -> None:
        """One statement for all pages; while nobody shows a ticket there is nothing to say."""
        known = set[Here]()
        while True:
            # not `asyncio.wait_for`: Python 3.11 swallows its being called off in the turn in which a page goes
            with suppress(TimeoutError):
                async with asyncio.timeout(ATTEND_EVERY):
                    await self._moved.wait()
            self._moved.clear()
            here = {
                (place.ticket_id, place.actor.id) for place in self._places if place.ticket_id and HERE in place.parts
            }
            if here or known:
                await self._attend(here, here - known, known - here)
            known = here
            await asyncio.sleep(ATTEND_PAUSE)


def _same_rights(before: Actor, now: Actor | None) -> bool:
    """Whoever's rights have changed begins anew, with what they may see now."""
    return now is not None and (before.role_ids, before.capabilities, before.principal_ids) == (
        now.role_ids, now.capabilities, now.principal_ids,
    )  # fmt: skip


async def _kept_going(work: Callable[[], Awaitable[None]], name: str) -> None:
    """Begun again when it fails; the pause grows while the database is away."""
    pause = PAUSE
    while True:
        try:
            await work()
            pause = PAUSE
        except Exception:
            logger.exception("%s failed; it will be begun again", name)
            pause = min(pause * 2, 10.0)
        await asyncio.sleep(pause)
