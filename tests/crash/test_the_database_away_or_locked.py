"""An outage of the database is told at once and over at once; a lock makes one request wait, for a bounded time."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from tests.crash.conftest import Breakable
from tests.crash.deciding import DOORS, TOKEN, something_to_decide, until_answered
from tests.waiting import within

SIGNED_IN = {"cookie": f"countersign={TOKEN}"}
PAGES = ("/tickets", "/approvals", "/tickets/new/purchase-request", "/me")


async def get(client: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    return await client.get(path, headers=SIGNED_IN | headers)


async def test_while_the_database_is_away_the_answer_is_503_at_once_and_nobody_is_signed_out(
    breakable: Breakable,
) -> None:
    decision = await something_to_decide(breakable.there)
    for path in PAGES:
        assert (await get(breakable.client, path)).status_code == 200, path
    breakable.stop_at_once()
    await breakable.gone()
    for path in PAGES:
        async with within(1):
            away = await get(breakable.client, path)
        assert (away.status_code, away.headers.get("retry-after")) == (503, "2"), path
        assert "set-cookie" not in away.headers, path
    bearer = {"authorization": f"Bearer {decision.bearer}"}
    script = await breakable.client.get("/api/v1/tickets", headers=bearer)
    assert (script.status_code, script.headers["retry-after"]) == (503, "2")
    assert script.headers["content-type"] == "application/problem+json"
    assert (await breakable.client.get("/live")).status_code == 200
    assert (await breakable.client.get("/ready")).status_code == 503
    assert (await breakable.client.get("/static/css/base.css")).status_code == 200
    await breakable.come_back()
    async with within(5):
        for path in PAGES:
            back = await until_answered(lambda path=path: get(breakable.client, path))  # type: ignore[misc]
            assert back.status_code == 200, path


@pytest.mark.parametrize("door", DOORS)
async def test_a_locked_ticket_makes_one_request_wait_and_no_other(breakable: Breakable, door: str) -> None:
    decision = await something_to_decide(breakable.there)
    async with breakable.there.database.session() as session:
        await session.execute(
            text("SELECT FROM ticket.tickets WHERE ticket_no = :number FOR UPDATE"), {"number": decision.ticket_no}
        )
        async with within(6):
            waits = asyncio.ensure_future(DOORS[door](decision, breakable.client))
            for path in PAGES:
                assert (await get(breakable.client, path)).status_code == 200, path
            assert not waits.done(), "the others were answered meanwhile"
            answer = await waits
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "2")
    assert (await DOORS[door](decision, breakable.client)).status_code < 400, "the lock is gone, and so is the trouble"
