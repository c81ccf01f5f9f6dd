from dataclasses import replace
from typing import Any

import pytest

from app.approvals.core import engine
from app.approvals.core.context import Context, Verdict
from tests.approvals.core.office import (
    AISHA,
    DANIEL,
    FINANCE,
    HANA,
    INGRID,
    MAYA,
    OTTO,
    RUTH,
    TOMAS,
    Desk,
    Office,
    any_of,
    each_of,
    flow,
    step,
    user,
)

MANAGER = {"source": "manager", "level": 1}
CONDITION = {"v": 1, "field": "amount", "op": "ge", "value": 5000}


def test_the_whole_story_from_manager_to_two_of_three_to_legal() -> None:
    desk = Desk(
        flow(
            [step("manager", MANAGER)],
            [step("finance", any_of(FINANCE), mode="count", threshold=2)],
            [step("legal", user(AISHA), condition=CONDITION)],
        )
    ).submit()
    assert desk.seats("manager") == {DANIEL: "pending"}
    desk.approve(DANIEL)
    assert desk.status("finance") == "open"
    desk.approve(MAYA)
    assert desk.status("finance") == "open"
    desk.approve(RUTH)
    assert desk.status("finance") == "approved"
    desk.approve(AISHA)
    assert desk.state.status == "approved"
    assert desk.kinds[-1] == "approval_completed"


def test_parallel_steps_are_all_needed() -> None:
    desk = Desk(flow([step("a", user(MAYA)), step("b", user(TOMAS))], [step("c", user(RUTH))])).submit()
    desk.approve(MAYA, key="a")
    assert desk.state.stage == 1
    desk.approve(TOMAS, key="b")
    assert desk.status("c") == "open"


def test_one_rejection_of_parallel_steps_closes_the_others() -> None:
    desk = Desk(flow([step("a", user(MAYA)), step("b", user(TOMAS))])).submit().reject(MAYA, "a")
    assert desk.state.status == "rejected"
    assert desk.status("b") == "obsolete"
    assert desk.seats("b") == {TOMAS: "not_needed"}


def test_when_a_step_closes_who_was_still_asked_is_no_longer_required() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS))])).submit().approve(MAYA)
    assert desk.seats("a") == {MAYA: "approved", TOMAS: "not_needed"}
    assert desk.refuse(desk.vote(TOMAS)) == "already_approved"


def test_a_step_whose_condition_is_false_is_skipped_and_says_why() -> None:
    office = Office(verdicts={"legal": Verdict(False, sentence="amount is under 5,000")})
    desk = Desk(flow([step("legal", user(AISHA), condition=CONDITION)], [step("cfo", user(INGRID))]), office).submit()
    assert desk.status("legal") == "skipped"
    assert desk.run("legal").condition == Verdict(False, sentence="amount is under 5,000")
    assert desk.status("cfo") == "open"


def test_a_false_that_could_not_be_decided_opens_the_step() -> None:
    office = Office(verdicts={"legal": Verdict(False, undecided=True)})
    desk = Desk(flow([step("legal", user(AISHA), condition=CONDITION)]), office).submit()
    assert desk.status("legal") == "open"


def test_a_step_that_opens_says_why_it_applies() -> None:
    desk = Desk(flow([step("legal", user(AISHA), condition=CONDITION)])).submit()
    assert desk.run("legal").condition == Verdict(True, sentence="it applies")


def test_a_condition_without_an_answer_skips_nothing() -> None:
    class Unanswered(Office):
        def context(self, *args: Any, **more: Any) -> Context:
            whole = super().context(*args, **more)
            return replace(whole, steps={key: replace(facts, condition=None) for key, facts in whole.steps.items()})

    desk = Desk(flow([step("legal", user(AISHA), condition=CONDITION)]), Unanswered()).submit()
    assert desk.status("legal") == "open"


def test_when_nothing_applies_it_waits_for_an_admin() -> None:
    office = Office(verdicts={"legal": Verdict(False)})
    desk = Desk(flow([step("legal", user(AISHA), condition=CONDITION)]), office).submit()
    assert (desk.state.status, desk.flags) == ("running", ["nothing_applies"])


def test_when_nothing_applies_it_is_approved_only_if_the_flow_says_so() -> None:
    office = Office(verdicts={"legal": Verdict(False)})
    rules = {"when_nothing_applies": "approve"}
    desk = Desk(flow([step("legal", user(AISHA), condition=CONDITION)], **rules), office).submit()
    assert desk.state.status == "approved"
    assert desk.state.closed_because == "nothing_applies"


def test_a_step_with_nobody_to_ask_is_never_approved() -> None:
    office = Office()
    office.set_members(FINANCE)
    desk = Desk(flow([step("finance", any_of(FINANCE))]), office).submit()
    assert (desk.state.status, desk.flags) == ("running", ["empty_pool"])


def test_everyone_abstaining_needs_attention() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), mode="all")])).submit()
    desk.do(desk.vote(MAYA, "abstain"))
    desk.do(desk.vote(TOMAS, "abstain"))
    assert (desk.status("a"), desk.flags) == ("open", ["stuck"])


def test_a_line_that_names_somebody_twice_asks_them_once() -> None:
    desk = Desk(flow([step("a", user(DANIEL), MANAGER, mode="all")])).submit()
    assert [seat.provenance["line"] for seat in desk.run("a").seats] == [1]


def test_a_group_that_is_named_twice_is_asked_once_and_nobody_twice_is_two_signatures_missing() -> None:
    office = Office()
    office.people[HANA] = replace(office.people[HANA], manager_id=None)
    lines = any_of(FINANCE), any_of(FINANCE), MANAGER, {"source": "previous_manager"}
    desk = Desk(flow([step("a", *lines, mode="count", threshold=1)]), office).submit()
    assert [(seat.role_id, seat.void_reason) for seat in desk.run("a").seats] == [
        (FINANCE, None),
        (None, "nobody"),
        (None, "nobody"),
    ]


def test_whom_nobody_knows_counts_as_gone() -> None:
    office = Office()
    del office.people[OTTO]
    desk = Desk(flow([step("a", user(OTTO), user(MAYA))]), office).submit()
    assert [seat.void_reason for seat in desk.run("a").seats] == ["inactive", None]


def test_each_member_is_a_snapshot() -> None:
    desk = Desk(flow([step("a", each_of(FINANCE), mode="all")])).submit()
    desk.office.set_members(FINANCE, MAYA, TOMAS, RUTH, OTTO)
    assert desk.refuse(desk.vote(OTTO)) == "not_an_approver"
    desk.approve(MAYA, TOMAS, RUTH)
    assert desk.state.status == "approved"


def test_a_pool_is_live() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE), mode="count", threshold=2)])).submit()
    desk.office.set_members(FINANCE, MAYA, OTTO)
    assert desk.refuse(desk.vote(RUTH)) == "not_an_approver"
    desk.approve(MAYA, OTTO)
    assert desk.state.status == "approved"


def test_a_pool_gives_one_person_one_vote() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE), mode="count", threshold=2)])).submit().approve(MAYA)
    assert desk.refuse(desk.vote(MAYA)) == "already_voted"


def test_who_has_a_seat_of_their_own_votes_on_that() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE), user(MAYA), mode="count", threshold=2)])).submit()
    pool = desk.run().seats[0].number
    vote = desk.vote(MAYA)
    assert desk.refuse(type(vote)(MAYA, pool, vote.decision, "v1")) == "own_seat"
    desk.approve(MAYA, TOMAS)
    assert desk.state.status == "approved"


def test_a_veto_ends_it_and_a_threshold_waits_until_it_is_out_of_reach() -> None:
    people = (user(MAYA), user(TOMAS), user(RUTH))
    assert Desk(flow([step("a", *people, mode="all")])).submit().reject(MAYA).state.status == "rejected"
    desk = Desk(flow([step("a", *people, mode="count", threshold=2)])).submit().reject(MAYA)
    assert desk.state.status == "running"
    assert desk.reject(TOMAS).state.status == "rejected"


def test_waiting_for_all_hears_everybody_before_it_closes() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), wait_all=True)])).submit().approve(MAYA)
    assert desk.status("a") == "open"
    assert desk.approve(TOMAS).state.status == "approved"


def test_an_approval_that_never_came_to_rest_would_be_a_mistake_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_ROUNDS_OF_SETTLING", 1)
    with pytest.raises(RuntimeError, match=r"^an approval does not settle$"):
        Desk(flow([step("a", user(MAYA))])).submit()


def test_the_requester_has_no_seat() -> None:
    desk = Desk(flow([step("a", user(HANA), user(MAYA))])).submit()
    assert desk.seats() == {HANA: "void", MAYA: "pending"}
    assert desk.refuse(desk.vote(HANA)) == "seat_void"
