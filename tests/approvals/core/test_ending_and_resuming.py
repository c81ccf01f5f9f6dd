import pytest

from app.approvals.core import commands as c
from app.approvals.core.context import Verdict
from app.approvals.core.outcome import outcome
from app.approvals.core.state import State
from tests.approvals.core.office import (
    ADA,
    DANIEL,
    HANA,
    MAYA,
    NINE,
    OTTO,
    RUTH,
    TOMAS,
    Desk,
    Office,
    flow,
    step,
    user,
    with_a_stage_kept_whole,
)


def two_stages(**rules: object) -> Desk:
    return Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS), **rules)])).submit()


def test_only_the_requester_withdraws_and_nothing_waits_afterwards() -> None:
    desk = two_stages()
    assert desk.refuse(c.Withdraw(OTTO)) == "not_the_requester"
    desk.do(c.Withdraw(HANA))
    assert desk.state.status == "withdrawn"
    assert desk.state.open_runs == ()
    assert desk.refuse(desk.vote(MAYA)) == "step_closed"


def test_a_manager_cancels_with_a_reason_but_not_their_own_request() -> None:
    desk = two_stages()
    assert desk.refuse(c.Cancel(OTTO, "no")) == "not_a_manager"
    assert desk.refuse(c.Cancel(DANIEL, " ")) == "reason_required"
    own = Desk(flow([step("a", user(MAYA))])).submit(DANIEL)
    assert own.refuse(c.Cancel(DANIEL, "mine")) == "requester"
    desk.do(c.Cancel(DANIEL, "budget is gone"))
    assert desk.state.status == "cancelled"


def test_an_administrator_cancels_too_and_nobody_whose_account_is_closed() -> None:
    desk = two_stages()
    desk.office.deactivate(DANIEL)
    assert desk.refuse(c.Cancel(DANIEL, "x")) == "not_a_manager"
    desk.do(c.Cancel(ADA, "x"))
    assert desk.refuse(c.Cancel(ADA, "again")) == "not_running"
    assert desk.refuse(c.Withdraw(HANA)) == "not_running"


def test_what_was_sent_back_can_be_withdrawn_or_cancelled_by_either_who_asked() -> None:
    for command in (c.Withdraw(HANA), c.Withdraw(RUTH), c.Cancel(ADA, "x")):
        desk = Desk(flow([step("a", user(MAYA))])).submit(HANA, requester=RUTH)
        desk.do(desk.vote(MAYA, "return"))
        desk.do(command)
        assert desk.state.status.is_final


def test_who_asked_is_the_same_in_the_next_round() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit(HANA, requester=RUTH)
    desk.do(desk.vote(MAYA, "return"))
    desk.do(c.Resubmit(RUTH))
    assert (desk.state.creator_id, desk.state.requester_id) == (HANA, RUTH)
    assert desk.refuse(c.ReturnToRequester(OTTO, "x")) == "not_an_admin"
    desk.do(c.ReturnToRequester(ADA, "x"))
    assert desk.refuse(c.ReturnToRequester(ADA, "again")) == "not_running"


def test_what_runs_is_neither_begun_nor_sent_in_again() -> None:
    desk = two_stages()
    assert desk.refuse(c.Start(HANA, HANA, HANA, 1, "sha")) == "already_started"
    assert desk.refuse(c.Resubmit(HANA)) == "not_returned"


@pytest.mark.parametrize("command", [c.Withdraw(HANA), c.Cancel(ADA, "x"), c.Resubmit(HANA), c.Settle(ADA)])
def test_a_final_process_absorbs_everything(command: c.Command) -> None:
    desk = two_stages().approve(MAYA, TOMAS)
    before = desk.state
    desk.later(minutes=1).try_to(command)
    assert desk.state == before


def test_asking_for_changes_needs_a_comment_and_sends_it_back() -> None:
    desk = two_stages().approve(MAYA)
    vote = desk.vote(TOMAS, "return")
    assert desk.refuse(c.Decide(TOMAS, vote.seat, vote.decision, "v1", comment=" ")) == "comment_required"
    desk.do(vote)
    assert desk.state.status == "returned"
    assert desk.seats("b") == {TOMAS: "returned"}
    assert desk.status("b") == "obsolete"


def test_resubmitting_starts_over_in_a_new_round() -> None:
    desk = two_stages().approve(MAYA)
    desk.do(desk.vote(TOMAS, "return"))
    assert desk.refuse(c.Resubmit(OTTO)) == "not_the_requester"
    desk.do(c.Resubmit(HANA))
    assert (desk.state.status, desk.state.round, desk.state.stage) == ("running", 2, 1)
    assert desk.run("a").round == 2
    assert desk.state.runs[0].superseded


def test_resubmitting_from_the_returning_step_keeps_what_was_approved() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS))], resubmit="returning_step")).submit()
    desk.approve(MAYA).do(desk.vote(TOMAS, "return"))
    desk.do(c.Resubmit(HANA))
    assert desk.state.stage == 2
    assert not desk.state.runs[0].superseded
    assert desk.approve(TOMAS).state.status == "approved"


@pytest.mark.parametrize("changed", ["hashes", "reads"])
def test_resubmitting_from_the_returning_step_starts_over_when_the_approved_content_changed(changed: str) -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS))], resubmit="returning_step")).submit()
    desk.approve(MAYA).do(desk.vote(TOMAS, "return"))
    getattr(desk.office, changed)["a"] = "changed"
    desk.do(c.Resubmit(HANA))
    assert (desk.state.stage, desk.state.runs[0].superseded) == (1, True)


def test_resubmitting_from_the_returning_step_keeps_its_approved_sibling() -> None:
    stages = [step("a", user(MAYA)), step("b", user(TOMAS))]
    desk = Desk(flow(stages, resubmit="returning_step")).submit().approve(MAYA, key="a")
    desk.do(desk.vote(TOMAS, "return", "b"))
    desk.do(c.Resubmit(HANA))
    assert [run.step_key for run in desk.state.open_runs] == ["b"]
    assert desk.approve(TOMAS).state.status == "approved"


def test_resubmitting_after_a_rejection_keeps_what_was_approved_and_what_was_skipped() -> None:
    office = Office(verdicts={"s": Verdict(False)})
    skipped, rejecting = (
        step("s", user(RUTH), condition={"v": 1, "all": []}),
        step("b", user(TOMAS), on_reject="return"),
    )
    desk = Desk(flow([step("a", user(MAYA))], [skipped], [rejecting], resubmit="returning_step"), office).submit()
    desk.approve(MAYA).reject(TOMAS).do(c.Resubmit(HANA))
    assert desk.state.stage == 3
    assert [(run.step_key, run.round) for run in desk.state.live_runs] == [("a", 1), ("s", 1), ("b", 2)]


def test_resubmitting_what_no_step_interrupted_starts_over() -> None:
    office = Office(verdicts={"a": Verdict(False)})
    desk = Desk(
        flow([step("a", user(MAYA), condition={"v": 1, "all": []})], resubmit="returning_step"), office
    ).submit()
    desk.do(c.ReturnToRequester(ADA, "say more"))
    desk.office.verdicts["a"] = Verdict(True)
    desk.do(c.Resubmit(HANA))
    assert desk.seats("a") == {MAYA: "pending"}


def test_resubmitting_passes_by_a_stage_of_which_everything_was_kept() -> None:
    """An administrator had an earlier step asked all the same, and the return cut it short."""
    desk = with_a_stage_kept_whole()
    assert [run.step_key for run in desk.state.open_runs] == ["s"]
    desk.approve(RUTH)
    assert (desk.state.stage, [run.step_key for run in desk.state.open_runs]) == (3, ["c"])
    assert desk.approve(OTTO).state.status == "approved"
    assert [(run.step_key, run.round) for run in desk.state.live_runs] == [("a", 1), ("b", 1), ("s", 2), ("c", 2)]


def test_what_goes_back_keeps_how_and_when_it_was_decided() -> None:
    desk = two_stages(on_reject={"back_to": "a"}).approve(MAYA)
    desk.later(hours=1).reject(TOMAS)
    kept = [(run.step_key, run.status, run.closed_at) for run in desk.state.runs if run.superseded]
    assert kept == [("a", "approved", NINE), ("b", "rejected", desk.office.now)]


def test_a_rejection_goes_back_to_the_step_that_the_flow_names() -> None:
    desk = two_stages(on_reject={"back_to": "a"}).approve(MAYA).reject(TOMAS)
    assert (desk.state.status, desk.state.round, desk.state.stage) == ("running", 2, 1)
    assert desk.seats("a") == {MAYA: "pending"}


def test_earlier_stages_stay_valid_when_it_goes_back() -> None:
    stages = [step("a", user(MAYA))], [step("b", user(TOMAS))], [step("c", user(RUTH), on_reject={"back_to": "b"})]
    desk = Desk(flow(*stages)).submit().approve(MAYA, TOMAS).reject(RUTH)
    assert [run.step_key for run in desk.state.live_runs] == ["a", "b"]
    assert desk.state.stage == 2


def test_going_back_to_steps_that_are_all_skipped_is_a_return() -> None:
    office = Office(verdicts={"b": Verdict(False)})
    condition = {"v": 1, "all": []}
    stages = (
        [step("a", user(MAYA))],
        [step("b", user(TOMAS), condition=condition)],
        [step("c", user(RUTH), on_reject={"back_to": "b"})],
    )
    desk = Desk(flow(*stages), office).submit().approve(MAYA).reject(RUTH)
    assert desk.state.status == "returned"


def test_a_rejection_may_return_to_the_requester() -> None:
    assert two_stages(on_reject="return").approve(MAYA).reject(TOMAS).state.status == "returned"


def test_returned_to_somebody_who_left_needs_attention() -> None:
    desk = two_stages()
    desk.do(desk.vote(MAYA, "return"))
    assert desk.flags == []
    desk.office.deactivate(HANA)
    desk.do(c.Settle(ADA))
    assert desk.flags == ["requester_inactive"]


def test_after_too_many_rounds_one_can_only_approve_or_reject() -> None:
    desk = Desk(flow([step("a", user(MAYA), on_reject="return")], max_rounds=1)).submit()
    assert desk.flags == []
    desk.do(desk.vote(MAYA, "return"))
    desk.do(c.Resubmit(HANA))
    assert desk.flags == ["max_rounds"]
    assert desk.refuse(desk.vote(MAYA, "return")) == "max_rounds"
    assert desk.refuse(desk.vote(MAYA, "abstain")) == "max_rounds"
    assert desk.approve(MAYA).state.status == "approved"


def test_the_ticket_follows_the_process() -> None:
    desk = two_stages()
    assert outcome(State(), desk.state).ticket_status == "waiting_approval"
    before = desk.state
    desk.approve(MAYA)
    moved = outcome(before, desk.state)
    assert (moved.ticket_status, moved.retracted) == (None, False)
    assert [one.user_id for one in moved.actionable] == [TOMAS]
    assert [one.user_id for one in moved.left] == [MAYA]
    before = desk.state
    desk.approve(TOMAS)
    assert outcome(before, desk.state).ticket_status == "open"
