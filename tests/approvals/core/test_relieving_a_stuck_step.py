"""Rules 3, 4 and 6: who cannot vote leaves, the fallback comes in, the bar never sinks, an admin helps."""

from dataclasses import replace

import pytest

from app.approvals.core import commands as c
from app.approvals.core.context import Candidate, Verdict
from app.approvals.core.state import RunStatus, SeatKind, TimerKind
from tests.approvals.core.office import (
    ADA,
    AISHA,
    DANIEL,
    FINANCE,
    HANA,
    INGRID,
    JONAS,
    LEGAL,
    MAYA,
    NINE,
    OTTO,
    RUTH,
    SYSTEM,
    TOMAS,
    Desk,
    Office,
    any_of,
    each_of,
    flow,
    step,
    user,
)


def desk_of(*lines: dict[str, object], force: bool = False, office: Office | None = None, **rules: object) -> Desk:
    return Desk(flow([step("a", *lines, **rules)], force_close=force), office)


def without(*people: int) -> Office:
    office = Office()
    for person in people:
        office.deactivate(person)
    return office


def leaves(desk: Desk, person: int) -> None:
    desk.office.deactivate(person)
    desk.do(c.Settle(SYSTEM))


def test_a_seat_void_from_the_start_lowers_the_bar_and_never_counts_as_yes() -> None:
    desk = desk_of(each_of(FINANCE), mode="all", office=without(RUTH)).submit().approve(MAYA)
    assert desk.state.status == "running"
    assert desk.approve(TOMAS).state.status == "approved"


def test_all_of_nobody_is_stuck() -> None:
    desk = desk_of(each_of(FINANCE), mode="all", office=without(MAYA, TOMAS, RUTH)).submit()
    assert (desk.state.status, desk.flags) == ("running", ["no_approver"])


def test_two_signatures_never_become_one() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all", office=without(TOMAS)).submit().approve(MAYA)
    assert (desk.state.status, desk.flags) == ("running", ["stuck"])


def test_in_mode_all_the_fallback_signs_for_each_line_that_cannot() -> None:
    office = without(TOMAS, RUTH)
    desk = desk_of(user(MAYA), user(TOMAS), user(RUTH), mode="all", office=office, fallback=[user(AISHA)]).submit()
    desk.approve(MAYA, AISHA)
    assert (desk.state.status, desk.flags) == ("running", ["stuck"])


def test_a_manager_whom_nobody_has_is_a_signature_that_is_missing() -> None:
    office = Office()
    office.people[HANA] = replace(office.people[HANA], manager_id=None)
    lines = user(MAYA), {"source": "manager", "level": 1}
    desk = desk_of(*lines, mode="all", office=office, fallback=[user(INGRID)]).submit()
    assert desk.seats() == {MAYA: "pending", None: "void", INGRID: "pending"}
    assert desk.approve(MAYA, INGRID).state.status == "approved"


def test_the_fallback_comes_in_only_when_the_others_cannot_reach_the_bar() -> None:
    lines = user(MAYA), user(TOMAS)
    desk = desk_of(*lines, mode="count", threshold=1, office=without(TOMAS), fallback=[any_of(FINANCE)]).submit()
    assert len(desk.run().seats) == 2
    leaves(desk, MAYA)
    assert [seat.role_id for seat in desk.run().seats if seat.is_pool] == [FINANCE]
    assert desk.approve(RUTH).state.status == "approved"


def test_the_fallback_of_a_share_takes_the_places_that_are_missing() -> None:
    desk = desk_of(each_of(FINANCE), mode="percent", threshold=100, fallback=[user(AISHA), user(INGRID)]).submit()
    leaves(desk, RUTH)
    assert desk.seats() == {MAYA: "pending", TOMAS: "pending", RUTH: "void", AISHA: "pending"}
    assert desk.approve(MAYA, TOMAS, AISHA).state.status == "approved"


def test_votes_that_put_it_out_of_reach_reject_it_and_call_no_fallback() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="count", threshold=2, fallback=[user(AISHA)]).submit().reject(MAYA)
    assert desk.state.status == "rejected"


@pytest.mark.parametrize("mode", [{"mode": "all"}, {"mode": "percent", "threshold": 60}])
def test_the_bar_never_sinks_when_somebody_leaves(mode: dict[str, object]) -> None:
    desk = desk_of(each_of(FINANCE), **mode).submit().approve(MAYA)
    leaves(desk, TOMAS)
    leaves(desk, RUTH)
    assert (desk.status("a"), desk.flags) == ("open", ["stuck"])


def test_a_departure_alone_neither_approves_nor_rejects() -> None:
    waiting = desk_of(user(MAYA), user(TOMAS), wait_all=True).submit().approve(MAYA)
    leaves(waiting, TOMAS)
    assert (waiting.status("a"), waiting.flags) == ("open", ["stuck"])
    refusing = desk_of(user(MAYA), user(TOMAS), reject="threshold").submit().reject(MAYA)
    leaves(refusing, TOMAS)
    assert (refusing.status("a"), refusing.flags) == ("open", ["stuck"])


def test_an_admin_goes_on_without_somebody_and_the_votes_decide() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all").submit().approve(MAYA)
    leaves(desk, TOMAS)
    seat = desk.seat_of(TOMAS)
    assert desk.refuse(c.GoOnWithout(JONAS, seat, "left")) == "not_an_admin"
    assert desk.refuse(c.GoOnWithout(ADA, seat, " ")) == "reason_required"
    desk.do(c.GoOnWithout(ADA, seat, "left"))
    assert desk.state.status == "approved"


def test_letting_everybody_go_approves_nothing() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all").submit()
    for person in (MAYA, TOMAS):
        desk.do(c.GoOnWithout(ADA, desk.seat_of(person), "left"))
    assert (desk.state.status, desk.flags) == ("running", ["no_approver"])


def test_a_seat_that_is_replaced_keeps_the_bar_where_it_was() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all").submit().approve(MAYA)
    leaves(desk, TOMAS)
    desk.do(c.ReplaceSeat(ADA, desk.seat_of(TOMAS), AISHA, "left"))
    assert desk.state.status == "running"
    assert desk.refuse(c.ReplaceSeat(ADA, desk.seat_of(TOMAS), OTTO, "again")) == "seat_settled"
    assert desk.approve(AISHA).state.status == "approved"


def test_an_added_approver_is_one_more_to_ask() -> None:
    desk = desk_of(any_of(FINANCE), mode="count", threshold=2).submit()
    desk.office.set_members(FINANCE, MAYA)
    desk.do(c.Settle(SYSTEM))
    assert desk.flags == ["stuck"]
    desk.do(c.AddApprover(ADA, desk.run().number, AISHA, SeatKind.OWN, "too few"))
    assert desk.flags == []
    assert desk.approve(MAYA, AISHA).state.status == "approved"


def test_the_manager_of_a_deactivated_approver_takes_over_where_the_flow_says_so() -> None:
    desk = desk_of(user(MAYA), replace_inactive="manager").submit()
    leaves(desk, MAYA)
    assert desk.seats() == {MAYA: "void", INGRID: "pending"}


def test_a_step_that_names_nobody_to_come_in_keeps_nobody_from_coming_into_the_one_beside_it() -> None:
    lines = user(MAYA), user(OTTO)
    manager, fallback = {"replace_inactive": "manager"}, {"fallback": [user(AISHA)]}
    for rules, comes in ((manager, INGRID), (fallback, AISHA)):
        desk = Desk(flow([step("a", *lines, mode="all"), step("b", *lines, mode="all", **rules)])).submit()
        leaves(desk, MAYA)
        assert desk.seats("a") == {MAYA: "void", OTTO: "pending"}
        assert desk.seats("b") == {MAYA: "void", OTTO: "pending", comes: "pending"}


def test_the_manager_takes_over_the_kind_of_seat_that_it_was() -> None:
    desk = desk_of(user(OTTO), replace_inactive="manager", ad_hoc=True).submit()
    desk.do(c.AddApprover(OTTO, desk.run().number, MAYA, SeatKind.REQUIRED, "x"))
    leaves(desk, MAYA)
    taken = desk.run().seats[-1]
    assert (taken.user_id, taken.kind, taken.line) == (INGRID, "required", 0)


def test_no_manager_takes_over_whom_the_requester_chose_since_or_who_has_voted_for_another() -> None:
    chosen = desk_of(user(MAYA), replace_inactive="manager").submit()
    people = chosen.office.people
    people[MAYA] = replace(people[MAYA], manager_id=OTTO, manager_by=HANA, manager_at=NINE)
    voted = desk_of(user(MAYA), user(JONAS), replace_inactive="manager", mode="all").submit()
    voted.office.away(JONAS, INGRID)
    voted.do(voted.vote(INGRID, behalf=JONAS))
    for desk in (chosen, voted):
        leaves(desk, MAYA)
        assert desk.seats() == {MAYA: "void"} | {seat.user_id: "approved" for seat in desk.run().votes}


def test_where_all_of_a_group_were_named_as_requester_an_admin_looks_and_no_fallback_comes() -> None:
    rules = {"mode": "all", "fallback": [user(OTTO), user(RUTH)]}
    named, gone = desk_of(each_of(FINANCE), **rules), desk_of(each_of(FINANCE), **rules)
    for desk in (named, gone):
        desk.office.set_members(FINANCE, DANIEL)
    named.submit(HANA, requester=DANIEL)
    gone.office.deactivate(DANIEL)
    gone.submit()
    assert (named.seats(), named.flags) == ({DANIEL: "void"}, ["no_approver", "requested_for"])
    assert gone.seats() == {DANIEL: "void", OTTO: "pending", RUTH: "pending"}


def test_the_fallbacks_free_members_come_in_and_leave_with_their_group() -> None:
    rules = {"mode": "count", "threshold": 2, "fallback": [each_of(FINANCE)]}
    desk = desk_of(user(MAYA), user(OTTO), **rules).submit()
    leaves(desk, OTTO)
    assert desk.seats() == {MAYA: "pending", OTTO: "void", TOMAS: "pending", RUTH: "pending"}
    desk.office.set_members(FINANCE, TOMAS)
    desk.do(c.Settle(SYSTEM))
    assert [seat.void_reason for seat in desk.run().seats] == [None, "inactive", None, "left_group"]


def test_whoever_signs_for_a_line_that_names_one_is_that_signature() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all", office=without(TOMAS), fallback=[each_of(LEGAL)]).submit()
    signed = desk.run().seats[-1]
    assert (signed.user_id, signed.names_one, signed.origin) == (AISHA, True, "fallback")


def test_re_resolving_seats_those_whom_the_lines_lead_to_now() -> None:
    desk = desk_of({"source": "manager", "level": 1}).submit()
    leaves(desk, DANIEL)
    assert desk.flags == ["no_approver"]
    desk.office.people[HANA] = replace(desk.office.people[HANA], manager_id=INGRID)
    desk.do(c.Settle(SYSTEM))
    assert desk.flags == ["no_approver"]
    desk.do(c.ReResolve(ADA, desk.run().number, "new manager"))
    assert desk.seats() == {DANIEL: "void", INGRID: "pending"}
    assert "approval_re_resolved" in desk.kinds


def test_re_resolving_seats_no_admin_by_their_own_act() -> None:
    desk = desk_of(each_of(FINANCE)).submit()
    desk.office.set_members(FINANCE, ADA, MAYA)
    desk.do(c.ReResolve(ADA, desk.run().number, "again"))
    assert ADA not in desk.seats()


def test_an_empty_pool_names_itself_and_recovers_when_somebody_joins() -> None:
    office = Office()
    office.set_members(FINANCE)
    desk = desk_of(any_of(FINANCE), office=office).submit()
    desk.office.members[FINANCE] = (Candidate(MAYA, ADA, NINE),)
    desk.do(c.Settle(SYSTEM))
    assert desk.flags == []
    assert desk.approve(MAYA).state.status == "approved"


def test_a_skipped_step_can_be_opened_and_the_process_waits_for_it() -> None:
    condition = {"v": 1, "all": []}
    desk = desk_of(user(MAYA), condition=condition, office=Office(verdicts={"a": Verdict(False)})).submit()
    number = desk.run("a").number
    assert desk.flags == ["nothing_applies"]
    assert desk.refuse(c.OpenStep(OTTO, number, "x")) == "not_an_admin"
    desk.do(c.OpenStep(ADA, number, "ask her all the same"))
    assert desk.flags == []
    assert desk.approve(MAYA).state.status == "approved"
    assert desk.refuse(c.OpenStep(ADA, number, "x")) == "not_running"


def test_only_a_skipped_step_is_opened() -> None:
    desk = desk_of(user(MAYA)).submit()
    assert desk.refuse(c.OpenStep(ADA, desk.run().number, "x")) == "not_skipped"


def test_an_admin_sends_a_stuck_request_back() -> None:
    desk = desk_of(user(MAYA), office=without(MAYA)).submit()
    desk.do(c.ReturnToRequester(ADA, "name somebody else"))
    assert (desk.state.status, desk.flags) == ("returned", [])


def test_forcing_is_off_unless_the_flow_allows_it_and_is_recorded_as_forced() -> None:
    assert desk_of(user(MAYA)).submit().refuse(c.ForceClose(ADA, 1, RunStatus.APPROVED, "x")) == "no_force"
    desk = desk_of(user(MAYA), force=True).submit()
    assert desk.refuse(c.ForceClose(ADA, 1, RunStatus.SKIPPED, "x")) == "no_outcome"
    assert desk.refuse(c.ForceClose(DANIEL, 1, RunStatus.APPROVED, "x")) == "not_an_admin"
    desk.do(c.ForceClose(ADA, 1, RunStatus.APPROVED, "fire"))
    run = desk.run("a")
    assert (run.forced, run.votes, desk.state.status) == (True, (), "approved")
    assert "approval_forced" in desk.kinds


def test_forcing_a_rejection_follows_the_steps_own_way() -> None:
    desk = desk_of(user(MAYA), force=True, on_reject="return").submit()
    desk.do(c.ForceClose(ADA, 1, RunStatus.REJECTED, "no budget"))
    assert desk.state.status == "returned"


def test_a_required_approver_holds_it_back_and_never_brings_it_about() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="count", threshold=2, ad_hoc=True).submit()
    run = desk.run().number
    desk.do(c.AddApprover(MAYA, run, AISHA, SeatKind.REQUIRED, "a friend"))
    desk.approve(AISHA, MAYA)
    assert desk.state.status == "running"
    assert desk.approve(TOMAS).state.status == "approved"
    waiting = desk_of(user(MAYA), ad_hoc=True).submit()
    waiting.do(c.AddApprover(MAYA, waiting.run().number, AISHA, SeatKind.REQUIRED, "legal too"))
    assert (waiting.approve(MAYA).state.status, waiting.flags) == ("running", [])
    assert waiting.approve(AISHA).state.status == "approved"


def test_a_required_approvers_rejection_rejects() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="count", threshold=1, ad_hoc=True).submit()
    desk.do(c.AddApprover(MAYA, desk.run().number, AISHA, SeatKind.REQUIRED, "legal too"))
    assert desk.reject(AISHA).state.status == "rejected"


def test_a_required_approver_who_leaves_needs_attention() -> None:
    desk = desk_of(user(MAYA), ad_hoc=True).submit()
    desk.do(c.AddApprover(MAYA, desk.run().number, AISHA, SeatKind.REQUIRED, "legal too"))
    desk.approve(MAYA)
    leaves(desk, AISHA)
    assert (desk.state.status, desk.flags) == ("running", ["stuck"])
    desk.do(c.GoOnWithout(ADA, desk.seat_of(AISHA), "left"))
    assert desk.state.status == "approved"


def test_whoever_is_asked_for_advice_or_beside_the_tally_is_given_no_second_place() -> None:
    desk = desk_of(user(MAYA), mode="all", ad_hoc=True).submit()
    for person, kind in ((AISHA, SeatKind.ADVICE), (RUTH, SeatKind.REQUIRED)):
        desk.do(c.AddApprover(MAYA, desk.run().number, person, kind, "x"))
        assert desk.refuse(c.Delegate(MAYA, desk.seat_of(MAYA), person)) == "has_a_seat"


def test_whoever_answers_for_an_overdue_seat_is_given_no_second_place() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all", deadline={"business_hours": 8, "then": "escalate"})
    desk.office.deadlines["a"] = (NINE,)
    desk.submit().do(c.FireTimer(SYSTEM, desk.run().number, TimerKind.DEADLINE, 0, NINE))
    assert [seat.deputies for seat in desk.run().seats] == [(INGRID,), ()]
    assert desk.refuse(c.Delegate(TOMAS, desk.seat_of(TOMAS), INGRID)) == "has_a_seat"


def test_who_left_meanwhile_leaves_before_the_command_is_judged() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="count", threshold=2, fallback=[user(AISHA)]).submit()
    desk.office.deactivate(TOMAS)
    assert desk.refuse(c.Delegate(MAYA, desk.seat_of(MAYA), AISHA)) == "has_a_seat"
    desk.approve(MAYA)
    assert desk.kinds[-3:] == ["approval_seat_voided", "approval_seat_added", "approval_approved"]


def test_advice_is_a_comment_and_nothing_else() -> None:
    desk = desk_of(user(MAYA), mode="all", ad_hoc=True).submit()
    desk.do(c.AddApprover(MAYA, desk.run().number, AISHA, SeatKind.ADVICE, "what do you think"))
    assert desk.refuse(desk.vote(AISHA, "approve")) == "advice_only"
    desk.do(desk.vote(AISHA, "abstain"))
    assert desk.state.status == "running"
    assert desk.approve(MAYA).state.status == "approved"


@pytest.mark.parametrize("kind", list(SeatKind))
def test_nobody_is_taken_out_of_a_pool_by_being_given_a_seat(kind: SeatKind) -> None:
    desk = desk_of(user(OTTO), any_of(FINANCE), mode="count", threshold=2, ad_hoc=True).submit()
    actor = ADA if kind is SeatKind.OWN else OTTO
    assert desk.refuse(c.AddApprover(actor, desk.run().number, RUTH, kind, "x")) == "has_a_seat"
    assert desk.refuse(c.Delegate(OTTO, desk.seat_of(OTTO), RUTH)) == "has_a_seat"
    assert desk.refuse(c.ReplaceSeat(ADA, desk.seat_of(OTTO), RUTH, "x")) == "has_a_seat"


def test_a_step_takes_further_approvers_only_where_the_flow_allows_it() -> None:
    desk = desk_of(user(MAYA)).submit()
    number = desk.run().number
    assert desk.refuse(c.AddApprover(MAYA, number, AISHA, SeatKind.REQUIRED, "x")) == "no_ad_hoc"
    assert desk.refuse(c.AddApprover(MAYA, number, AISHA, SeatKind.OWN, "x")) == "not_an_admin"
    desk.approve(MAYA)
    assert desk.refuse(c.AddApprover(ADA, number, AISHA, SeatKind.OWN, "x")) == "step_closed"
