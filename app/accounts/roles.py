"""The verbs of the directory that are about roles. Nobody raises their own rights with them (promises.md, A6)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import directory_repository as directory
from app.accounts import events
from app.accounts.models import Role, User, UserRole
from app.accounts.people import tell_approvals
from app.accounts.policy import insist_on_admin
from app.activity.log import ActivityLog
from app.actor import Actor, Capability
from app.clock import database_now
from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.web.i18n import gettext as _


class Roles:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def find(self, role_id: int) -> Role:
        role = await directory.find_role(self.session, role_id)
        if role is None:
            raise NotFound
        return role

    async def add(
        self, *, name: str, description: str = "", capabilities: Iterable[str] = (), capacity: int | None = None
    ) -> Role:
        await self._begin()
        await self._insist_on_free_name(name)
        role = Role(name=name, description=description, capabilities=_in_order(capabilities), capacity=capacity)
        self.session.add(role)
        await self.session.flush()
        await self.activity.audit(events.ROLE_CREATED, role, name=name, capabilities=role.capabilities)
        return role

    async def change(
        self, role: Role, *, name: str, description: str, capabilities: Iterable[str], capacity: int | None
    ) -> None:
        await self._begin(role)
        await self._insist_on_free_name(name, but=role)
        new: dict[str, Any] = {
            "name": name, "description": description, "capabilities": _in_order(capabilities), "capacity": capacity,
        }  # fmt: skip
        await self._insist_on_fair_capabilities(role, new["capabilities"])
        changes = {key: [getattr(role, key), value] for key, value in new.items() if getattr(role, key) != value}
        if not changes:
            return
        for key, value in new.items():
            setattr(role, key, value)
        await self.session.flush()
        await self.activity.audit(events.ROLE_CHANGED, role, name=name, changes=changes)

    async def admit(self, role: Role, user: User) -> None:
        await self._begin(role)
        if user.id == self.actor.id:
            raise NotAllowed("Nobody adds themselves to a role. Ask another administrator.")
        if role.archived_at is not None:
            raise NotPossible("This role is archived. Restore it first.")
        if not user.is_active:
            raise NotPossible("This person is deactivated.")
        if await directory.membership(self.session, user_id=user.id, role_id=role.id):
            raise NotPossible("This person is a member already.")
        self.session.add(UserRole(user_id=user.id, role_id=role.id))
        await self.session.flush()
        await self.activity.audit(events.MEMBER_ADDED, role, member=user.id, role_name=role.name)
        await tell_approvals(self.session, [user.id])

    async def dismiss(self, role: Role, user: User) -> None:
        await self._begin(role)
        member = await directory.membership(self.session, user_id=user.id, role_id=role.id)
        if member is None:
            raise NotPossible("This person is not a member any more.")
        await self._insist_on_admins_left(role, but_user=user.id)
        member.delete_softly(at=await database_now(self.session))
        await self.session.flush()
        await self.activity.audit(events.MEMBER_REMOVED, role, member=user.id, role_name=role.name)
        await tell_approvals(self.session, [user.id])

    async def archive(self, role: Role) -> None:
        """Its members stay on record; while it is archived it gives nobody anything."""
        await self._begin(role)
        if role.archived_at is not None:
            raise NotPossible("This role is archived already.")
        await self._insist_on_admins_left(role)
        members = await directory.lock_memberships(self.session, role.id)
        role.archived_at = await database_now(self.session)
        await self.session.flush()
        await self.activity.audit(events.ROLE_ARCHIVED, role, name=role.name)
        await tell_approvals(self.session, members)

    async def restore(self, role: Role) -> None:
        await self._begin(role)
        if role.archived_at is None:
            raise NotPossible("This role is in use already.")
        members = await directory.lock_memberships(self.session, role.id)
        if self.actor.id in members and role.capabilities:
            raise NotAllowed("You are a member of this role. Another administrator has to restore it.")
        role.archived_at = None
        await self.session.flush()
        await self.activity.audit(events.ROLE_RESTORED, role, name=role.name)
        await tell_approvals(self.session, members)

    async def _begin(self, role: Role | None = None) -> None:
        insist_on_admin(self.actor)
        await directory.lock_directory(self.session)
        if role is not None:
            await self.session.refresh(role, with_for_update=True)

    async def _insist_on_free_name(self, name: str, but: Role | None = None) -> None:
        if await directory.name_is_taken(self.session, name, but=but.id if but else None):
            raise Refused.at("name", "There is a role of this name already.")

    async def _insist_on_fair_capabilities(self, role: Role, wanted: list[str]) -> None:
        gained, lost = set(wanted) - set(role.capabilities), set(role.capabilities) - set(wanted)
        if gained and await directory.membership(self.session, user_id=self.actor.id, role_id=role.id):
            raise NotAllowed("You are a member of this role. Another administrator has to give it more rights.")
        if Capability.ADMIN in lost:
            await self._insist_on_admins_left(role)

    async def _insist_on_admins_left(self, role: Role, *, but_user: int | None = None) -> None:
        if Capability.ADMIN not in role.capabilities:
            return
        if not await directory.another_admin_exists(self.session, but_user=but_user, but_role=role.id):
            raise NotPossible("Nobody could administer any more. Make somebody else an administrator first.")


def _in_order(capabilities: Iterable[str]) -> list[str]:
    """As the closed set lists them: two spellings of the same rights are one."""
    wanted = set(capabilities)
    if unknown := wanted - set(Capability):
        raise Refused(_("There is no capability called %(name)s.") % {"name": sorted(unknown)[0]})
    return [str(capability) for capability in Capability if capability in wanted]
