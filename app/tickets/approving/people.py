"""People, members and proxies that an approval may need: a fixed number of queries whatever the flow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole
from app.actor import Capability
from app.approvals.core.context import Candidate, Person, Proxy
from app.approvals.models import ApprovalProxy
from app.catalogue.business_time import BusinessCalendar
from app.catalogue.matrices import Entry
from app.db.constants import among, given, planned_once
from app.tickets.visibility import active_proxy
from app.web.i18n import gettext as _

MOST_LEVELS = 3
_PEOPLE = select(User).where(among(User.id)).execution_options(include_deleted=True, populate_existing=True)
_ROLES = select(Role.id, Role.name).where(among(Role.id)).execution_options(include_deleted=True)
_MEMBERS = (
    select(UserRole.role_id, UserRole.user_id, UserRole.created_by, UserRole.created_at)
    .join(Role, Role.id == UserRole.role_id)
    .where(among(UserRole.role_id), Role.archived_at.is_(None), UserRole.deleted_at.is_(None))
    .order_by(UserRole.role_id, UserRole.user_id)
)
_CAPABILITIES = (
    select(UserRole.user_id, Role.capabilities)
    .join(Role, Role.id == UserRole.role_id)
    .where(among(UserRole.user_id), UserRole.deleted_at.is_(None), Role.archived_at.is_(None))
)
_ADMINS = planned_once(
    select(UserRole.user_id)
    .join(Role, Role.id == UserRole.role_id)
    .join(User, User.id == UserRole.user_id)
    .where(Role.capabilities.contains([Capability.ADMIN]), Role.archived_at.is_(None), User.deactivated_at.is_(None))
)

_COVERED = ApprovalProxy.scope["templates"].op("@>")(cast(func.to_jsonb(given("template")), JSONB))
_PROXIES = (
    select(ApprovalProxy)
    .where(active_proxy(func.clock_timestamp()), or_(ApprovalProxy.scope.is_(None), _COVERED))
    .order_by(ApprovalProxy.id)
)


@dataclass(frozen=True, slots=True)
class Directory:
    people: dict[int, Person] = field(default_factory=dict)
    members: dict[int, tuple[Candidate, ...]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    role_names: dict[int, str] = field(default_factory=dict)
    calendar: BusinessCalendar | None = None
    """By which the flow's deadlines count; without one, every hour does."""
    matrices: Mapping[tuple[str, str], list[Entry]] = field(default_factory=dict)
    """What approval matrices say of this request's values, by (key of the matrix, value)."""
    said: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """What the ids in the flow's conditions are called, by (kind, id)."""

    def called(self, kind: str, number: int) -> str:
        """For the sentences of conditions."""
        return self.said.get((kind, number)) or _("somebody or something that is gone")

    def manager_of(self, user_id: int, level: int = 1) -> Candidate | None:
        """`level` steps up; None where the chain ends before."""
        person = self.people.get(user_id)
        for _level in range(level - 1):
            person = self.people.get(person.manager_id or 0) if person else None
        if person is None or person.manager_id is None:
            return None
        return Candidate(person.manager_id, made_by=person.manager_by, made_at=person.manager_at)


async def read_directory(session: AsyncSession, people: Iterable[int], roles: Iterable[int]) -> Directory:
    """These people, the members of these roles, and the managers of all of them up to the third."""
    role_ids = sorted(set(roles))
    members = await _members(session, role_ids)
    wanted = set(people) | {one.user_id for group in members.values() for one in group}
    users: dict[int, User] = {}
    for _level in range(MOST_LEVELS + 1):
        missing = wanted - users.keys()
        if not missing:
            break
        found = await session.execute(_PEOPLE, {"ids": sorted(missing)})
        users |= {user.id: user for user in found.scalars()}
        wanted |= {user.manager_id for user in users.values() if user.manager_id}
        wanted -= missing - users.keys()
    capable = await _capabilities(session, users)
    names = await _role_names(session, role_ids)
    return Directory(
        people={user.id: _person(user, capable.get(user.id, set())) for user in users.values()},
        members=members,
        names={user.id: user.name for user in users.values()},
        role_names=names,
    )


async def with_stand_ins(session: AsyncSession, directory: Directory, proxies: Iterable[Proxy]) -> Directory:
    """Who is proxy of one of these people is told by name, and may vote where they are eligible themselves."""
    missing = {one.proxy_id for one in proxies if one.principal_id in directory.people} - directory.people.keys()
    if not missing:
        return directory
    found = await read_directory(session, missing, ())
    return replace(directory, people=found.people | directory.people, names=found.names | directory.names)


def _person(user: User, capabilities: set[str]) -> Person:
    return Person(
        user.id,
        active=user.is_active,
        manager_id=user.manager_id,
        manager_by=user.manager_set_by,
        manager_at=user.manager_set_at,
        is_admin=Capability.ADMIN in capabilities,
        is_manager=Capability.MANAGER in capabilities,
    )


async def _members(session: AsyncSession, role_ids: list[int]) -> dict[int, tuple[Candidate, ...]]:
    """An archived role has nobody."""
    members: dict[int, list[Candidate]] = {role: [] for role in role_ids}
    if not role_ids:
        return {}
    for row in await session.execute(_MEMBERS, {"ids": role_ids}):
        members[row.role_id].append(Candidate(row.user_id, made_by=row.created_by, made_at=row.created_at))
    return {role: tuple(group) for role, group in members.items()}


async def _capabilities(session: AsyncSession, people: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for user_id, capabilities in await session.execute(_CAPABILITIES, {"ids": sorted(people)}):
        found.setdefault(user_id, set()).update(capabilities)
    return found


async def read_admins(session: AsyncSession) -> frozenset[int]:
    """All active ones: whether rule 4 bars every one of them is for the engine to say."""
    return frozenset((await session.execute(_ADMINS)).scalars())


async def _role_names(session: AsyncSession, role_ids: list[int]) -> dict[int, str]:
    if not role_ids:
        return {}
    return {row.id: row.name for row in await session.execute(_ROLES, {"ids": role_ids})}


async def read_proxies(session: AsyncSession, template_id: int | None) -> tuple[Proxy, ...]:
    """Those that hold now and whose scope covers this ticket's template."""
    return tuple(
        Proxy(
            id=row.id, principal_id=row.principal_id, proxy_id=row.proxy_id, starts_at=row.starts_at,
            ends_at=row.ends_at, created_by=row.created_by, created_at=row.created_at,
        )
        for row in (await session.execute(_PROXIES, {"template": template_id})).scalars()
    )  # fmt: skip


_PROXIES_OF = or_(among(ApprovalProxy.proxy_id), among(ApprovalProxy.principal_id))
_HELD = (
    select(User.id).where(among(User.id)).order_by(User.id).with_for_update(read=True),
    select(UserRole.id).where(among(UserRole.user_id)).order_by(UserRole.id).with_for_update(read=True),
    select(ApprovalProxy.id)
    .where(_PROXIES_OF, ApprovalProxy.revoked_at.is_(None))
    .order_by(ApprovalProxy.id)
    .with_for_update(read=True),
)


async def hold_still(session: AsyncSession, user_ids: Iterable[int]) -> None:
    """A vote commits before a deactivation or is refused (approvals.md, rule 13)."""
    wanted = sorted(set(user_ids))
    for held in _HELD:
        await session.execute(held, {"ids": wanted})
