"""Queries of the directory's administration: lists, look-ups before a change, and what a change would end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import AccessToken, BrowserSession, Role, User, UserRole
from app.actor import SYSTEM_ID, Capability
from app.web.paging import Page, cut, decode_cursor

PAGE_SIZE = 50
STATES = ("active", "deactivated", "all")


async def lock_directory(session: AsyncSession) -> None:
    """One change of people and roles at a time: a cycle of managers or the last admin's leaving takes two at once."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('directory', 7))"))


async def find_user(session: AsyncSession, user_id: int) -> User | None:
    return (await session.execute(_everybody().where(User.id == user_id))).scalar_one_or_none()


def _everybody() -> Select[User]:
    return select(User).where(User.id != SYSTEM_ID)


async def page_of_users(
    session: AsyncSession, *, q: str, state: str, cursor: str | None, size: int = PAGE_SIZE, names_only: bool = False
) -> Page[User]:
    """`names_only`: for those who may not read e-mail addresses, not even by searching for them."""
    matching = _matching(q, state, names_only=names_only)
    query = _everybody().where(*matching).order_by(func.lower(User.name), User.id).limit(size + 1)
    if after := decode_cursor(cursor, (str, int)):
        query = query.where(tuple_(func.lower(User.name), User.id) > tuple_(literal(after[0]), literal(after[1])))
    rows = (await session.execute(query.add_columns(func.lower(User.name)))).all()
    page = cut(rows, size, lambda row: (row[1], row[0].id))
    return Page([row[0] for row in page.rows], page.next_cursor)


def _matching(q: str, state: str, *, names_only: bool = False) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if q:
        columns = (User.name,) if names_only else (User.name, User.email, User.title)
        conditions.append(or_(*(column.icontains(q, autoescape=True) for column in columns)))
    if state != "all":
        conditions.append(User.deactivated_at.is_(None) if state == "active" else User.deactivated_at.is_not(None))
    return conditions


async def count_users(session: AsyncSession, *, q: str, state: str) -> int:
    query = select(func.count()).select_from(User).where(User.id != SYSTEM_ID, *_matching(q, state))
    return (await session.execute(query)).scalar_one()


async def roles_of(session: AsyncSession, user_ids: Collection[int]) -> dict[int, list[Role]]:
    """Roles by user, archived ones left out, by name."""
    query = (
        select(UserRole.user_id, Role)
        .join(Role, Role.id == UserRole.role_id)
        .where(UserRole.user_id.in_(user_ids), Role.archived_at.is_(None))
        .order_by(Role.name)
    )
    found: dict[int, list[Role]] = {user_id: [] for user_id in user_ids}
    if user_ids:
        for user_id, role in (await session.execute(query)).all():
            found[user_id].append(role)
    return found


async def name_is_taken(session: AsyncSession, name: str, *, but: int | None) -> bool:
    query = select(Role.id).where(func.lower(Role.name) == func.lower(name), Role.id != (but or 0))
    return (await session.execute(query)).first() is not None


async def email_is_taken(session: AsyncSession, email: str, *, but: int | None) -> bool:
    query = select(User.id).where(func.lower(User.email) == func.lower(email), User.id != (but or 0))
    return (await session.execute(query)).first() is not None


async def managers_above(session: AsyncSession, user_id: int) -> list[int]:
    """The chain of command, this person first; it ends where it would begin to repeat."""
    chain = (
        select(User.id, User.manager_id, literal(1).label("level"))
        .where(User.id == user_id)
        .cte("chain", recursive=True)
    )
    above = select(User.id, User.manager_id, chain.c.level + 1).where(
        User.id == chain.c.manager_id, chain.c.level < 100
    )
    chain = chain.union_all(above)
    rows = await session.execute(select(chain.c.id).order_by(chain.c.level))
    return list(dict.fromkeys(rows.scalars()))


async def another_admin_exists(
    session: AsyncSession, *, but_user: int | None = None, but_role: int | None = None
) -> bool:
    """Somebody who could still administer without this person, this role, or (both given) this membership."""
    left_out = [
        condition
        for condition, wanted in ((UserRole.user_id == but_user, but_user), (UserRole.role_id == but_role, but_role))
        if wanted is not None
    ]
    query = (
        select(UserRole.id)
        .join(User, User.id == UserRole.user_id)
        .join(Role, Role.id == UserRole.role_id)
        .where(
            User.deactivated_at.is_(None),
            User.id != SYSTEM_ID,
            Role.archived_at.is_(None),
            Role.capabilities.contains([Capability.ADMIN]),
            ~and_(*left_out),
        )
    )
    return (await session.execute(query.limit(1))).first() is not None


async def membership(session: AsyncSession, *, user_id: int, role_id: int) -> UserRole | None:
    query = select(UserRole).where(UserRole.user_id == user_id, UserRole.role_id == role_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def lock_memberships(session: AsyncSession, role_id: int) -> Sequence[int]:
    """The members' ids, once votes that are being cast as one of them are through (approvals.md, rule 13)."""
    query = select(UserRole.user_id).where(UserRole.role_id == role_id).order_by(UserRole.id).with_for_update()
    return (await session.execute(query)).scalars().all()


async def all_roles(session: AsyncSession) -> Sequence[Role]:
    query = select(Role).order_by(Role.archived_at.is_not(None), func.lower(Role.name))
    return (await session.execute(query.limit(1000))).scalars().all()


async def find_role(session: AsyncSession, role_id: int) -> Role | None:
    return (await session.execute(select(Role).where(Role.id == role_id))).scalar_one_or_none()


async def member_counts(session: AsyncSession) -> dict[int, int]:
    query = (
        select(UserRole.role_id, func.count())
        .join(User, User.id == UserRole.user_id)
        .where(User.deactivated_at.is_(None))
        .group_by(UserRole.role_id)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a deactivation ends or leaves behind, in numbers."""

    sessions: int
    tokens: int
    roles: int
    reports: int


async def consequences_of_leaving(session: AsyncSession, user_id: int) -> Consequences:
    def number(model: type, *conditions: ColumnElement[bool]) -> Select[int]:
        return select(func.count()).select_from(model).where(*conditions)

    now = func.now()
    open_session = (BrowserSession.ended_at.is_(None), BrowserSession.expires_at > now)
    sessions = number(BrowserSession, BrowserSession.user_id == user_id, *open_session)
    tokens = number(
        AccessToken, AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None), AccessToken.expires_at > now
    )
    roles = number(UserRole, UserRole.user_id == user_id)
    reports = number(User, User.manager_id == user_id, User.deactivated_at.is_(None))
    columns = [query.scalar_subquery() for query in (sessions, tokens, roles, reports)]
    return Consequences(*(await session.execute(select(*columns))).one())
