"""Queries on people and roles that everybody's pages need."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.accounts.models import Role, SignInFailure, User, UserRole
from app.actor import SYSTEM_ID
from app.db.constants import among, planned_once

FAILURE_WINDOW = timedelta(minutes=15)
_PEOPLE = select(User).where(among(User.id)).execution_options(include_deleted=True)
_ROLES = select(Role).where(among(Role.id)).execution_options(include_deleted=True)

_ACTIVE_PEOPLE = planned_once(
    select(User.id, User.name, User.title)
    .where(User.deactivated_at.is_(None), User.id != SYSTEM_ID)
    .order_by(User.name, User.id)
    .limit(2000)
)
_ACTIVE_ROLES = planned_once(
    select(Role.id, Role.name).where(Role.archived_at.is_(None)).order_by(Role.name).limit(500)
)


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    query = select(User).where(func.lower(User.email) == func.lower(email), User.id != SYSTEM_ID)
    return (await session.execute(query.options(undefer(User.password_hash)))).scalar_one_or_none()


async def user_as_it_is_now(session: AsyncSession, user_id: int) -> User | None:
    """Held until the transaction ends: a deactivation or a new password comes before or after, never between."""
    query = select(User).where(User.id == user_id).options(undefer(User.password_hash)).with_for_update(read=True)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def failures_since(session: AsyncSession, account: bytes, address: str, now: datetime) -> tuple[int, int]:
    """(of this account from this address, of this address): a stranger elsewhere locks nobody out."""
    since = now - FAILURE_WINDOW
    query = select(func.count().filter(SignInFailure.account_sha256 == account), func.count()).where(
        SignInFailure.address == address, SignInFailure.at > since
    )
    row = (await session.execute(query)).one()
    return row[0], row[1]


async def one_guess_at_a_time(session: AsyncSession, address: str) -> None:
    """Per address, until this transaction ends: parallel guesses are counted one after the other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7))"), {"key": address})


async def people(session: AsyncSession, ids: Iterable[int]) -> dict[int, User]:
    """Deleted and deactivated people too: the record still names them."""
    wanted = {person for person in ids if person}
    if not wanted:
        return {}
    return {user.id: user for user in (await session.execute(_PEOPLE, {"ids": sorted(wanted)})).scalars()}


async def role_names(session: AsyncSession, ids: Iterable[int]) -> dict[int, str]:
    wanted = {role for role in ids if role}
    if not wanted:
        return {}
    return {role.id: role.name for role in (await session.execute(_ROLES, {"ids": sorted(wanted)})).scalars()}


async def active_people(session: AsyncSession) -> Sequence[Row[int, str, str]]:
    """(id, name, title) for pickers, by name."""
    return (await session.execute(_ACTIVE_PEOPLE)).all()


async def active_roles(session: AsyncSession) -> Sequence[Row[int, str]]:
    return (await session.execute(_ACTIVE_ROLES)).all()


async def members_of(session: AsyncSession, role_ids: Iterable[int], *, in_use: bool = False) -> dict[int, list[User]]:
    """Active members by role, by name. `in_use`: only of roles that give anybody anything, not of archived ones."""
    wanted = set(role_ids)
    query = (
        select(UserRole.role_id, User)
        .join(User, User.id == UserRole.user_id)
        .where(UserRole.role_id.in_(wanted), User.deactivated_at.is_(None))
        .order_by(User.name)
    )
    if in_use:
        query = query.join(Role, Role.id == UserRole.role_id).where(Role.archived_at.is_(None))
    members: dict[int, list[User]] = {role: [] for role in wanted}
    if wanted:
        for role, user in (await session.execute(query)).all():
            members[role].append(user)
    return members


async def demo_cast(session: AsyncSession) -> Sequence[User]:
    """The people of the demo company, in the order they were hired by the seeds."""
    query = select(User).where(User.email.like("%@aldermoor.example"), User.deactivated_at.is_(None))
    return (await session.execute(query.order_by(User.id).limit(20))).scalars().all()


async def demo_persona(session: AsyncSession, email: str) -> User | None:
    return next((user for user in await demo_cast(session) if user.email == email), None)


async def set_display(session: AsyncSession, user_id: int, chosen: dict[str, Any]) -> None:
    await session.execute(update(User).where(User.id == user_id).values(**chosen))
