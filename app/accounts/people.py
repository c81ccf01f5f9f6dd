"""The verbs of the directory that are about one person. Only administrators, and the command line, come here."""

from collections.abc import Sequence
from typing import Unpack

from sqlalchemy.ext.asyncio import AsyncSession

from app import jobs
from app.accounts import directory_repository as directory
from app.accounts import events, passwords, sign_in
from app.accounts.models import Details, User
from app.accounts.policy import insist_on_admin
from app.activity.log import ActivityLog
from app.actor import Actor
from app.clock import database_now
from app.db.whole import all_or_nothing
from app.errors import NotAllowed, NotFound, NotPossible, Refused


class People:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor, self.activity = session, actor, ActivityLog(session, actor)

    async def find(self, user_id: int) -> User:
        user = await directory.find_user(self.session, user_id)
        if user is None:
            raise NotFound
        return user

    async def add(
        self,
        *,
        name: str,
        email: str,
        title: str = "",
        password: str | None = None,
        manager_id: int | None = None,
        locale: str = "en",
        time_zone: str = "Europe/Berlin",
    ) -> User:
        """Without a password nobody can sign in as them until an administrator sets one."""
        await self._begin()
        await self._insist_on_free_email(email)
        if password is not None:
            passwords.check_strength(password, own_words=(name, email))
        if manager_id is not None:
            await self._insist_on_active(manager_id)
        user = User(name=name, email=email, title=title, locale=locale, time_zone=time_zone, manager_id=manager_id)
        user.password_hash = await passwords.hash_password(password) if password is not None else None
        if manager_id is not None:
            user.manager_set_by, user.manager_set_at = self.actor.id, await database_now(self.session)
        self.session.add(user)
        await self.session.flush()
        await self.activity.audit(events.USER_CREATED, user, user=user.id, manager_id=manager_id)
        return user

    async def reshape(self, user: User, *, manager_id: int | None, **details: Unpack[Details]) -> None:
        """All that one form holds."""
        async with all_or_nothing(self.session, user):
            await self.change(user, **details)
            await self.place_under(user, manager_id=manager_id)

    async def change(self, user: User, **new: Unpack[Details]) -> None:
        await self._begin(user)
        await self._insist_on_free_email(new["email"], but=user)
        changes = {key: [getattr(user, key), value] for key, value in new.items() if getattr(user, key) != value}
        if not changes:
            return
        for key, value in new.items():
            setattr(user, key, value)
        await self.session.flush()
        await self.activity.audit(events.USER_CHANGED, user, user=user.id, changes=changes)

    async def place_under(self, user: User, *, manager_id: int | None) -> None:
        """Who set it and when is kept: an entry made by an interested person seats nobody (approvals.md, rule 4)."""
        await self._begin(user)
        if manager_id == user.manager_id:
            return
        if manager_id is not None:
            await self._insist_on_active(manager_id)
            if user.id in await directory.managers_above(self.session, manager_id):
                raise Refused.at("manager_id", "That would make them their own manager, by way of others.")
        old = user.manager_id
        user.manager_id, user.manager_set_by = manager_id, self.actor.id
        user.manager_set_at = await database_now(self.session)
        await self.session.flush()
        await self.activity.audit(
            events.MANAGER_CHANGED, user, user=user.id, old=old, new=manager_id, nobody=manager_id is None
        )
        await tell_approvals(self.session, [user.id])

    async def set_password(self, user: User, password: str) -> None:
        """Whoever holds a session or a token of this account has to come again."""
        await self._begin(user)
        passwords.check_strength(password, own_words=(user.name, user.email))
        user.password_hash = await passwords.hash_password(password)
        await sign_in.cut_off(self.session, user.id)
        await self.session.flush()
        await self.activity.audit(events.PASSWORD_SET, user, user=user.id)

    async def deactivate(self, user: User) -> None:
        await self._begin(user)
        if user.deactivated_at is not None:
            raise NotPossible("This person is deactivated already.")
        if user.id == self.actor.id:
            raise NotAllowed("Nobody deactivates themselves. Ask another administrator.")
        if not await directory.another_admin_exists(self.session, but_user=user.id):
            raise NotPossible("This is the last administrator. Make somebody else one first.")
        user.deactivated_at = await database_now(self.session)
        await sign_in.cut_off(self.session, user.id)
        await self.session.flush()
        await self.activity.audit(events.USER_DEACTIVATED, user, user=user.id)
        await tell_approvals(self.session, [user.id])

    async def reactivate(self, user: User) -> None:
        """Seats, sessions and tokens that were lost do not come back."""
        await self._begin(user)
        if user.deactivated_at is None:
            raise NotPossible("This person is active already.")
        user.deactivated_at = None
        await self.session.flush()
        await self.activity.audit(events.USER_REACTIVATED, user, user=user.id)
        await tell_approvals(self.session, [user.id])

    async def _begin(self, user: User | None = None) -> None:
        insist_on_admin(self.actor)
        await directory.lock_directory(self.session)
        if user is not None:
            await self.session.refresh(user, with_for_update=True)

    async def _insist_on_free_email(self, email: str, but: User | None = None) -> None:
        if await directory.email_is_taken(self.session, email, but=but.id if but else None):
            raise Refused.at("email", "Somebody has this e-mail address already.")

    async def _insist_on_active(self, manager_id: int) -> None:
        manager = await directory.find_user(self.session, manager_id)
        if manager is None or not manager.is_active:
            raise Refused.at("manager_id", "Choose somebody who is active.")


async def tell_approvals(session: AsyncSession, user_ids: Sequence[int]) -> None:
    """A job settles, ticket by ticket, who may no longer vote (approvals.md, rule 13)."""
    for user_id in user_ids:
        await jobs.enqueue(session, "approvals.directory_changed", {"user_id": user_id})
