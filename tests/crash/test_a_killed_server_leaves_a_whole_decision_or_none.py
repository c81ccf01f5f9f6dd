"""kill -9 of the server between any two statements of a decision: all of it is there, or nothing (P1, P11, D1, D2)."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.crash.deciding import (
    DONE,
    DOORS,
    Decision,
    Door,
    same_answer,
    sign_in_daniel,
    something_to_decide,
    until_answered,
)
from tests.crash.record import DECIDED, WAITS, Found, change, found
from tests.real import RealCompany


@pytest.fixture
async def client(real_company: RealCompany) -> AsyncIterator[httpx.AsyncClient]:
    """Of a server that dies where it is told to, and is back at once."""
    async with real_company.database.in_its_own() as session:
        await sign_in_daniel(session, real_company.company)
    url = real_company.database.engine.url.render_as_string(hide_password=False)
    program = (sys.executable, "-m", "tests.crash.dying_server", url)
    server = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, start_new_session=True)
    assert server.stdout
    port = int(await asyncio.wait_for(server.stdout.readline(), 60))
    alone = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=alone, timeout=20) as client:
        yield client
    os.killpg(server.pid, signal.SIGKILL)
    await server.wait()


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("door", DOORS)
async def test_between_any_two_statements_it_is_all_or_nothing_and_a_retry_completes_it(
    real_company: RealCompany, client: httpx.AsyncClient, door: str, every: int
) -> None:
    whole, steps = await _what_a_decision_changes(real_company, client, DOORS[door])
    assert steps > 15, "a decision is many statements, a commit, and an answer"
    for step in [*range(1, steps - 1, every), steps - 1, steps]:
        decision = await something_to_decide(real_company)
        before = await _now(real_company, decision)
        assert await _dies(client, DOORS[door], decision, step)
        after = await _now(real_company, decision)
        kept = step == steps
        assert change(before, after) == (whole if kept else {}), f"killed before step {step} of {steps}"
        assert after.standing == (DECIDED if kept else WAITS), f"killed before step {step} of {steps}"
        first, second = [await until_answered(lambda: DOORS[door](decision, client)) for _ in range(2)]  # noqa: B023
        assert first.status_code == DONE[door], first.text
        assert same_answer(first, second)
        assert change(before, await _now(real_company, decision)) == whole, "a retry completes it, and adds nothing"


async def _what_a_decision_changes(
    there: RealCompany, client: httpx.AsyncClient, door: Door
) -> tuple[dict[str, int], int]:
    """And in how many steps it does so, once the flow's definition was read: a process reads each only once."""
    assert (await door(await something_to_decide(there), client)).status_code < 400
    decision = await something_to_decide(there)
    before = await _now(there, decision)
    assert before.standing == WAITS
    answer = await door(decision, client, **{"x-die-at": "100000"})
    after = await _now(there, decision)
    assert after.standing == DECIDED, answer.text
    return change(before, after), int(answer.headers["x-steps"])


async def _dies(client: httpx.AsyncClient, door: Door, decision: Decision, step: int) -> bool:
    try:
        await door(decision, client, **{"x-die-at": str(step)})
    except httpx.TransportError:
        return True
    return False


async def _now(there: RealCompany, decision: Decision) -> Found:
    async with there.database.session() as session:
        return await found(session, decision.ticket_no)
