"""The product as people meet it: served for real, each person at a browser of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from app.accounts.models import BrowserSession, User
from app.accounts.recognise import hashed
from app.activity.dispatch import look
from app.actor import SYSTEM, Actor, acting_as
from app.clock import utc_now
from app.db.session import Database
from app.notifications import reader
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import Rules
from app.seeds.teller import actor_by_email
from tests.cast import Company, furnish, hire
from tests.database import WorkersDatabase
from tests.serving import serving

assert reader, "the bell rings for what the dispatcher finds"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What Chromium itself says of an answer that refuses; everything else on the console is a fault."""


@dataclass(frozen=True)
class Somebody:
    """One of the cast for the steps of `tests.story`, which are taken behind the pages."""

    user: User
    database: Database

    @property
    def id(self) -> int:
        return self.user.id

    async def actor(self) -> Actor:
        async with self.database.session() as session:
            return await actor_by_email(session, self.user.email)


@dataclass
class Site:
    url: str
    chromium: Any
    database: Database
    company: Company
    said: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    async def browser(self, key: str | None, **look: Any) -> Any:
        """A page of a fresh browser; `key` says who is signed in there."""
        context = await self.chromium.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **look})
        self.contexts.append(context)
        context.set_default_timeout(30_000)
        context.on("console", self._heard)
        context.on("weberror", lambda fault: self.said.append(str(fault.error)))
        if key:
            await context.add_cookies([{"name": "countersign", "value": token_of(key), "url": self.url}])
        return await context.new_page()

    def who(self, key: str) -> Any:
        return Somebody(self.company.cast[key], self.database)

    def _heard(self, message: Any) -> None:
        if not message.text.startswith(REFUSED):
            self.said.append(f"{message.page.url if message.page else ''}: {message.text}")

    async def shown(self) -> str:
        """What is on every open page, for whoever reads why a journey failed."""
        pages = [page for context in self.contexts for page in context.pages]
        return "\n\n".join([f"{page.url}\n{await page.locator('body').inner_text()}" for page in pages] + self.said)

    async def dispatch(self) -> None:
        """Everything that waits is told, also what a decision holds back for its undo."""
        async with self.database.in_its_own() as session:
            await session.execute(text("UPDATE ticket.outbox SET not_before = NULL WHERE dispatched_at IS NULL"))
        while await look(self.database):
            pass

    async def close_browsers(self) -> None:
        for context in self.contexts:
            await context.close()
        self.contexts.clear()
        self.said.clear()

    async def value(self, statement: str, **values: Any) -> Any:
        async with self.database.session() as session:
            return (await session.execute(text(statement), values)).scalar()


def token_of(key: str) -> str:
    return f"token-of-{key}"


@asynccontextmanager
async def open_site(empty: WorkersDatabase, chromium: Any) -> AsyncIterator[Site]:
    database = Database(empty.app_url)
    with acting_as(SYSTEM):
        async with database.session() as session:
            company = await furnish(session, await hire(session))
        async with database.in_its_own() as session:
            await add_ready_rules(Rules(session, SYSTEM))
            later = utc_now() + timedelta(hours=1)
            for key, user in company.cast.people.items():
                secret = hashed(token_of(key))
                session.add(BrowserSession(token_sha256=secret, user_id=user.id, seen_at=utc_now(), expires_at=later))
    async with serving(empty.app_url) as url:
        site = Site(url, chromium, database, company)
        try:
            yield site
        finally:
            await site.close_browsers()
    await database.close()
