"""The first answer to a command, for whoever sends it again: a double click or a retry has one effect.

Asked after the ticket is locked and seen, so that nobody gets a stored answer about what they may no longer see.
"""

import hashlib
import uuid
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.chain import canonical
from app.actor import Actor
from app.clock import utc_now
from app.db.constants import given, moment, plain_write, table_of
from app.errors import Refused
from app.tickets.models import CommandLog

_NAMESPACE = uuid.UUID("6c1f5c1e-6f1b-4e0e-9c86-1a3a3f5b7a11")


def command_id_of(key: str) -> str:
    """A form's hidden uuid, or an API's `Idempotency-Key`, as one uuid."""
    return str(uuid.uuid5(_NAMESPACE, key))


def request_sha256(method: str, path: str, body: Any) -> str:
    return hashlib.sha256(canonical([method, path, body]).encode()).hexdigest()


_TABLE = table_of(CommandLog)
_ADD = plain_write(
    insert(_TABLE)
    .values(
        actor_id=given("actor"), command_id=bindparam("key"), ticket_id=given("ticket"), kind=bindparam("of"),
        request_sha256=bindparam("sha"), at=moment("now"),
    )
    .on_conflict_do_nothing()
    .returning(_TABLE.c.id)
)  # fmt: skip


_KEEP = plain_write(
    update(_TABLE)
    .where(_TABLE.c.actor_id == given("actor"), _TABLE.c.command_id == bindparam("key"))
    .values(result=bindparam("answer", type_=_TABLE.c.result.type))
)


class CommandBook:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def first_answer(
        self, key: str, *, kind: str, request_sha: str, ticket_id: int | None = None
    ) -> dict[str, Any] | None:
        """None: it is new and now noted in this transaction. The same key with another request is refused."""
        command_id = command_id_of(key)
        asked = {"actor": self.actor.id, "key": command_id, "ticket": ticket_id, "of": kind, "sha": request_sha}
        if (await self.session.execute(_ADD, {**asked, "now": utc_now()})).scalar() is not None:
            return None
        query = select(CommandLog.request_sha256, CommandLog.result).filter_by(
            actor_id=self.actor.id, command_id=command_id
        )
        known = (await self.session.execute(query)).one()
        if known.request_sha256 != request_sha:
            raise Refused("This key was already used for another request.")
        return known.result or {}

    async def knows(self, key: str) -> bool:
        """Whether this person's command was carried out already."""
        query = select(CommandLog.id).filter_by(actor_id=self.actor.id, command_id=command_id_of(key))
        return (await self.session.execute(query)).first() is not None

    async def keep_answer(self, key: str, result: dict[str, Any]) -> None:
        await self.session.execute(_KEEP, {"actor": self.actor.id, "key": command_id_of(key), "answer": result})
