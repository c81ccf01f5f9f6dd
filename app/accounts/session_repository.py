"""Queries on browser sessions, access tokens and failed attempts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import AccessToken, BrowserSession, SignInFailure
from app.actor import current_actor
from app.clock import utc_now


async def open_sessions(session: AsyncSession, user_id: int) -> Sequence[BrowserSession]:
    query = select(BrowserSession).where(
        BrowserSession.user_id == user_id, BrowserSession.ended_at.is_(None), BrowserSession.expires_at > func.now()
    )
    return (await session.execute(query.order_by(BrowserSession.seen_at.desc()).limit(200))).scalars().all()


async def end(
    session: AsyncSession,
    *,
    user_id: int,
    session_id: int | None = None,
    token_sha256: bytes | None = None,
    but_sha256: bytes | None = None,
) -> int:
    """How many were ended: this one, all but that one, or all."""
    query = update(BrowserSession).where(BrowserSession.user_id == user_id, BrowserSession.ended_at.is_(None))
    if session_id is not None:
        query = query.where(BrowserSession.id == session_id)
    if token_sha256 is not None:
        query = query.where(BrowserSession.token_sha256 == token_sha256)
    if but_sha256 is not None:
        query = query.where(BrowserSession.token_sha256 != but_sha256)
    return _number(await session.execute(query.values(ended_at=utc_now())))


async def signed_in_again(session: AsyncSession, *, user_id: int, token_sha256: bytes) -> datetime | None:
    """None where the session has ended meanwhile."""
    query = update(BrowserSession).where(BrowserSession.user_id == user_id, BrowserSession.ended_at.is_(None))
    query = query.where(BrowserSession.token_sha256 == token_sha256).values(signed_in_at=utc_now())
    return (await session.execute(query.returning(BrowserSession.signed_in_at))).scalar()


async def live_tokens(session: AsyncSession, user_id: int) -> Sequence[AccessToken]:
    query = select(AccessToken).where(
        AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > func.now()
    )
    return (await session.execute(query.order_by(AccessToken.created_at.desc()).limit(200))).scalars().all()


async def live_token(session: AsyncSession, *, user_id: int, token_id: int) -> AccessToken | None:
    query = select(AccessToken).where(
        AccessToken.id == token_id, AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None)
    )
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def revoke_tokens(session: AsyncSession, *, user_id: int) -> int:
    query = update(AccessToken).where(AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
    return _number(await session.execute(query.values(revoked_at=utc_now(), updated_by=current_actor().id)))


async def forget_failure(session: AsyncSession, failure_id: int) -> None:
    await session.execute(delete(SignInFailure).where(SignInFailure.id == failure_id))


def _number(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
