"""Queries on people and roles that everybody's pages need."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.accounts.models import Role, SignInFailure, User, UserCard, UserRole, is_here
from app.actor import SYSTEM_ID, Capability
from app.db.constants import among, planned_once
from app.db.master_data import remembered, remembered_whole

FAILURE_WINDOW = timedelta(minutes=15)
_PEOPLE = (
    select(User.id, User.name, User.email, User.title, User.manager_id, User.deactivated_at, User.deleted_at,
           User.locale, User.time_zone)
    .where(among(User.id))
    .execution_options(include_deleted=True)
)  # fmt: skip
_ROLES = select(Role.id, Role.name).where(among(Role.id)).execution_options(include_deleted=True)
_MEMBERS = (
    select(UserRole.role_id, UserRole.user_id)
    .join(User, User.id == UserRole.user_id)
    .where(among(UserRole.role_id), User.deactivated_at.is_(None))
    .order_by(User.name)
)
_MEMBERS_IN_USE = _MEMBERS.join(Role, Role.id == UserRole.role_id).where(Role.archived_at.is_(None))

_ADMINS = planned_once(
    select(UserRole.user_id)
    .join(Role, Role.id == UserRole.role_id)
    .join(User, User.id == UserRole.user_id)
    .where(Role.capabilities.contains([Capability.ADMIN]), Role.archived_at.is_(None), User.deactivated_at.is_(None))
)
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


async def people(session: AsyncSession, ids: Iterable[int]) -> dict[int, UserCard]:
    """Deleted and deactivated people too: the record still names them."""

    async def read(missing: Sequence[int]) -> dict[int, UserCard]:
        return {row.id: _card(row) for row in await session.execute(_PEOPLE, {"ids": missing})}

    return await remembered(session, "people", filter(None, ids), read)


def _card(row: Any) -> UserCard:
    return UserCard(row.id, row.name, row.email, row.title, row.manager_id, is_here(row), row.locale, row.time_zone)


async def role_names(session: AsyncSession, ids: Iterable[int]) -> dict[int, str]:
    async def read(missing: Sequence[int]) -> dict[int, str]:
        return {row.id: row.name for row in await session.execute(_ROLES, {"ids": missing})}

    return await remembered(session, "role names", filter(None, ids), read)


async def active_people(session: AsyncSession) -> Sequence[Row[int, str, str]]:
    """(id, name, title) for pickers, by name."""

    async def read() -> Sequence[Row[int, str, str]]:
        return (await session.execute(_ACTIVE_PEOPLE)).all()

    return await remembered_whole(session, "active people", read)


async def active_roles(session: AsyncSession) -> Sequence[Row[int, str]]:
    async def read() -> Sequence[Row[int, str]]:
        return (await session.execute(_ACTIVE_ROLES)).all()

    return await remembered_whole(session, "active roles", read)


async def members_of(
    session: AsyncSession, role_ids: Iterable[int], *, in_use: bool = False
) -> dict[int, Sequence[UserCard]]:
    """Active members by role, by name. `in_use`: only of roles that give anybody anything, not of archived ones."""

    async def read(ids: Sequence[int]) -> dict[int, Sequence[UserCard]]:
        rows = (await session.execute(_MEMBERS_IN_USE if in_use else _MEMBERS, {"ids": ids})).all()
        known = await people(session, [row.user_id for row in rows])
        members: dict[int, list[UserCard]] = {role: [] for role in ids}
        for row in rows:
            members[row.role_id].append(known[row.user_id])
        return {**members}

    return await remembered(session, "members in use" if in_use else "members", role_ids, read)


async def administrators(session: AsyncSession) -> frozenset[int]:
    """All active ones."""

    async def read() -> frozenset[int]:
        return frozenset((await session.execute(_ADMINS)).scalars())

    return await remembered_whole(session, "administrators", read)


async def demo_cast(session: AsyncSession) -> Sequence[User]:
    """The people of the demo company, in the order they were hired by the seeds."""
    query = select(User).where(User.email.like("%@aldermoor.example"), User.deactivated_at.is_(None))
    return (await session.execute(query.order_by(User.id).limit(20))).scalars().all()


async def demo_persona(session: AsyncSession, email: str) -> User | None:
    return next((user for user in await demo_cast(session) if user.email == email), None)


async def set_display(session: AsyncSession, user_id: int, chosen: dict[str, Any]) -> None:
    await session.execute(update(User).where(User.id == user_id).values(**chosen))
