"""The same invariants, where Hypothesis orders the steps and, when one fails, finds the shortest history that does.

The seed makes the flow, the people and the details of each command; Hypothesis chooses which kind comes when.
`make test` runs 100 of these beside 2,000 seeded histories, as Hypothesis is slower; COUNTERSIGN_PROFILE=nightly
asks for 20,000 of each.
"""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.approvals.core import commands as c
from app.approvals.core.state import State
from tests.approvals.core.invariants import check_explanation
from tests.approvals.core.office import EVERYBODY
from tests.approvals.core.test_holding_the_invariants import STEPS, Life

EXAMPLES = {"": 100, "nightly": 20_000}
PROFILE = os.environ.get("COUNTERSIGN_PROFILE", "")


class OneProcess(RuleBasedStateMachine):
    @initialize(seed=st.integers(0, 2**32 - 1))
    def start(self, seed: int) -> None:
        self.life = Life(seed)
        self.life.take(self.life.next_command(), checks_people=True)

    @rule(
        kind=st.sampled_from(["vote", "vote", "staffing", "admin", "whole", "retract", "timer", "content", "migrate"])
    )
    def somebody_does(self, kind: str) -> None:
        chosen: Callable[[State], c.Command] = getattr(self.life.history, f"_{kind}")
        self.life.take(chosen(self.life.state), checks_people=False)

    @precondition(lambda self: self.life.state.status == "returned")
    @rule()
    def the_requester_sends_it_in_again(self) -> None:
        self.life.take(c.Resubmit(self.life.state.requester_id), checks_people=True)

    @rule()
    def the_world_turns(self) -> None:
        self.life.history.turn_the_world()

    @rule(person=st.sampled_from(EVERYBODY))
    def what_is_explained_is_what_is_decided(self, person: int) -> None:
        check_explanation(self.life.state, self.life.history.context(self.life.state), person)

    @invariant()
    def the_ledger_agrees(self) -> None:
        self.life.ledger.check(self.life.state)

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.life.end()


TestOneProcess = OneProcess.TestCase
TestOneProcess.settings = settings(
    max_examples=EXAMPLES.get(PROFILE, EXAMPLES[""]),
    stateful_step_count=STEPS,
    derandomize=PROFILE != "nightly",
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
