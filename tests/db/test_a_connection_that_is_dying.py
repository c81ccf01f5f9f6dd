"""The server has said farewell and the socket is not yet closed: asyncpg refuses, and the pool lets go of it."""

import asyncpg
import pytest
from asyncpg.transaction import Transaction
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.session import Database
from app.web.outage import is_unavailable
from tests.database import WorkersDatabase


async def test_it_is_an_outage_and_the_next_one_gets_another(
    clean_database: WorkersDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(clean_database.app_url)

    async def refuse(_transaction: Transaction) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "start", refuse)
        async with database.session() as session:
            with pytest.raises(DBAPIError) as refused:
                await session.execute(text("SELECT 1"))
    assert is_unavailable(refused.value)
    async with database.session() as session:
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
    await database.close()
