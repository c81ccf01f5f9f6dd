"""Random histories of 40 steps; COUNTERSIGN_PROFILE is their number, or `nightly`. A failure names its seed."""

import os
from collections import Counter

import pytest

from app.approvals.core import commands as c
from app.approvals.core.denied import Denied
from app.approvals.core.engine import decide, fold
from app.approvals.core.events import (
    Event,
    ProcessClosed,
    VoteCast,
    VoteRetracted,
    event_from_json,
    event_to_json,
)
from app.approvals.core.state import State, state_from_json, state_to_json
from tests.approvals.core.histories import History
from tests.approvals.core.invariants import Ledger, check_explanation, check_nobody_is_forgotten
from tests.approvals.core.office import EVERYBODY, check_it_can_be_told

PROFILES = {"": 2_000, "nightly": 20_000}
PROFILE = os.environ.get("COUNTERSIGN_PROFILE", "")
HISTORIES = int(PROFILE) if PROFILE.isdigit() else PROFILES.get(PROFILE, PROFILES[""])
STEPS = 40
BATCHES = 20


class Life:
    """One history: processes that follow one another in a world that changes."""

    def __init__(self, seed: int) -> None:
        self.history = History(seed)
        self.seen, self.ends = Counter[str](), Counter[str]()
        self._begin()

    def _begin(self) -> None:
        self.state, self.happened = State(), list[Event]()
        self.ledger = Ledger(self.history.flow)

    def live(self) -> None:
        for number in range(STEPS):
            self.take(self.next_command(), checks_people=number % 8 == 7)
            if self.history.random.random() < 1 / STEPS:
                context = self.history.context(self.state)
                check_explanation(self.state, context, self.history.random.choice(EVERYBODY))
            self.history.turn_the_world()
            if self.state.status.is_final and self.history.random.random() < 0.2:
                self.end()
                self._begin()
        self.end()

    def next_command(self) -> c.Command:
        return self.history.command(self.state) if self.happened else self.history.start()

    def take(self, command: c.Command, *, checks_people: bool) -> None:
        before, history = self.state, self.history
        if isinstance(command, c.ContentChanged):
            history.edit(command)
        ctx = history.context(before)
        answer = decide(before, command, ctx)
        self.seen[f"{type(command).__name__} {'denied' if isinstance(answer, Denied) else 'accepted'}"] += 1
        if isinstance(answer, Denied):
            check_it_can_be_told(answer)
            return
        self.state = fold(before, answer)
        if isinstance(command, c.Migrate):
            assert not any(isinstance(event, VoteCast | VoteRetracted | ProcessClosed) for event in answer)
            history.move_on()
            self.ledger.flow, ctx = history.flow, ctx.target or ctx
        assert not before.status.is_final or isinstance(command, c.Retract) or self.state == before
        self.happened += answer
        self.ledger.record(command, before, answer, self.state, ctx)
        self.ledger.check(self.state)
        if checks_people:
            check_nobody_is_forgotten(self.state, ctx)

    def end(self) -> None:
        """Events and state survive the way through JSON, and the events alone make the state."""
        replayed = [event_from_json(event_to_json(event)) for event in self.happened]
        assert fold(State(), replayed) == self.state
        assert state_from_json(state_to_json(self.state)) == self.state
        self.ends[self.state.status.value] += 1


Went = tuple[Counter[str], Counter[str]]
"""How a history's processes ended, and which commands it saw."""


def live_through(seed: int) -> Went:
    life = Life(seed)
    life.live()
    return life.ends, life.seen


@pytest.fixture(scope="module")
def went() -> dict[int, Went]:
    """By its seed each history that has been lived through."""
    return {}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_history_holds_the_invariants(went: dict[int, Went], batch: int) -> None:
    for seed in range(batch, HISTORIES, BATCHES):
        try:
            went[seed] = live_through(seed)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


def test_the_histories_go_everywhere(went: dict[int, Went]) -> None:
    """Or the invariants would hold for want of anything happening."""
    ends, seen = Counter[str](), Counter[str]()
    for seed in range(250):
        ended, saw = went.get(seed) or live_through(seed)
        ends += ended
        seen += saw
    assert set(ends) >= {"running", "returned", "approved", "rejected", "withdrawn", "cancelled"}
    for kind in c.Command.__args__:
        assert seen[f"{kind.__name__} accepted"] > 0, kind
