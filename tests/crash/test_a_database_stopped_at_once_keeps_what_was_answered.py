"""`pg_ctl stop -m immediate` at random moments of a decision: what was answered stays, the rest is all or nothing."""

import random
from collections import Counter

import pytest

from tests.crash.conftest import Breakable
from tests.crash.deciding import DONE, DOORS, Decision, same_answer, something_to_decide, until_answered
from tests.crash.record import DECIDED, WAITS, Found, change, found

STEPS_OF_A_DECISION = 45
SEED = 20261125


@pytest.mark.parametrize("trials", [10, pytest.param(200, marks=pytest.mark.nightly)])
async def test_vote_ticket_events_chain_and_outbox_agree_and_a_retry_completes_them(
    breakable: Breakable, trials: int
) -> None:
    dice, ends = random.Random(SEED), Counter[str]()
    for trial in range(trials):
        door = dice.choice(list(DOORS))
        decision = await something_to_decide(breakable.there)
        before = await _now(breakable, decision)
        breakable.fuse = dice.randint(1, STEPS_OF_A_DECISION)
        answer = await DOORS[door](decision, breakable.client)
        breakable.fuse = 0
        breakable.stop_at_once()
        await breakable.come_back()
        after = await _now(breakable, decision)
        assert answer.status_code in {DONE[door], 503}, f"trial {trial}: {answer.text}"
        assert after.standing in {WAITS, DECIDED}
        assert (change(before, after) == {}) == (after.standing == WAITS), f"trial {trial}"
        if answer.status_code != 503:
            assert after.standing == DECIDED, f"trial {trial}: what was answered is kept"
        ends[f"{answer.status_code} {after.standing[0]}"] += 1
        await _a_retry_completes_it(breakable, decision, door, after)
    assert sum(number for end, number in ends.items() if end.startswith("503")) >= trials // 3, ends


async def _a_retry_completes_it(breakable: Breakable, decision: Decision, door: str, left: Found) -> None:
    first = await until_answered(lambda: DOORS[door](decision, breakable.client))
    whole = await _now(breakable, decision)
    assert first.status_code == DONE[door], first.text
    assert whole.standing == DECIDED
    assert left.standing == WAITS or change(left, whole) == {}, "what was there already is not done twice"
    assert same_answer(first, await DOORS[door](decision, breakable.client))
    assert change(whole, await _now(breakable, decision)) == {}


async def _now(breakable: Breakable, decision: Decision) -> Found:
    async with breakable.there.database.session() as session:
        return await found(session, decision.ticket_no)
