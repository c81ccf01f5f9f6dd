"""What the command line does to accounts, through the same verbs as the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import directory_repository as directory
from app.accounts import repository
from app.accounts.access_tokens import LONGEST_DAYS, AccessTokens
from app.accounts.models import Role
from app.accounts.people import People
from app.accounts.roles import Roles
from app.actor import SYSTEM, Actor, Capability, Channel, acting_as
from app.config import Settings
from app.db.session import Database
from app.errors import NotFound, Refused

ADMINS = "Admins"


async def create_admin(settings: Settings, email: str, name: str, password: str) -> None:
    """Makes the administrators' role too, where there is none yet."""
    with acting_as(replace(SYSTEM, channel=Channel.CLI)) as actor:
        async with transaction(settings) as session:
            user = await People(session, actor).add(name=name, email=email, password=password)
            roles = Roles(session, actor)
            existing = [role for role in await directory.all_roles(session) if _administers(role)]
            role = existing[0] if existing else await roles.add(name=ADMINS, capabilities=[Capability.ADMIN])
            await roles.admit(role, user)


def _administers(role: Role) -> bool:
    return Capability.ADMIN in role.capabilities and role.archived_at is None


async def create_token(settings: Settings, email: str, name: str, days: int) -> str:
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"A token lives from 1 to {LONGEST_DAYS} days.")
    async with transaction(settings) as session:
        user = await repository.user_by_email(session, email)
        if user is None or not user.is_active:
            raise NotFound
        with acting_as(Actor(id=user.id, name=user.name, channel=Channel.CLI)) as actor:
            tokens = AccessTokens(session, actor)
            return await tokens.create(settings.secret_key, name=name, lifetime=timedelta(days=days))


@asynccontextmanager
async def transaction(settings: Settings) -> AsyncIterator[AsyncSession]:
    database = Database(settings.database_url or "", role=settings.app_role, pool_size=1, max_overflow=0)
    try:
        async with database.in_its_own() as session:
            yield session
    finally:
        await database.close()
