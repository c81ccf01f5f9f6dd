"""The company that the oracle watches: who is who in it, and how somebody's act is tried."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor, acting_as
from app.db.session import Database
from app.errors import DomainError
from app.tickets.approving.jobs import directory_changed
from tests.cast import Browser, Company
from tests.secrecy.oracle import ENOUGH, LAST, PAIR, POOL, Oracle

TWO, GROUP, CFO = ("lucas", "elena"), "Finance", "ingrid"
"""Who is asked in each of the steps."""


def drawn(company: Company, definition: dict[str, Any]) -> None:
    """The flow that the oracle knows, in the place of the change board."""
    people, roles = company.cast.people, company.cast.roles
    each = [{"source": "user", "user_id": people[key].id} for key in TWO]
    finance = {"source": "role", "role_id": roles[GROUP].id, "members": "any"}
    two = {"mode": "count", "threshold": ENOUGH, "reject": "veto"}
    cfo = {"source": "user", "user_id": people[CFO].id}
    definition["stages"] = [
        {"steps": [{"key": PAIR, "name": "Two", "mode": "all", "approvers": each}]},
        {"steps": [{"key": POOL, "name": "Two of Finance", "approvers": [finance], **two}]},
        {"steps": [{"key": LAST, "name": "CFO", "mode": "any", "approvers": [cfo]}]},
    ]


@dataclass
class House:
    app: Litestar
    database: Database
    company: Company
    browsers: dict[str, Browser]
    oracle: Oracle
    newest_membership: int
    opened: str = ""
    """The number of a ticket that everybody sees."""
    files: dict[str, int] = field(default_factory=dict)

    def id_of(self, key: str) -> int:
        return self.company.cast[key].id

    def key_of(self, user_id: int | None) -> str:
        return next(key for key, user in self.company.cast.people.items() if user.id == user_id)

    def role_id(self, name: str) -> int:
        return self.company.cast.roles[name].id

    async def begin(self) -> None:
        """As on the first day, and what was asked before is gone."""
        async with self.database.in_its_own() as session:
            for statement in AS_ON_THE_FIRST_DAY:
                known = {"opened": self.opened, "newest": self.newest_membership}
                await session.execute(text(statement), {k: v for k, v in known.items() if f":{k}" in statement})
        self.files.clear()

    async def act_as(self, key: str, act: Callable[[AsyncSession, Actor], Awaitable[Any]]) -> Any:
        """None: the product refuses it, and nothing has happened."""
        actor = await self.browsers[key].recogniser.by_session(self.browsers[key].session_token)
        if actor is None:
            return None
        try:
            with acting_as(actor):
                async with self.database.in_its_own() as session:
                    return await act(session, actor) or True
        except DomainError:
            return None

    async def settle(self, *keys: str) -> None:
        """What the worker does with each change of the directory."""
        for key in keys:
            await directory_changed(self.database, {"user_id": self.id_of(key)})


SIGNED_IN_AGAIN = (
    "UPDATE ticket.sessions SET ended_at = NULL WHERE ended_at IS NOT NULL",
    "UPDATE ticket.access_tokens SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
)
AS_ON_THE_FIRST_DAY = (
    *SIGNED_IN_AGAIN,
    "UPDATE ticket.users SET deactivated_at = NULL WHERE deactivated_at IS NOT NULL",
    "UPDATE ticket.roles SET archived_at = NULL WHERE archived_at IS NOT NULL",
    "UPDATE ticket.approval_proxies SET revoked_at = now() WHERE revoked_at IS NULL",
    "UPDATE ticket.user_roles SET deleted_at = now() WHERE deleted_at IS NULL AND id > :newest",
    "UPDATE ticket.user_roles SET deleted_at = NULL WHERE deleted_at IS NOT NULL AND id <= :newest",
    "UPDATE ticket.tickets SET deleted_at = now() WHERE deleted_at IS NULL AND ticket_no <> :opened",
)
