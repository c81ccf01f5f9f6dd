"""`countersign admin create` and `token create`."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.accounts import tokens
from app.accounts.commands import create_admin, create_token
from app.accounts.models import Role, User
from app.activity.models import AuditEntry
from app.errors import NotFound, Refused
from tests.cast import SECRET, settings_for
from tests.database import WorkersDatabase

EMAIL, PASSWORD = "root.of.all@example.com", "violet harbour lamp"


async def test_the_first_administrator_is_made_with_the_role_and_on_the_record(
    clean_database: WorkersDatabase, engine: AsyncEngine
) -> None:
    settings = settings_for(clean_database.app_url)
    await create_admin(settings, EMAIL, "Ada Kovac", PASSWORD)
    await create_admin(settings, "second@example.com", "Second", PASSWORD)
    with pytest.raises(Refused, match="already"):
        await create_admin(settings, EMAIL.upper(), "Again", PASSWORD)
    async with AsyncSession(engine) as session:
        roles = (await session.execute(select(Role))).scalars().all()
        entries = (await session.execute(select(AuditEntry).order_by(AuditEntry.id))).scalars().all()
    assert [(role.name, role.capabilities) for role in roles] == [("Admins", ["admin"])]
    kinds = ["user_created", "role_created", "member_added", "user_created", "member_added"]
    assert [entry.event_type for entry in entries] == kinds
    assert {entry.channel for entry in entries} == {"cli"}


async def test_a_weak_password_makes_no_administrator(clean_database: WorkersDatabase, engine: AsyncEngine) -> None:
    with pytest.raises(Refused):
        await create_admin(settings_for(clean_database.app_url), EMAIL, "Ada Kovac", "password123")
    async with AsyncSession(engine) as session:
        assert (await session.execute(select(User).filter_by(email=EMAIL))).first() is None


async def test_a_token_is_printed_for_somebody_who_is_there(clean_database: WorkersDatabase) -> None:
    settings = settings_for(clean_database.app_url)
    await create_admin(settings, EMAIL, "Ada Kovac", PASSWORD)
    assert tokens.read(SECRET, await create_token(settings, EMAIL, "script", 30)) is not None
    with pytest.raises(NotFound):
        await create_token(settings, "nobody@example.com", "script", 30)
    with pytest.raises(Refused):
        await create_token(settings, EMAIL, "script", 366)
