"""Rule 4: every way round it that somebody has thought of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.approvals.core import commands as c
from app.approvals.core.context import Candidate, Proxy
from app.approvals.core.eligibility import barred, ineligible
from app.approvals.core.state import RunStatus, SeatKind, VoidReason
from tests.approvals.core.office import (
    ADA,
    AISHA,
    DANIEL,
    FINANCE,
    HANA,
    INGRID,
    MAYA,
    NINE,
    OTTO,
    RUTH,
    SYSTEM,
    TOMAS,
    Desk,
    any_of,
    each_of,
    flow,
    step,
    user,
)

LATER = NINE + timedelta(minutes=1)


def one_step(*lines: dict[str, object], **rules: object) -> Desk:
    return Desk(flow([step("a", *lines, **rules)], force_close=True))


def test_the_requester_votes_neither_in_a_pool_nor_for_somebody_else() -> None:
    desk = one_step(any_of(FINANCE), user(INGRID))
    desk.office.set_members(FINANCE, HANA, MAYA)
    desk.office.away(INGRID, HANA)
    desk.submit()
    assert desk.refuse(desk.vote(HANA)) == "requester"
    assert desk.refuse(desk.vote(HANA, behalf=INGRID)) == "requester"


def test_nobody_votes_in_the_requesters_name() -> None:
    desk = one_step(any_of(FINANCE))
    desk.office.set_members(FINANCE, HANA, MAYA)
    desk.office.away(HANA, TOMAS)
    desk.submit()
    assert desk.refuse(desk.vote(TOMAS, behalf=HANA)) == "requester"


def test_creator_and_requester_are_both_kept_out() -> None:
    desk = one_step(user(HANA), user(DANIEL), user(MAYA)).submit(HANA, requester=DANIEL)
    reasons = {seat.user_id: seat.void_reason for seat in desk.run().seats}
    assert reasons == {HANA: "requester", DANIEL: "requested_for", MAYA: None}


def test_an_approver_who_is_named_as_requester_goes_to_attention_and_not_to_the_fallback() -> None:
    desk = one_step(user(DANIEL), fallback=[user(OTTO)]).submit(HANA, requester=DANIEL)
    assert desk.seats() == {DANIEL: "void"}
    assert desk.flags == ["no_approver", "requested_for"]


def test_the_requesters_manager_takes_the_seat_where_the_flow_says_so() -> None:
    assert one_step(user(HANA), requester="manager").submit().seats() == {DANIEL: "pending"}


def test_a_manager_in_a_requesters_place_need_not_be_in_the_group() -> None:
    desk = one_step(each_of(FINANCE), requester="manager", mode="all")
    desk.office.set_members(FINANCE, HANA, MAYA)
    assert desk.submit().seats() == {DANIEL: "pending", MAYA: "pending"}
    assert desk.approve(DANIEL, MAYA).state.status == "approved"


def test_the_requester_may_approve_only_where_the_flow_allows_it() -> None:
    assert one_step(user(HANA), requester="allow").submit().approve(HANA).state.status == "approved"


def test_the_requester_is_neither_added_nor_replaced_in_nor_given_a_seat() -> None:
    desk = one_step(user(MAYA), ad_hoc=True).submit()
    seat = desk.seat_of(MAYA)
    assert desk.refuse(c.Delegate(MAYA, seat, HANA)) == "requester"
    assert desk.refuse(c.AddApprover(ADA, desk.run().number, HANA, SeatKind.OWN, "x")) == "requester"
    assert desk.refuse(c.AddApprover(MAYA, desk.run().number, HANA, SeatKind.REQUIRED, "x")) == "requester"
    assert desk.refuse(c.ReplaceSeat(ADA, seat, HANA, "x")) == "requester"


def test_whoever_edited_the_ticket_has_no_seat_in_it() -> None:
    desk = one_step(user(MAYA), user(TOMAS))
    desk.office.editors = frozenset({MAYA})
    desk.submit()
    assert desk.seats() == {MAYA: "void", TOMAS: "pending"}
    assert desk.run().seats[0].void_reason == "editor"


def test_an_editor_loses_the_seat_that_they_had() -> None:
    desk = one_step(user(MAYA), user(TOMAS)).submit()
    desk.office.editors = frozenset({MAYA})
    assert desk.refuse(desk.vote(MAYA)) == "editor"
    desk.do(c.Settle(SYSTEM))
    assert desk.seats() == {MAYA: "void", TOMAS: "pending"}


def test_editors_may_approve_where_the_flow_allows_it() -> None:
    desk = one_step(user(MAYA), editors="allow")
    desk.office.editors = frozenset({MAYA})
    assert desk.submit().approve(MAYA).state.status == "approved"


@pytest.mark.parametrize(
    "rules", [({"distinct_from": ["b"]}, {}), ({}, {"distinct_from": ["a"]}), ({}, {"distinct_from": "all"})]
)
def test_separation_of_duties_holds_both_ways(rules: tuple[dict[str, object], dict[str, object]]) -> None:
    first, second = rules
    desk = Desk(flow([step("a", user(MAYA), **first)], [step("b", user(MAYA), user(TOMAS), **second)])).submit()
    desk.approve(MAYA)
    assert desk.seats("b") == {MAYA: "void", TOMAS: "pending"}


def test_separation_of_duties_holds_across_parallel_steps() -> None:
    steps = [step("a", user(MAYA)), step("b", user(MAYA), user(TOMAS), distinct_from=["a"])]
    desk = Desk(flow(steps)).submit().approve(MAYA, key="a")
    assert desk.seats("b") == {MAYA: "void", TOMAS: "pending"}


@pytest.mark.parametrize("editors", ["void", "allow"])
def test_a_queue_is_told_of_exactly_those_whom_the_step_refuses(editors: str) -> None:
    second = step("b", user(TOMAS), user(DANIEL), distinct_from=["a"], editors=editors)
    desk = Desk(flow([step("a", user(MAYA)), step("c", user(AISHA))], [second]))
    desk.office.editors = frozenset({RUTH, HANA})
    desk.submit().approve(MAYA, key="a").approve(AISHA, key="c")
    state, context, asked = desk.state, desk.context, desk.context.flow.steps["b"]
    refused = {who: ineligible(state, context, asked, None, who) for who in (MAYA, AISHA, RUTH, TOMAS, DANIEL)}
    apart = {VoidReason.EDITOR, VoidReason.DECIDED_ANOTHER_STEP}
    assert barred(state, context, asked) == {who for who, reason in refused.items() if reason in apart}
    assert MAYA in barred(state, context, asked)
    assert (RUTH in barred(state, context, asked)) is (editors == "void")


def test_a_vote_counts_for_its_actor_and_for_the_person_it_was_cast_for() -> None:
    steps = [step("a", user(MAYA)), step("b", any_of(FINANCE), user(OTTO), user(AISHA), distinct_from="all")]
    desk = Desk(flow(steps))
    desk.office.away(MAYA, OTTO)
    desk.submit().do(desk.vote(OTTO, key="a", behalf=MAYA))
    assert desk.seats("b") == {OTTO: "void", AISHA: "pending"}
    assert desk.refuse(desk.vote(MAYA, key="b")) == "decided_another_step"
    assert desk.approve(AISHA, key="b").state.status == "approved"


def test_one_person_has_one_vote_whatever_they_hold() -> None:
    desk = one_step(user(MAYA), user(TOMAS), mode="all")
    desk.office.away(TOMAS, MAYA)
    desk.submit().approve(MAYA)
    assert desk.refuse(desk.vote(MAYA, behalf=TOMAS)) == "already_voted"


def test_a_proxy_of_two_approvers_has_one_vote_and_the_step_asks_for_attention() -> None:
    desk = one_step(user(MAYA), user(TOMAS), user(OTTO), mode="all")
    desk.office.away(MAYA, OTTO)
    desk.office.away(TOMAS, OTTO)
    desk.submit().do(desk.vote(OTTO, behalf=MAYA))
    assert desk.refuse(desk.vote(OTTO, behalf=TOMAS)) == "already_voted"
    assert (desk.seats(), desk.flags) == ({MAYA: "approved", TOMAS: "pending", OTTO: "void"}, ["stuck"])


@pytest.mark.parametrize("maker", [HANA, MAYA, RUTH])
def test_a_membership_made_since_by_somebody_with_a_stake_seats_nobody(maker: int) -> None:
    desk = one_step(any_of(FINANCE)).submit()
    desk.office.editors = frozenset({RUTH})
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=maker, made_at=LATER),)
    assert desk.later(minutes=5).refuse(desk.vote(MAYA)) == "own_making"


def test_a_membership_made_in_the_moment_of_asking_is_made_since() -> None:
    desk = one_step(any_of(FINANCE))
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=HANA, made_at=NINE),)
    assert desk.submit().refuse(desk.vote(MAYA)) == "own_making"


def test_a_member_of_the_requesters_making_is_no_signature_that_is_missing() -> None:
    desk = Desk(flow([step("a", user(OTTO))], [step("b", each_of(FINANCE), mode="all")])).submit()
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=HANA, made_at=LATER), Candidate(TOMAS))
    desk.later(minutes=5).approve(OTTO)
    assert [(seat.void_reason, seat.counted) for seat in desk.run("b").seats] == [("own_making", False), (None, True)]
    assert desk.approve(TOMAS).state.status == "approved"


def test_a_seat_is_lost_when_whoever_made_the_membership_edits_the_ticket() -> None:
    desk = Desk(flow([step("a", user(OTTO))], [step("b", each_of(FINANCE), mode="all")])).submit()
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=RUTH, made_at=LATER), Candidate(TOMAS))
    desk.later(minutes=5).approve(OTTO)
    assert desk.seats("b") == {MAYA: "pending", TOMAS: "pending"}
    desk.office.editors = frozenset({RUTH})
    desk.do(c.Settle(SYSTEM))
    assert [(seat.user_id, seat.void_reason) for seat in desk.run("b").seats] == [(MAYA, "own_making"), (TOMAS, None)]


@pytest.mark.parametrize(("maker", "made_at"), [(ADA, LATER), (HANA, NINE - timedelta(days=1))])
def test_a_membership_made_by_others_or_before_counts(maker: int, made_at: object) -> None:
    desk = one_step(any_of(FINANCE)).submit()
    assert desk.office.members
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=maker, made_at=made_at),)  # type: ignore[arg-type]
    assert desk.later(minutes=5).approve(MAYA).state.status == "approved"


def test_a_manager_whom_the_requester_chose_since_is_not_asked() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", {"source": "previous_manager"})])).submit()
    people = desk.office.people
    people[MAYA] = replace(people[MAYA], manager_id=OTTO, manager_by=HANA, manager_at=LATER)
    desk.later(minutes=5).approve(MAYA)
    assert desk.seats("b") == {OTTO: "void"}
    assert desk.flags == ["no_approver"]


def test_a_proxy_that_the_requester_made_since_does_not_count() -> None:
    desk = one_step(user(MAYA)).submit()
    desk.office.proxies = (Proxy(1, MAYA, OTTO, NINE, NINE + timedelta(days=1), created_by=HANA, created_at=LATER),)
    assert desk.later(minutes=5).refuse(desk.vote(OTTO, behalf=MAYA)) == "not_their_proxy"


def test_nobody_makes_themselves_a_proxy() -> None:
    desk = one_step(user(MAYA)).submit()
    desk.office.away(MAYA, OTTO, created_by=OTTO)
    assert desk.refuse(desk.vote(OTTO, behalf=MAYA)) == "not_their_proxy"


def test_an_admin_who_asked_or_edited_has_no_admins_power_over_it() -> None:
    desk = one_step(user(MAYA)).submit(ADA)
    number, seat = desk.run().number, desk.seat_of(MAYA)
    commands: list[c.Command] = [
        c.ForceClose(ADA, number, RunStatus.APPROVED, "x"),
        c.ReResolve(ADA, number, "x"),
        c.AddApprover(ADA, number, OTTO, SeatKind.OWN, "x"),
        c.ReplaceSeat(ADA, seat, OTTO, "x"),
        c.GoOnWithout(ADA, seat, "x"),
        c.ExtendDeadline(ADA, number, LATER, "x"),
        c.Delegate(ADA, seat, OTTO, "x"),
        c.ReturnToRequester(ADA, "x"),
        c.Migrate(ADA, 2, "sha", "x"),
    ]
    assert {desk.refuse(command) for command in commands} == {"barred"}
    edited = one_step(user(MAYA)).submit()
    edited.office.editors = frozenset({ADA})
    assert edited.refuse(c.ReResolve(ADA, edited.run().number, "x")) == "barred"


def test_when_every_admin_is_barred_it_says_so() -> None:
    desk = one_step(any_of(FINANCE))
    desk.office.set_members(FINANCE)
    assert desk.submit(ADA).flags == ["empty_pool", "every_admin_barred"]


def test_an_admin_does_not_seat_themselves() -> None:
    desk = one_step(user(MAYA), ad_hoc=True).submit()
    number, seat = desk.run().number, desk.seat_of(MAYA)
    assert desk.refuse(c.AddApprover(ADA, number, ADA, SeatKind.OWN, "x")) == "own_making"
    assert desk.refuse(c.ReplaceSeat(ADA, seat, ADA, "x")) == "own_making"
    assert desk.refuse(c.Delegate(ADA, seat, ADA, "x")) == "own_making"


def test_who_leaves_the_group_loses_a_pending_seat_and_keeps_a_cast_vote() -> None:
    desk = one_step(each_of(FINANCE), mode="count", threshold=2).submit().approve(MAYA)
    desk.office.set_members(FINANCE, RUTH)
    desk.do(c.Settle(SYSTEM))
    assert desk.seats() == {MAYA: "approved", TOMAS: "void", RUTH: "pending"}


def test_a_disabled_account_decides_nothing_before_the_directory_change_is_settled() -> None:
    desk = one_step(user(MAYA), user(TOMAS)).submit()
    desk.office.deactivate(MAYA)
    assert desk.refuse(desk.vote(MAYA)) == "inactive"


def test_coming_back_restores_nothing_until_an_admin_works_it_out_again() -> None:
    desk = one_step(user(MAYA), user(TOMAS), mode="all").submit()
    desk.office.deactivate(MAYA)
    desk.do(c.Settle(SYSTEM))
    desk.office.people[MAYA] = replace(desk.office.people[MAYA], active=True)
    desk.do(c.Settle(SYSTEM))
    assert desk.seats() == {MAYA: "void", TOMAS: "pending"}
    desk.do(c.ReResolve(ADA, desk.run().number, "she is back"))
    assert [seat.word for seat in desk.run().seats if seat.user_id == MAYA] == ["void", "pending"]
    assert desk.approve(TOMAS).state.status == "running"
    assert desk.approve(MAYA).state.status == "approved"


def test_an_admin_votes_for_nobody_whom_they_seated_themselves() -> None:
    desk = one_step(user(MAYA), user(TOMAS), mode="all", ad_hoc=True)
    for principal in (OTTO, RUTH, AISHA):
        desk.office.away(principal, ADA)
    desk.submit()
    desk.do(c.AddApprover(ADA, desk.run().number, OTTO, SeatKind.OWN, "x"))
    desk.do(c.ReplaceSeat(ADA, desk.seat_of(MAYA), RUTH, "x"))
    desk.do(c.Delegate(ADA, desk.seat_of(TOMAS), AISHA, "x"))
    assert {desk.refuse(desk.vote(ADA, behalf=one)) for one in (OTTO, RUTH, AISHA)} == {"own_making"}
    assert desk.approve(OTTO, RUTH, AISHA).state.status == "approved"


@pytest.mark.parametrize("line", [any_of(FINANCE), each_of(FINANCE)])
def test_who_made_somebody_a_member_since_does_not_vote_for_them(line: dict[str, object]) -> None:
    desk = Desk(flow([step("a", user(OTTO))], [step("b", line, user(TOMAS))]))
    desk.office.away(MAYA, ADA)
    desk.submit()
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=ADA, made_at=LATER),)
    desk.later(minutes=5).approve(OTTO)
    assert desk.refuse(desk.vote(ADA, key="b", behalf=MAYA)) == "own_making"
    assert desk.approve(MAYA, key="b").state.status == "approved"


def test_an_entry_that_keeps_somebody_out_does_not_shut_them_out_of_their_own_line() -> None:
    desk = Desk(flow([step("a", user(OTTO))], [step("b", each_of(FINANCE), user(MAYA), fallback=[user(AISHA)])]))
    desk.submit()
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=HANA, made_at=LATER),)
    desk.later(minutes=5).approve(OTTO)
    assert desk.seats("b") == {MAYA: "pending"}
    assert desk.approve(MAYA, key="b").state.status == "approved"
