"""Rule 11: what runs goes on with a newer version of its flow; nothing that was asked or decided changes by it."""

from typing import Any

from app.approvals.core import commands as c
from app.approvals.core.context import Verdict
from app.approvals.core.definition import Flow
from app.approvals.core.engine import fold
from app.approvals.core.state import State
from tests.approvals.core.office import (
    ADA,
    DANIEL,
    HANA,
    INGRID,
    MAYA,
    OTTO,
    RUTH,
    TOMAS,
    Desk,
    flow,
    step,
    user,
)

A, B, C = step("a", user(MAYA)), step("b", user(TOMAS)), step("c", user(RUTH))
NEVER = Verdict(holds=False, sentence="it is small")


def moving(now: Flow, to: Flow) -> Desk:
    desk = Desk(now)
    desk.target = to
    return desk


def the_move(actor: int = ADA, reason: str = "the rules changed", version: int = 2) -> c.Migrate:
    return c.Migrate(actor, version, "newer", reason)


def test_it_goes_on_with_the_steps_of_the_newer_version_and_keeps_every_vote() -> None:
    desk = moving(flow([A], [B]), flow([A], [B], [C])).submit().approve(MAYA)
    asked = desk.run("b")
    desk.do(the_move())
    assert (desk.state.flow_version, desk.state.flow_sha256, desk.run("b")) == (2, "newer", asked)
    assert desk.status("a") == "approved"
    assert desk.approve(TOMAS).state.status == "running"
    assert desk.approve(RUTH).state.status == "approved"
    assert desk.kinds.count("approval_migrated") == 1
    assert fold(State(), desk.events) == desk.state


def test_a_step_that_is_gone_is_not_asked_any_more() -> None:
    desk = moving(flow([A], [B]), flow([A])).submit()
    desk.do(the_move())
    assert desk.state.status == "running"
    assert desk.approve(MAYA).state.status == "approved"


def test_what_was_asked_already_must_be_the_same() -> None:
    stages: tuple[list[dict[str, Any]], ...] = ([A], [B])
    before = [step("x", user(OTTO))]
    other = step("a", user(MAYA), user(OTTO), mode="all")
    for to, named in (
        (flow(before, *stages), "X"),
        (flow([A, *before], [B]), "X"),
        (flow([other], [B]), "A"),
        (flow([B]), "A"),
        (flow([A, B]), "A"),
    ):
        desk = moving(flow(*stages), to).submit()
        denied = desk.try_to(the_move())
        assert getattr(denied, "code", "") == "flows_differ", to
        assert getattr(denied, "params", {}) == {"step": named}


def test_every_stage_that_was_reached_must_be_the_same() -> None:
    late = [step("b", user(OTTO)), B | {"key": "d", "name": "D"}]
    now = flow([A], [B, late[1]], [C])
    for to, named in ((flow([A], late, [C]), "B"), (flow([A]), "B"), (flow([A], [late[1], B], [C]), "B")):
        desk = moving(now, to).submit().approve(MAYA)
        denied = desk.try_to(the_move())
        assert (getattr(denied, "code", ""), getattr(denied, "params", {})) == ("flows_differ", {"step": named})


def test_the_step_that_was_asked_first_may_change_once_another_round_has_not_reached_it() -> None:
    """Back at the first step, what the second asked in the round before is history and binds nobody."""
    back = step("b", user(TOMAS), on_reject={"back_to": "a"})
    desk = moving(flow([A], [back]), flow([A], [C])).submit().approve(MAYA).reject(TOMAS)
    assert desk.state.stage == 1
    desk.do(the_move())
    assert desk.approve(MAYA, RUTH).state.status == "approved"


def test_what_a_resubmission_kept_must_be_the_same_wherever_it_goes_on() -> None:
    skipped = step("s", user(OTTO), condition={"v": 1, "all": []})
    kept = {"resubmit": "returning_step"}
    desk = moving(flow([A, skipped], [B], [C], **kept), flow([A, skipped], [step("b", user(INGRID))], [C]))
    desk.office.verdicts["s"] = NEVER
    desk.submit().approve(MAYA, TOMAS)
    desk.do(c.OpenStep(ADA, desk.run("s").number, "ask him all the same"))
    desk.do(desk.vote(RUTH, "return", "c"))
    desk.office.verdicts["s"] = Verdict(True)
    desk.do(c.Resubmit(HANA))
    assert (desk.state.stage, desk.status("b")) == (1, "approved")
    denied = desk.try_to(the_move())
    assert (getattr(denied, "code", ""), getattr(denied, "params", {})) == ("flows_differ", {"step": "B"})


def test_an_admin_gives_a_reason_and_is_neither_requester_nor_editor() -> None:
    desk = moving(flow([A], [B]), flow([A], [C])).submit()
    assert desk.refuse(the_move(DANIEL)) == "not_an_admin"
    assert desk.refuse(the_move(reason=" ")) == "reason_required"
    assert desk.refuse(the_move(version=1)) == "same_version"
    desk.office.editors = frozenset({ADA})
    assert desk.refuse(the_move()) == "barred"
    desk.office.editors = frozenset()
    desk.target = None
    assert desk.refuse(the_move()) == "no_target"


def test_only_what_runs_moves() -> None:
    desk = moving(flow([A], [B]), flow([A], [C])).submit()
    desk.do(desk.vote(MAYA, "return"))
    assert desk.refuse(the_move()) == "returned"
    desk.do(c.Withdraw(HANA))
    assert desk.refuse(the_move()) == "not_running"


def test_where_nothing_applied_the_new_steps_are_asked_and_nothing_is_approved_by_moving() -> None:
    skipped = step("a", user(MAYA), condition={"v": 1, "all": []})
    now = flow([skipped])
    desk = moving(now, flow([skipped], when_nothing_applies="approve"))
    desk.office.verdicts["a"] = NEVER
    desk.submit()
    assert desk.flags == ["nothing_applies"]
    assert desk.refuse(the_move()) == "would_end"
    desk.target = flow([skipped], [step("b", user(INGRID))], when_nothing_applies="approve")
    desk.do(the_move())
    assert (desk.flags, desk.status("b")) == ([], "open")
    assert desk.approve(INGRID).state.status == "approved"


def test_a_vote_cannot_be_taken_back_across_a_move() -> None:
    desk = moving(flow([A], [B]), flow([A], [B], [C])).submit().approve(MAYA)
    desk.do(the_move())
    assert desk.refuse(c.Retract(MAYA, desk.seat_of(MAYA, "a"))) == "acted_since"
