"""Rules 2 and 9: a vote is bound to what its author saw."""

from app.approvals.core import commands as c
from app.approvals.core.content_changes import lost_votes, rewind_stage
from app.approvals.core.context import Verdict
from app.approvals.core.denied import Denied
from tests.approvals.core.office import ADA, AISHA, HANA, INGRID, MAYA, RUTH, TOMAS, Desk, Office, flow, step, user

CONDITION = {"v": 1, "field": "amount", "op": "ge", "value": 5000}
EDIT = c.ContentChanged(HANA, ("amount",), accept_rewind=True)


def three_stages(**rules: object) -> Desk:
    return Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS))], [step("c", user(RUTH))], **rules)).submit()


def test_a_vote_on_content_that_changed_is_refused_and_nothing_is_stored() -> None:
    desk = three_stages()
    vote, before = desk.vote(MAYA), desk.state
    desk.office.hashes["a"] = "v2"
    assert desk.refuse(vote) == "stale"
    assert desk.state == before


def test_a_vote_keeps_the_hash_of_what_was_approved() -> None:
    desk = three_stages().approve(MAYA)
    assert desk.run("a").seats[0].seen_hash == "v1"


def test_an_edit_goes_back_to_the_earliest_step_that_watches_it() -> None:
    desk = three_stages().approve(MAYA, TOMAS)
    desk.office.hashes |= {"b": "v2", "c": "v2"}
    desk.do(EDIT)
    assert (desk.state.stage, desk.state.round) == (2, 2)
    assert [(run.step_key, run.round) for run in desk.state.live_runs] == [("a", 1), ("b", 2)]
    assert desk.seats("b") == {TOMAS: "pending"}
    assert "approval_superseded" in desk.kinds


def test_an_earlier_step_that_is_asked_all_the_same_is_waited_for_before_it_goes_on() -> None:
    office = Office(verdicts={"s": Verdict(False)})
    stages = [step("a", user(MAYA)), step("s", user(RUTH), condition=CONDITION)], [step("b", user(TOMAS))]
    desk = Desk(flow(*stages), office).submit().approve(MAYA)
    desk.do(c.OpenStep(ADA, desk.run("s").number, "ask her all the same"))
    desk.office.hashes["b"] = "v2"
    desk.do(EDIT)
    assert (desk.state.stage, [run.step_key for run in desk.state.open_runs]) == (1, ["s"])
    assert desk.approve(RUTH).state.stage == 2
    assert desk.approve(TOMAS).state.status == "approved"


def test_an_open_step_without_votes_starts_anew_too() -> None:
    desk = three_stages()
    desk.office.hashes["a"] = "v2"
    desk.do(c.ContentChanged(HANA))
    assert (desk.state.round, len(desk.state.runs)) == (2, 2)
    assert desk.approve(MAYA).state.stage == 2


def test_a_change_that_changes_nothing_resets_nothing() -> None:
    desk = three_stages().approve(MAYA)
    before = desk.state
    assert desk.do(EDIT) == []
    assert desk.state == before


def test_what_no_step_so_far_watches_resets_nothing() -> None:
    desk = three_stages().approve(MAYA)
    desk.office.hashes["c"] = "v2"
    assert desk.do(EDIT) == []


def test_a_step_skipped_at_4_999_is_asked_at_49_000() -> None:
    office = Office(verdicts={"a": Verdict(False)})
    stages = [step("a", user(MAYA), condition=CONDITION)], [step("b", user(TOMAS))]
    desk = Desk(flow(*stages), office).submit()
    assert desk.status("a") == "skipped"
    desk.office.verdicts["a"] = Verdict(True)
    desk.office.reads["a"] = "r2"
    desk.do(EDIT)
    assert (desk.state.stage, desk.status("a")) == (1, "open")


def test_an_edit_that_changes_who_is_asked_works_the_approvers_out_anew() -> None:
    desk = three_stages().approve(MAYA)
    desk.office.reads["a"] = "r2"
    desk.do(EDIT)
    assert (desk.state.stage, desk.seats("a")) == (1, {MAYA: "pending"})


def test_the_editor_is_told_which_approvals_are_lost_and_has_to_say_so() -> None:
    desk = three_stages().approve(MAYA, TOMAS)
    desk.office.hashes["b"] = "v2"
    assert rewind_stage(desk.state, desk.context) == 2
    assert [vote.acted_by for vote in lost_votes(desk.state, desk.context)] == [TOMAS]
    refused = desk.try_to(c.ContentChanged(HANA, ("amount",)))
    assert isinstance(refused, Denied)
    assert (refused.code, refused.params) == ("rewind", {"seats": [desk.seat_of(TOMAS, "b")]})
    desk.do(EDIT)


def test_after_too_many_rounds_nothing_can_be_changed() -> None:
    desk = three_stages(max_rounds=1)
    desk.office.hashes["a"] = "v2"
    desk.do(EDIT)
    desk.office.hashes["a"] = "v3"
    assert desk.refuse(EDIT) == "max_rounds"


def test_an_edit_while_it_is_with_the_requester_rewinds_nothing_by_itself() -> None:
    desk = three_stages()
    desk.do(desk.vote(MAYA, "return"))
    desk.office.hashes["a"] = "v2"
    assert desk.do(EDIT) == []


def test_after_the_last_approval_an_edit_is_none_of_the_engines_business() -> None:
    desk = three_stages().approve(MAYA, TOMAS, RUTH)
    desk.office.hashes["a"] = "v2"
    assert desk.do(EDIT) == []


def test_an_approver_who_edits_loses_the_seat_and_the_step_asks_somebody_else() -> None:
    desk = Desk(flow([step("a", user(MAYA), fallback=[user(AISHA), user(INGRID)])])).submit()
    desk.office.hashes["a"] = "v2"
    desk.office.editors = frozenset({MAYA})
    desk.do(c.ContentChanged(MAYA, ("amount",), accept_rewind=True))
    assert desk.seats() == {MAYA: "void", AISHA: "pending", INGRID: "pending"}
