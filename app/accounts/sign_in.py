"""Signing in and out. The answer never says which half was wrong."""

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import events, passwords, repository, session_repository
from app.accounts.models import BrowserSession, SignInFailure, User
from app.accounts.recognise import hashed
from app.activity.log import ActivityLog
from app.actor import SYSTEM, Actor, Channel
from app.clock import utc_now
from app.db.session import Database
from app.errors import DomainError, NotFound, TooMany

LIFETIME = timedelta(days=14)
PER_ACCOUNT, PER_ADDRESS = 8, 60


class WrongCredentials(DomainError):
    status_code = 401

    def __init__(self) -> None:
        super().__init__("E-mail or password is wrong. Check both, or ask your administrator for a new password.")


async def check_credentials(database: Database, email: str, password: str, address: str) -> User:
    """Counts failures in transactions of their own, under a lock, so that parallel guesses count too."""
    account = hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).digest()
    async with database.in_its_own() as session:
        await repository.one_guess_at_a_time(session, address)
        of_account, of_address = await repository.failures_since(session, account, address, utc_now())
        if of_account >= PER_ACCOUNT or of_address >= PER_ADDRESS:
            raise TooMany("Too many attempts from here. Wait a quarter of an hour, then try again.")
        failure = SignInFailure(account_sha256=account, address=address)
        session.add(failure)
        user = await repository.user_by_email(session, email.strip()) if _plausible(email) else None
    if await passwords.matches(user.password_hash if user else None, password) and user and user.is_active:
        async with database.in_its_own() as session:
            await session_repository.forget_failure(session, failure.id)
        return user
    await _record_failure(database, user, address)
    raise WrongCredentials


async def _record_failure(database: Database, user: User | None, address: str) -> None:
    """An e-mail that nobody has costs the same writing as one that somebody has (promises.md, S5)."""
    actor = replace(SYSTEM, channel=Channel.WEB, address=address)
    async with database.in_its_own() as session:
        log = ActivityLog(session, actor)
        if user:
            await log.audit(events.SIGN_IN_FAILED, user, who=user.id)
        else:
            await log.audit_about(events.SIGN_IN_UNKNOWN, User.__tablename__, SYSTEM.id)


def _plausible(email: str) -> bool:
    return 3 <= len(email) <= 320 and "\0" not in email and email.isprintable()


async def start_session(session: AsyncSession, user: User, *, address: str, agent: str, replacing: str = "") -> str:
    """A new secret at each sign-in; a planted one is never adopted, and the one this browser had before ends."""
    await still_as(session, user)
    if replacing:
        await session_repository.end(session, user_id=user.id, token_sha256=hashed(replacing))
    token = await _open(session, user.id, address=address, agent=agent)
    actor = Actor(id=user.id, name=user.name, channel=Channel.WEB, address=address)
    await ActivityLog(session, actor).audit(events.SIGNED_IN, user)
    return token


async def still_as(session: AsyncSession, user: User) -> User:
    """Held until the transaction ends; whoever was deactivated since their password was checked stays out."""
    now_known = await repository.user_as_it_is_now(session, user.id)
    if now_known is None or not now_known.is_active:
        raise WrongCredentials
    return now_known


async def _open(session: AsyncSession, user_id: int, *, address: str, agent: str) -> str:
    token, now = secrets.token_urlsafe(32), utc_now()
    session.add(
        BrowserSession(
            token_sha256=hashed(token), user_id=user_id, created_at=now, seen_at=now, signed_in_at=now,
            expires_at=now + LIFETIME, address=address, agent=agent.encode("ascii", "replace").decode()[:300],
        )
    )  # fmt: skip
    return token


class WrongPassword(DomainError):
    status_code = 422

    def __init__(self) -> None:
        super().__init__("That is not your password.")


async def sign_in_again(database: Database, actor: Actor, token: str, password: str) -> Actor:
    """In this browser, before an act that asks for it: guesses count like those at the door. Kept in a transaction of
    its own: whoever proved it need not do so again because what they sent with it is refused."""
    try:
        user = await check_credentials(database, actor.email, password, actor.address)
    except WrongCredentials:
        raise WrongPassword from None
    if user.id != actor.id:
        raise WrongPassword
    async with database.in_its_own() as session:
        await still_as(session, user)
        moment = await session_repository.signed_in_again(session, user_id=user.id, token_sha256=hashed(token))
        await ActivityLog(session, actor).audit(events.SIGNED_IN_AGAIN, user)
    return replace(actor, signed_in_at=moment)


async def end_session(session: AsyncSession, actor: Actor, token: str) -> None:
    await session_repository.end(session, user_id=actor.id, token_sha256=hashed(token))
    await ActivityLog(session, actor).audit_about(events.SIGNED_OUT, User.__tablename__, actor.id)


async def end_one_of(session: AsyncSession, actor: Actor, session_id: int) -> None:
    """One of their own, from the list of their sessions."""
    if not await session_repository.end(session, user_id=actor.id, session_id=session_id):
        raise NotFound
    await _record_end(session, actor, 1)


async def end_others_of(session: AsyncSession, actor: Actor, token: str) -> int:
    ended = await session_repository.end(session, user_id=actor.id, but_sha256=hashed(token))
    if ended:
        await _record_end(session, actor, ended)
    return ended


async def _record_end(session: AsyncSession, actor: Actor, number: int) -> None:
    log = ActivityLog(session, actor)
    await log.audit_about(events.SESSIONS_ENDED, User.__tablename__, actor.id, user=actor.id, number=number)


async def change_own_password(
    session: AsyncSession, database: Database, actor: Actor, *, current: str, new: str, agent: str
) -> str:
    """Guesses at the current one count like those at the door. Every session and token ends; one new session begins."""
    passwords.check_strength(new, own_words=(actor.name, actor.email))
    user = await check_credentials(database, actor.email, current, actor.address)
    now_known = await repository.user_as_it_is_now(session, user.id)
    if now_known is None or now_known.password_hash != user.password_hash or not now_known.is_active:
        raise WrongCredentials
    now_known.password_hash = await passwords.hash_password(new)
    await cut_off(session, user.id)
    await session.flush()
    await ActivityLog(session, actor).audit(events.PASSWORD_SET, now_known, user=user.id)
    return await _open(session, user.id, address=actor.address, agent=agent)


async def cut_off(session: AsyncSession, user_id: int) -> None:
    """For a deactivation or a new password: every browser and every script is out at once."""
    await session_repository.end(session, user_id=user_id)
    await session_repository.revoke_tokens(session, user_id=user_id)
