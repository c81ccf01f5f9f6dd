"""Against real commits: the template's row orders publications, and nobody's version is lost unseen."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.db.session import Database
from app.errors import Stale
from app.ticket_templates.models import TicketTemplate, TicketTemplateVersion
from app.ticket_templates.service import TicketTemplates
from tests.cast import hire
from tests.database import WorkersDatabase
from tests.ticket_templates.makers import a_purchase

ROUNDS = 5


@pytest.fixture
async def open_database(clean_database: WorkersDatabase) -> AsyncIterator[Database]:
    database = Database(clean_database.app_url, pool_size=6)
    yield database
    await database.close()


@pytest.fixture
async def admin(open_database: Database) -> Actor:
    async with open_database.in_its_own() as session:
        cast = await hire(session)
        ada = Actor(id=cast["ada"].id, name="Ada Kovac", capabilities=frozenset({"admin"}))
        await TicketTemplates(session, ada).create_and_publish(a_purchase())
    return ada


async def save(database: Database, admin: Actor, name: str, based_on: int | None) -> str:
    try:
        async with database.in_its_own() as session:
            templates = TicketTemplates(session, admin)
            template = await templates.find("purchase-request")
            await templates.save(template, a_purchase(name=name), based_on=based_on)
    except Stale:
        return "stale"
    return "published"


async def numbers(database: Database) -> list[tuple[int, str]]:
    async with database.session() as session:
        version = TicketTemplateVersion
        query = select(version.number, version.status).order_by(version.number)
        return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def test_of_two_who_edited_the_same_version_one_is_told(open_database: Database, admin: Actor) -> None:
    for number in range(1, ROUNDS + 1):
        both = (save(open_database, admin, f"{who} {number}", number) for who in ("Hers", "His"))
        assert sorted(await asyncio.gather(*both)) == ["published", "stale"]
    live = [(number, "retired") for number in range(1, ROUNDS + 1)] + [(ROUNDS + 1, "published")]
    assert await numbers(open_database) == live


async def test_publications_at_once_come_one_after_the_other(open_database: Database, admin: Actor) -> None:
    saves = (save(open_database, admin, f"Name {number}", None) for number in range(ROUNDS))
    assert await asyncio.gather(*saves) == ["published"] * ROUNDS
    found = await numbers(open_database)
    assert [number for number, _ in found] == list(range(1, ROUNDS + 2))
    assert [status for _, status in found].count("published") == 1
    async with open_database.session() as session:
        template = (await session.execute(select(TicketTemplate))).scalar_one()
        live = select(TicketTemplateVersion).filter_by(status="published")
        assert (await session.execute(live)).scalar_one().definition["name"] == template.name
