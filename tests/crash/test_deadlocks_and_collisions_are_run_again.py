"""Deadlock and serialization failure are nobody's fault: the request runs again and its sender sees nothing (C4)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import event

from app.db.session import Database
from app.main import create_app
from app.web.door import MAX_RERUNS
from tests.cast import settings_for
from tests.crash.deciding import DONE, DOORS, Decision, sign_in_daniel, something_to_decide
from tests.crash.record import DECIDED, found
from tests.database import WorkersDatabase
from tests.real import RealCompany
from tests.waiting import until

FAILING = "DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"
WAITS_FOR_A_LOCK = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid <> $1"


class Collisions:
    """The next `times` runs fail at their vote, in the database itself, as those of others might make it."""

    def __init__(self) -> None:
        self.state, self.times = "", 0

    def strike(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        if self.times and statement.startswith("UPDATE ticket.approval_process_step_approvers"):
            self.times -= 1
            return FAILING.format(state=self.state), ()
        return statement, parameters


@pytest.fixture
async def product(real_company: RealCompany) -> AsyncIterator[tuple[httpx.AsyncClient, Collisions]]:
    url = real_company.database.engine.url.render_as_string(hide_password=False)
    async with real_company.database.in_its_own() as session:
        await sign_in_daniel(session, real_company.company)
    collisions, database = Collisions(), Database(url)
    event.listen(database.engine.sync_engine, "before_cursor_execute", collisions.strike, retval=True)
    app = create_app(settings_for(url), database=database)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client, collisions


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_decision_that_collides_is_made_all_the_same_and_once(
    real_company: RealCompany, product: tuple[httpx.AsyncClient, Collisions], door: str, state: str
) -> None:
    client, collisions = product
    decision = await something_to_decide(real_company)
    collisions.state, collisions.times = state, MAX_RERUNS
    answer = await DOORS[door](decision, client)
    assert collisions.times == 0, "it did collide"
    assert answer.status_code == DONE[door], answer.text
    assert await votes(real_company, decision) == 1


@pytest.mark.parametrize("door", DOORS)
async def test_one_that_collides_over_and_over_is_asked_to_come_back_and_keeps_nothing(
    real_company: RealCompany, product: tuple[httpx.AsyncClient, Collisions], door: str
) -> None:
    client, collisions = product
    decision = await something_to_decide(real_company)
    collisions.state, collisions.times = "40001", MAX_RERUNS + 1
    answer = await DOORS[door](decision, client)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert await votes(real_company, decision) == 0
    assert (await DOORS[door](decision, client)).status_code == DONE[door]


async def test_a_real_deadlock_is_run_again(
    real_company: RealCompany, product: tuple[httpx.AsyncClient, Collisions], database: WorkersDatabase
) -> None:
    """Somebody holds what the vote needs next, and waits for the ticket that the vote holds."""
    client, _ = product
    decision = await something_to_decide(real_company)
    other = await asyncpg.connect(database.superuser_dsn)
    looking = await asyncpg.connect(database.superuser_dsn)
    try:
        await other.execute("SET deadlock_timeout = '20s'")
        async with other.transaction():
            await other.execute("LOCK TABLE ticket.command_log IN EXCLUSIVE MODE")
            deciding = asyncio.ensure_future(DOORS["page"](decision, client))
            await until(lambda: looking.fetchval(WAITS_FOR_A_LOCK, other.get_server_pid()))
            await other.execute("SELECT FROM ticket.tickets WHERE ticket_no = $1 FOR UPDATE", decision.ticket_no)
            assert not deciding.done(), "it was thrown back, and runs again behind the other"
        answer = await deciding
    finally:
        await other.close()
        await looking.close()
    assert answer.status_code == DONE["page"], answer.text
    assert await votes(real_company, decision) == 1


async def votes(there: RealCompany, decision: Decision) -> int:
    async with there.database.session() as session:
        now = await found(session, decision.ticket_no)
    return int(now.standing == DECIDED)
