"""People, roles and calendars are read once a process, and anew by whoever looks after somebody changed them."""

import asyncio
from collections.abc import Iterable

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, User, UserRole
from app.accounts.repository import administrators, people
from app.actor import SYSTEM, acting_as
from app.db import master_data
from app.db.master_data import MARKED, remembered
from app.db.session import Database
from tests.cast import Cast
from tests.queries import counting
from tests.real import RealCompany


async def name_of(session: AsyncSession, person: int) -> str:
    return (await people(session, [person]))[person].name


async def rename(session: AsyncSession, person: int, name: str) -> None:
    await session.execute(update(User).where(User.id == person).values(name=name))


def only_marks(statements: Iterable[str]) -> bool:
    return all("master_data_mark" in one for one in statements)


async def test_what_was_read_once_costs_the_mark_only(session: AsyncSession, cast: Cast) -> None:
    await name_of(session, cast["hana"].id)
    await session.commit()
    with counting() as statements:
        await name_of(session, cast["hana"].id)
        await name_of(session, cast["hana"].id)
    assert len(statements) == 1
    assert only_marks(statements)


async def test_somebody_who_is_not_there_is_asked_for_once(session: AsyncSession, cast: Cast) -> None:
    assert await people(session, [987_654]) == {}
    with counting() as statements:
        assert await people(session, [987_654]) == {}
    assert statements == []


async def test_who_changes_something_sees_it_at_once(session: AsyncSession, cast: Cast) -> None:
    assert await name_of(session, cast["hana"].id) == "Hana Sato"
    await rename(session, cast["hana"].id, "Hana Mori")
    assert await name_of(session, cast["hana"].id) == "Hana Mori"
    hana = (await session.execute(select(User).where(User.id == cast["hana"].id))).scalar_one()
    hana.name = "Hana Abe"
    await session.flush()
    assert await name_of(session, cast["hana"].id) == "Hana Abe"


async def test_what_a_savepoint_undoes_is_undone(session: AsyncSession, cast: Cast) -> None:
    hana = cast["hana"].id
    await rename(session, hana, "Hana Mori")
    assert await name_of(session, hana) == "Hana Mori"
    savepoint = await session.begin_nested()
    await rename(session, hana, "Hana Abe")
    assert await name_of(session, hana) == "Hana Abe"
    await savepoint.rollback()
    assert await name_of(session, hana) == "Hana Mori"


async def test_others_see_it_with_the_commit_and_not_before(real_company: RealCompany, real_database: Database) -> None:
    hana = real_company.company.cast["hana"].id
    with acting_as(SYSTEM):
        async with real_database.session() as writer:
            await rename(writer, hana, "Hana Mori")
            assert await name_of(writer, hana) == "Hana Mori"
            assert await _asked_anew(real_database, hana) == "Hana Sato"
            await writer.commit()
        assert await _asked_anew(real_database, hana) == "Hana Mori"


async def test_what_was_undone_was_never_there(real_company: RealCompany, real_database: Database) -> None:
    hana = real_company.company.cast["hana"].id
    async with real_database.session() as writer:
        await rename(writer, hana, "Hana Mori")
        assert await name_of(writer, hana) == "Hana Mori"
        await writer.rollback()
    assert await _asked_anew(real_database, hana) == "Hana Sato"


async def test_after_a_lock_nothing_is_older_than_the_lock(real_company: RealCompany, real_database: Database) -> None:
    """Somebody waits for a lock while another commits: what they read before they waited is not what they go by."""
    cast = real_company.company.cast
    async with real_database.session() as waiter:
        assert await name_of(waiter, cast["hana"].id) == "Hana Sato"
        async with real_database.session() as other:
            await rename(other, cast["hana"].id, "Hana Mori")
            await other.commit()
        assert await name_of(waiter, cast["hana"].id) == "Hana Sato"
        await waiter.execute(select(User.id).where(User.id == cast["daniel"].id).with_for_update())
        assert await name_of(waiter, cast["hana"].id) == "Hana Mori"


async def test_a_lock_that_comes_with_a_refresh_is_one_too(real_company: RealCompany, real_database: Database) -> None:
    hana, daniel = (real_company.company.cast[key].id for key in ("hana", "daniel"))
    async with real_database.session() as waiter:
        held = (await waiter.execute(select(User).where(User.id == daniel))).scalar_one()
        assert await name_of(waiter, hana) == "Hana Sato"
        async with real_database.session() as other:
            await rename(other, hana, "Hana Mori")
            await other.commit()
        assert await name_of(waiter, hana) == "Hana Sato"
        await waiter.refresh(held, with_for_update=True)
        assert await name_of(waiter, hana) == "Hana Mori"


async def test_of_two_who_change_at_once_neither_hides_what_the_other_did(
    real_company: RealCompany, real_database: Database
) -> None:
    """The later one read before the earlier one committed; that stays their own."""
    cast = real_company.company.cast
    async with real_database.session() as late, real_database.session() as early:
        await rename(early, cast["hana"].id, "Hana Mori")
        await rename(late, cast["daniel"].id, "Daniel Obi")
        assert await name_of(late, cast["hana"].id) == "Hana Sato"
        await early.commit()
        await late.commit()
    assert await _asked_anew(real_database, cast["hana"].id) == "Hana Mori"
    assert await _asked_anew(real_database, cast["daniel"].id) == "Daniel Obi"


async def test_the_mark_is_locked_for_a_commit_only(real_company: RealCompany, real_database: Database) -> None:
    """Two who change people do not wait for each other, nor for each other's tickets."""
    cast = real_company.company.cast
    async with real_database.session() as one, real_database.session() as another:
        await rename(one, cast["hana"].id, "Hana Mori")
        await asyncio.wait_for(rename(another, cast["daniel"].id, "Daniel Obi"), 3)
        await asyncio.wait_for(another.commit(), 3)
        await one.commit()


async def test_who_is_no_administrator_any_more_is_none_for_anybody(
    real_company: RealCompany, real_database: Database
) -> None:
    async with real_database.session() as session:
        admins = await administrators(session)
        assert real_company.company.cast["ada"].id in admins
        await session.rollback()
        with acting_as(SYSTEM):
            role = select(Role.id).where(Role.capabilities.contains(["admin"]))
            row = select(UserRole).where(
                UserRole.role_id.in_(role), UserRole.user_id == real_company.company.cast["ada"].id
            )
            for one in (await session.execute(row)).scalars():
                await session.delete(one)
            await session.commit()
    async with real_database.session() as session:
        assert real_company.company.cast["ada"].id not in await administrators(session)


@pytest.mark.parametrize("table", MARKED)
async def test_each_of_its_tables_replaces_the_mark(session: AsyncSession, table: str) -> None:
    found = await session.execute(
        text(
            "SELECT tgname, tgdeferrable FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass) AND tgname LIKE 'mas%'"
        ),
        {"name": f"ticket.{table}"},
    )
    assert {tuple(row) for row in found} == {("master_data_changes", False), ("master_data_changed", True)}
    before = (await session.execute(master_data._MARK)).scalar_one()
    await session.execute(text(f"UPDATE ticket.{table} SET id = id WHERE false"))
    assert (await session.execute(master_data._MARK)).scalar_one() != before


async def test_marks_that_are_over_are_forgotten(session: AsyncSession, cast: Cast) -> None:
    async def read(keys: list[int]) -> dict[int, str]:
        return dict.fromkeys(keys, "something")

    for turn in range(master_data.MOST_MARKS + 3):
        await rename(session, cast["hana"].id, f"Hana {turn}")
        await remembered(session, "a test", [turn], read)
    assert len(master_data._kept) == master_data.MOST_MARKS


async def _asked_anew(database: Database, person: int) -> str:
    async with database.session() as reader:
        return await name_of(reader, person)
