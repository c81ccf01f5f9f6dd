"""People, members and proxies that an approval may need: a fixed number of queries whatever the flow."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole, is_here
from app.accounts.repository import role_names
from app.actor import Capability
from app.approvals.core.context import Candidate, Person, Proxy
from app.approvals.models import ApprovalProxy
from app.catalogue.business_time import BusinessCalendar
from app.catalogue.matrices import Entry
from app.db.constants import among
from app.db.master_data import remembered, remembered_whole
from app.web.i18n import gettext as _

MOST_LEVELS = 3
_PEOPLE = (
    select(User.id, User.name, User.manager_id, User.manager_set_by, User.manager_set_at, User.deactivated_at,
           User.deleted_at)
    .where(among(User.id))
    .execution_options(include_deleted=True)
)  # fmt: skip
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

_PROXIES = (
    select(ApprovalProxy.id, ApprovalProxy.principal_id, ApprovalProxy.proxy_id, ApprovalProxy.starts_at,
           ApprovalProxy.ends_at, ApprovalProxy.created_by, ApprovalProxy.created_at, ApprovalProxy.scope)
    .where(ApprovalProxy.revoked_at.is_(None), ApprovalProxy.ends_at > func.clock_timestamp())
    .order_by(ApprovalProxy.id)
)  # fmt: skip


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

    def manager_of(self, user_id: int, level: int = 1, *, askers: Collection[int] = ()) -> Candidate | None:
        """`level` steps up; None where the chain ends before. Of the entries on the way the one counts that may keep
        them out: made by somebody who asks or by themselves, else the latest."""
        person, hops = self.people.get(user_id), list[Person]()
        while person is not None and person.manager_id is not None and len(hops) < level:
            hops.append(person)
            person = self.people.get(person.manager_id)
        found = hops[-1].manager_id if len(hops) == level else None
        if found is None:
            return None
        entries = [(hop.manager_at, hop.manager_by) for hop in hops if hop.manager_at is not None]
        wary = {found, *askers}
        made_at, made_by = max(entries, key=lambda entry: (entry[1] in wary, entry[0]), default=(None, None))
        return Candidate(found, made_by=made_by, made_at=made_at)


async def read_directory(session: AsyncSession, people: Iterable[int], roles: Iterable[int]) -> Directory:
    """These people, the members of these roles, and the managers of all of them up to the third."""
    role_ids = sorted(set(roles))
    members = await _members(session, role_ids)
    wanted = set(people) | {one.user_id for group in members.values() for one in group}
    known: dict[int, _Known] = {}
    for _level in range(MOST_LEVELS + 1):
        missing = wanted - known.keys()
        if not missing:
            break
        known |= await _known(session, missing)
        wanted |= {one.person.manager_id for one in known.values() if one.person.manager_id}
        wanted -= missing - known.keys()
    return Directory(
        people={user_id: one.person for user_id, one in known.items()},
        members=members,
        names={user_id: one.name for user_id, one in known.items()},
        role_names=await role_names(session, role_ids),
    )


async def with_stand_ins(session: AsyncSession, directory: Directory, proxies: Iterable[Proxy]) -> Directory:
    """Who is proxy of one of these people is told by name, and may vote where they are eligible themselves."""
    missing = {one.proxy_id for one in proxies if one.principal_id in directory.people} - directory.people.keys()
    if not missing:
        return directory
    found = await read_directory(session, missing, ())
    return replace(directory, people=found.people | directory.people, names=found.names | directory.names)


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    person: Person


async def _known(session: AsyncSession, people: Iterable[int]) -> dict[int, _Known]:
    async def read(ids: Sequence[int]) -> dict[int, _Known]:
        capable = await _capabilities(session, ids)
        rows = await session.execute(_PEOPLE, {"ids": ids})
        return {row.id: _Known(row.name, _person(row, capable.get(row.id, set()))) for row in rows}

    return await remembered(session, "people of approvals", people, read)


def _person(row: Any, capabilities: set[str]) -> Person:
    return Person(
        row.id,
        active=is_here(row),
        manager_id=row.manager_id,
        manager_by=row.manager_set_by,
        manager_at=row.manager_set_at,
        is_admin=Capability.ADMIN in capabilities,
        is_manager=Capability.MANAGER in capabilities,
    )


async def _members(session: AsyncSession, role_ids: list[int]) -> dict[int, tuple[Candidate, ...]]:
    """An archived role has nobody."""

    async def read(ids: Sequence[int]) -> dict[int, tuple[Candidate, ...]]:
        members: dict[int, list[Candidate]] = {role: [] for role in ids}
        for row in await session.execute(_MEMBERS, {"ids": ids}):
            members[row.role_id].append(Candidate(row.user_id, made_by=row.created_by, made_at=row.created_at))
        return {role: tuple(group) for role, group in members.items()}

    return await remembered(session, "members of roles", role_ids, read)


async def _capabilities(session: AsyncSession, people: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for user_id, capabilities in await session.execute(_CAPABILITIES, {"ids": sorted(people)}):
        found.setdefault(user_id, set()).update(capabilities)
    return found


async def read_proxies(session: AsyncSession, template_id: int | None, now: datetime) -> tuple[Proxy, ...]:
    """Those that hold now and whose scope covers this ticket's template."""

    async def read() -> Sequence[tuple[Proxy, frozenset[int] | None]]:
        return [(_proxy(row), _templates(row.scope)) for row in await session.execute(_PROXIES)]

    proxies = await remembered_whole(session, "proxies", read)
    return tuple(
        proxy
        for proxy, templates in proxies
        if proxy.starts_at <= now < proxy.ends_at and (templates is None or template_id in templates)
    )


def _proxy(row: Any) -> Proxy:
    return Proxy(
        id=row.id, principal_id=row.principal_id, proxy_id=row.proxy_id, starts_at=row.starts_at, ends_at=row.ends_at,
        created_by=row.created_by, created_at=row.created_at,
    )  # fmt: skip


def _templates(scope: dict[str, Any] | None) -> frozenset[int] | None:
    """None: whatever the template."""
    return None if scope is None else frozenset(scope["templates"])


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
