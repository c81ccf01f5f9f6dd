"""Rules 3 and 4 at the moment of voting: what is late, what is not offered, where a comment is due, who hears what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.approvals.core import commands as c
from app.approvals.core.denied import Denied
from app.approvals.core.state import RunStatus, SeatKind
from tests.approvals.core.office import (
    ADA,
    AISHA,
    FINANCE,
    HANA,
    MAYA,
    NINE,
    OTTO,
    RUTH,
    TOMAS,
    Desk,
    any_of,
    flow,
    step,
    user,
)


def desk_of(*lines: dict[str, object], **rules: Any) -> Desk:
    return Desk(flow([step("a", *lines, **rules)], force_close=True)).submit()


def refusal(desk: Desk, command: c.Command) -> Denied:
    answer = desk.try_to(command)
    assert isinstance(answer, Denied)
    return answer


@pytest.mark.parametrize(("decision", "word"), [("approve", "already_approved"), ("reject", "already_rejected")])
def test_who_is_late_is_told_who_decided_it_last_and_when(decision: str, word: str) -> None:
    desk = desk_of(user(MAYA), user(TOMAS), user(RUTH), mode="count", threshold=2)
    desk.do(desk.vote(RUTH, decision))
    desk.later(minutes=5).do(desk.vote(MAYA, decision))
    late = refusal(desk, desk.vote(TOMAS))
    assert (late.code, late.params) == (word, {"user": MAYA, "at": NINE + timedelta(minutes=5)})


def test_two_votes_of_one_moment_both_count_as_the_last() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), user(RUTH), mode="count", threshold=2).approve(MAYA, TOMAS)
    assert desk.refuse(desk.vote(RUTH)) == "already_approved"


def test_whose_seat_is_void_is_told_why() -> None:
    desk = desk_of(user(HANA), user(MAYA))
    refused = refusal(desk, desk.vote(HANA))
    assert (refused.code, refused.message, refused.params) == (
        "seat_void", "Nobody approves their own request.", {"void_reason": "requester"},
    )  # fmt: skip


def test_who_votes_again_is_told_what_they_said() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all")
    desk.do(desk.vote(MAYA, "abstain"))
    assert desk.refuse(c.Decide(MAYA, desk.run().seats[0].number, c.Decision.APPROVE, "v1")) == "already_abstained"


def test_a_step_that_was_forced_or_sent_back_is_closed_by_nobodys_vote() -> None:
    forced, sent = desk_of(user(MAYA), user(TOMAS)), desk_of(user(MAYA), user(TOMAS))
    forced.do(c.ForceClose(ADA, forced.run().number, RunStatus.APPROVED, "x"))
    sent.do(sent.vote(TOMAS, "return"))
    assert (forced.refuse(forced.vote(MAYA)), sent.refuse(sent.vote(MAYA))) == ("step_closed", "step_closed")


def test_a_vote_on_a_seat_of_an_earlier_round_is_stale_only_if_it_saw_something_else() -> None:
    desk = desk_of(user(MAYA))
    old = desk.vote(MAYA)
    desk.office.hashes["a"] = "v2"
    desk.do(c.ContentChanged(HANA, accept_rewind=True))
    assert desk.refuse(old) == "stale"
    assert desk.refuse(replace(old, seen_hash="v2")) == "step_closed"
    assert desk.refuse(replace(old, seat=99)) == "no_such_seat"
    assert desk.approve(MAYA).state.status == "approved"


@pytest.mark.parametrize(
    ("rules", "decision", "due"),
    [
        ({}, "approve", False),
        ({}, "reject", True),
        ({}, "abstain", False),
        ({}, "return", True),
        ({"comment_on_approve": True}, "approve", True),
        ({"comment_on_reject": False}, "reject", False),
        ({"comment_on_approve": True, "comment_on_reject": False}, "abstain", False),
    ],
    ids=str,
)
@pytest.mark.parametrize("comment", [None, "  "], ids=["none", "blank"])
def test_a_comment_is_due_where_the_step_says_so(
    rules: dict[str, bool], decision: str, due: bool, comment: str | None
) -> None:
    desk = desk_of(user(MAYA), user(TOMAS), **rules)
    answer = desk.try_to(replace(desk.vote(MAYA, decision), comment=comment))
    assert isinstance(answer, Denied) == due
    assert not isinstance(answer, Denied) or (answer.code, answer.kind) == ("comment_required", "invalid")


def test_advice_without_a_word_is_none() -> None:
    desk = desk_of(user(MAYA), ad_hoc=True)
    desk.do(c.AddApprover(MAYA, desk.run().number, AISHA, SeatKind.ADVICE, "what do you think"))
    assert desk.refuse(replace(desk.vote(AISHA, "abstain"), comment=None)) == "comment_required"


def test_a_group_that_a_stakeholders_entry_led_to_seats_nobody_of_their_choice() -> None:
    """The members' own entries are old; the matrix row that names the group is new."""
    desk = desk_of(any_of(FINANCE), user(OTTO))
    run = desk.run()
    pool = replace(run.seats[0], made_by=MAYA, made_at=NINE)
    desk.state = replace(desk.state, runs=(replace(run, seats=(pool, run.seats[1])),))
    assert desk.refuse(desk.vote(MAYA)) == "own_making"
    assert desk.approve(TOMAS).state.status == "approved"


def test_whom_a_refusal_speaks_of_is_named() -> None:
    desk = desk_of(any_of(FINANCE), user(OTTO), mode="count", threshold=2)
    desk.office.away(MAYA, RUTH)
    desk.office.editors = frozenset({RUTH})
    assert refusal(desk, desk.vote(RUTH)).params["user"] == RUTH
    assert refusal(desk, desk.vote(RUTH, behalf=MAYA)).params["user"] == RUTH
    desk.approve(MAYA)
    assert refusal(desk, desk.vote(MAYA)).params["user"] == MAYA
    desk.office.deactivate(OTTO)
    assert refusal(desk, desk.vote(OTTO)).params["user"] == OTTO


def test_a_stand_in_of_an_approver_who_may_not_vote_may_not_either() -> None:
    desk = desk_of(user(MAYA), user(TOMAS))
    desk.office.away(MAYA, OTTO)
    desk.office.editors = frozenset({MAYA})
    refused = refusal(desk, desk.vote(OTTO, behalf=MAYA))
    assert (refused.code, refused.params["user"], refused.kind) == ("editor", OTTO, "forbidden")


def test_a_vote_in_the_name_of_somebody_else_than_the_seats_holder_is_nobodys() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all")
    desk.office.away(MAYA, OTTO)
    desk.office.away(TOMAS, OTTO)
    seat = desk.seat_of(MAYA)
    assert desk.refuse(c.Decide(OTTO, seat, c.Decision.APPROVE, "v1", on_behalf_of=TOMAS)) == "not_an_approver"
