"""What one change alone may do, two at the same moment may not do together."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.accounts.directory_repository import another_admin_exists, managers_above
from app.accounts.models import User
from app.accounts.people import People
from app.accounts.roles import Roles
from app.actor import SYSTEM, Actor, Capability
from app.errors import DomainError
from tests.cast import Cast, hire
from tests.database import WorkersDatabase

Act = Callable[[AsyncSession], Awaitable[None]]


async def both_at_once(engine: AsyncEngine, *acts: Act) -> list[DomainError | None]:
    async def one(act: Act) -> DomainError | None:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            try:
                await act(session)
            except DomainError as refused:
                return refused
            await session.commit()
            return None

    return list(await asyncio.gather(*map(one, acts)))


async def hired(engine: AsyncEngine) -> Cast:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        cast = await hire(session)
        await Roles(session, SYSTEM).admit(cast.roles["Admins"], cast["nora"])
        await session.commit()
    return cast


def administering(user: User) -> Actor:
    return replace(SYSTEM, id=user.id, name=user.name, capabilities=frozenset({Capability.ADMIN}))


async def test_two_administrators_who_deactivate_each_other_leave_one(
    clean_database: WorkersDatabase, engine: AsyncEngine
) -> None:
    cast = await hired(engine)

    def deactivation(by: str, of: str) -> Act:
        async def act(session: AsyncSession) -> None:
            people = People(session, administering(cast[by]))
            await people.deactivate(await people.find(cast[of].id))

        return act

    answers = await both_at_once(engine, deactivation("ada", "nora"), deactivation("nora", "ada"))
    assert [type(answer).__name__ for answer in answers if answer] == ["NotPossible"]
    async with AsyncSession(engine) as session:
        assert await another_admin_exists(session, but_user=0)


async def test_two_people_are_never_made_each_others_manager(
    clean_database: WorkersDatabase, engine: AsyncEngine
) -> None:
    cast = await hired(engine)

    def placing(whom: str, under: str) -> Act:
        async def act(session: AsyncSession) -> None:
            people = People(session, administering(cast["ada"]))
            await people.place_under(await people.find(cast[whom].id), manager_id=cast[under].id)

        return act

    answers = await both_at_once(engine, placing("maya", "ruth"), placing("ruth", "maya"))
    assert [type(answer).__name__ for answer in answers if answer] == ["Refused"]
    async with AsyncSession(engine) as session:
        for user_id in (await session.execute(select(User.id))).scalars().all():
            assert len(await managers_above(session, user_id)) < 6
