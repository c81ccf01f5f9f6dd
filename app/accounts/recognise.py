"""From a cookie or a bearer token to the person, their roles and whom they stand in for, in one query."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import tokens
from app.actor import Actor, Channel
from app.clock import utc_now
from app.db.master_data import MARK_HERE
from app.db.session import Database

_PERSON = """
    SELECT u.id, u.name, u.email, u.title, u.locale, u.time_zone, u.theme, u.density, u.single_keys,
           coalesce(array_agg(r.id) FILTER (WHERE r.id IS NOT NULL), '{{}}') AS role_ids,
           coalesce(string_agg(array_to_string(r.capabilities, ','), ','), '') AS capabilities,
           ARRAY(SELECT p.principal_id FROM ticket.approval_proxies p
                 JOIN ticket.users w ON w.id = p.principal_id AND w.deactivated_at IS NULL AND w.deleted_at IS NULL
                 WHERE p.proxy_id = u.id AND p.revoked_at IS NULL AND p.deleted_at IS NULL
                   AND p.starts_at <= now() AND p.ends_at > now()) AS principal_ids,
           {extra}
    FROM {source} JOIN ticket.users u ON u.id = s.user_id AND u.deactivated_at IS NULL AND u.deleted_at IS NULL
    LEFT JOIN ticket.user_roles ur ON ur.user_id = u.id AND ur.deleted_at IS NULL
    LEFT JOIN ticket.roles r ON r.id = ur.role_id AND r.deleted_at IS NULL AND r.archived_at IS NULL
    WHERE {condition} GROUP BY u.id, {group}
"""
_MARK = f"(SELECT {MARK_HERE} FROM ticket.master_data_mark) AS master_data"  # noqa: S608  (ours)
_BY_SESSION = _PERSON.format(
    extra=f"{_MARK}, s.id AS session_id, s.seen_at, s.signed_in_at",
    source="ticket.sessions s",
    condition="s.token_sha256 = $1 AND s.ended_at IS NULL AND s.expires_at > now()",
    group="s.id, s.seen_at, s.signed_in_at",
)
_BY_SESSIONS = _PERSON.format(
    extra="s.token_sha256",
    source="ticket.sessions s",
    condition="s.token_sha256 = ANY($1) AND s.ended_at IS NULL AND s.expires_at > now()",
    group="s.id, s.token_sha256",
)
_BY_TOKEN = _PERSON.format(
    extra=f"{_MARK}, s.id AS token_id",
    source="ticket.access_tokens s",
    condition="s.user_id = $1 AND s.jti = $2 AND s.revoked_at IS NULL AND s.deleted_at IS NULL"
    " AND s.expires_at > now()",
    group="s.id",
)
_BY_ID = text(
    _PERSON.format(
        extra="u.id AS user_id",
        source="(SELECT CAST(:user_id AS bigint) AS user_id) s",
        condition="true",
        group="s.user_id",
    )
)
_SEEN = text("UPDATE ticket.sessions SET seen_at = now() WHERE id = :id")
SEEN_EVERY = timedelta(minutes=5)


def hashed(session_token: str) -> bytes:
    return hashlib.sha256(session_token.encode("utf-8", "replace")).digest()


class Recogniser:
    """Rights are read at each request: a change holds from the next one on (promises.md, A7)."""

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database, self._secret_key = database, secret_key

    async def by_session(self, session_token: str) -> Actor | None:
        if len(session_token) > 200:
            return None
        row = next(iter(await self._database.fetch(_BY_SESSION, hashed(session_token))), None)
        if row and utc_now() - row["seen_at"] > SEEN_EVERY:
            async with self._database.in_its_own() as session:
                await session.execute(_SEEN, {"id": row["session_id"]})
        return _actor(row, signed_in_at=row["signed_in_at"]) if row else None

    async def by_sessions(self, session_tokens: Iterable[str]) -> dict[str, Actor]:
        """All who are still signed in, in one query."""
        by_secret = {hashed(token): token for token in session_tokens}
        rows = await self._database.fetch(_BY_SESSIONS, list(by_secret))
        return {by_secret[bytes(row["token_sha256"])]: _actor(row) for row in rows}

    async def by_bearer(self, token: str) -> Actor | None:
        known = tokens.read(self._secret_key, token)
        if known is None:
            return None
        row = next(iter(await self._database.fetch(_BY_TOKEN, known.user_id, known.jti)), None)
        return _actor(row, token_id=row["token_id"], signed_in_at=known.signed_in_at) if row else None


async def person_acting(session: AsyncSession, user_id: int) -> Actor | None:
    """For what goes on without them: their rights as they are now; nobody where they are not here any more."""
    row = (await session.execute(_BY_ID, {"user_id": user_id})).mappings().first()
    return replace(_actor(row), channel=Channel.JOB) if row else None


def _actor(row: Any, *, token_id: int | None = None, signed_in_at: datetime | None = None) -> Actor:
    return Actor(
        id=row["id"], name=row["name"], email=row["email"], title=row["title"], locale=row["locale"],
        time_zone=row["time_zone"], theme=row["theme"], density=row["density"], single_keys=row["single_keys"],
        role_ids=frozenset(row["role_ids"]), capabilities=frozenset(filter(None, row["capabilities"].split(","))),
        principal_ids=frozenset(row["principal_ids"]), token_id=token_id, signed_in_at=signed_in_at,
        master_data=row.get("master_data", ""),
    )  # fmt: skip
