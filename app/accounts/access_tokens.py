"""Bearer tokens that a person makes for their own scripts: shown once, listed, revoked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import events, session_repository, tokens
from app.accounts.models import AccessToken
from app.activity.log import ActivityLog
from app.actor import Actor
from app.clock import utc_now
from app.errors import NotFound, NotPossible

LONGEST_DAYS, MOST = 365, 50


class AccessTokens:
    """Of the actor, and of nobody else: a token can do what its owner can at that moment."""

    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def all(self) -> Sequence[AccessToken]:
        return await session_repository.live_tokens(self.session, self.actor.id)

    async def create(self, secret_key: str, *, name: str, lifetime: timedelta) -> str:
        """The JWT; nobody can read it again."""
        if len(await self.all()) >= MOST:
            raise NotPossible("There are 50 tokens already. Revoke one that is not needed any more.")
        return await self.issue(secret_key, name=name, lifetime=lifetime)

    async def issue(self, secret_key: str, *, name: str, lifetime: timedelta, by_password: bool = False) -> str:
        """Without a limit: for whoever signs in with a password, whose tokens are short-lived."""
        now = utc_now()
        row = AccessToken(jti=tokens.new_jti(), user_id=self.actor.id, name=name, expires_at=now + lifetime)
        self.session.add(row)
        await self.session.flush()
        await self.activity.audit(events.TOKEN_CREATED, row, name=name, expires_at=_iso(row.expires_at))
        return tokens.sign(
            secret_key, user_id=self.actor.id, jti=row.jti, now=now, expires_at=row.expires_at, by_password=by_password
        )

    async def revoke(self, token_id: int) -> None:
        row = await session_repository.live_token(self.session, user_id=self.actor.id, token_id=token_id)
        if row is None:
            raise NotFound
        row.revoked_at = utc_now()
        await self.session.flush()
        await self.activity.audit(events.TOKEN_REVOKED, row, name=row.name)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
