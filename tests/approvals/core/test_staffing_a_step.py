"""Rules 4, 6 and 12: who is handed a seat, added, put in another's place or found anew, and in whose place."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.approvals.core import commands as c
from app.approvals.core.context import Candidate, ResolvedLine, Verdict
from app.approvals.core.definition import Source
from app.approvals.core.denied import Denied
from app.approvals.core.seating import pool_for
from app.approvals.core.state import Origin, Seat, SeatKind
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
    any_of,
    each_of,
    flow,
    step,
    user,
)

MANAGER = {"source": "manager", "level": 1}
NEVER = Verdict(holds=False)


def desk_of(*lines: dict[str, object], **rules: Any) -> Desk:
    return Desk(flow([step("a", *lines, **rules)]))


def leaves(desk: Desk, *people: int) -> None:
    for person in people:
        desk.office.deactivate(person)
    desk.do(c.Settle(SYSTEM))


def comes_back(desk: Desk, *people: int) -> None:
    for person in people:
        desk.office.people[person] = replace(desk.office.people[person], active=True)


def places(desk: Desk) -> list[tuple[int | None, str, int | None]]:
    """Of each seat its holder, its state, and who came in instead."""
    holder = {seat.number: seat.user_id for seat in desk.run().seats}
    return [(seat.user_id, seat.word, holder.get(seat.replaced_by or 0)) for seat in desk.run().seats]


def test_what_is_not_there_is_neither_handed_over_nor_replaced_nor_added_to() -> None:
    desk = desk_of(user(MAYA)).submit()
    assert desk.refuse(c.Delegate(MAYA, 99, OTTO)) == "no_such_seat"
    assert desk.refuse(c.ReplaceSeat(ADA, 99, OTTO, "x")) == "no_such_seat"
    assert desk.refuse(c.GoOnWithout(ADA, 99, "x")) == "no_such_seat"
    assert desk.refuse(c.AddApprover(ADA, 99, OTTO, SeatKind.OWN, "x")) == "no_such_step"


def test_a_refused_target_is_named() -> None:
    desk = desk_of(user(MAYA)).submit()
    desk.office.deactivate(OTTO)
    for command, code, who in (
        (c.Delegate(MAYA, desk.seat_of(MAYA), OTTO), "inactive", OTTO),
        (c.ReplaceSeat(ADA, desk.seat_of(MAYA), ADA, "x"), "own_making", ADA),
    ):
        refused = desk.try_to(command)
        assert isinstance(refused, Denied)
        assert (refused.code, refused.params) == (code, {"user": who})


def test_who_may_no_longer_vote_hands_nothing_over() -> None:
    desk = desk_of(user(MAYA), user(TOMAS)).submit()
    desk.office.editors = frozenset({MAYA})
    refused = desk.try_to(c.Delegate(MAYA, desk.seat_of(MAYA), OTTO))
    assert isinstance(refused, Denied)
    assert (refused.code, refused.params) == ("editor", {"user": MAYA})


def test_who_voted_for_another_is_given_no_place() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all")
    desk.office.away(MAYA, OTTO)
    desk.submit().do(desk.vote(OTTO, behalf=MAYA))
    assert desk.refuse(c.Delegate(TOMAS, desk.seat_of(TOMAS), OTTO)) == "already_voted"


def test_who_voted_in_their_own_right_may_still_ask_for_one_more() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), user(JONAS), mode="all", ad_hoc=True)
    desk.office.away(TOMAS, OTTO)
    desk.submit().approve(MAYA).do(desk.vote(OTTO, behalf=TOMAS))
    number = desk.run().number
    assert desk.refuse(c.AddApprover(MAYA, number, AISHA, SeatKind.REQUIRED, " ")) == "reason_required"
    desk.do(c.AddApprover(MAYA, number, AISHA, SeatKind.REQUIRED, "legal too"))
    desk.approve(AISHA)
    for person in (TOMAS, OTTO, AISHA):
        assert desk.refuse(c.AddApprover(person, number, RUTH, SeatKind.REQUIRED, "x")) == "not_an_admin"


def test_a_group_is_not_replaced_and_not_gone_on_without() -> None:
    desk = desk_of(any_of(FINANCE)).submit()
    number = desk.run().seats[0].number
    assert desk.refuse(c.ReplaceSeat(ADA, number, OTTO, "x")) == "pool"
    assert desk.refuse(c.GoOnWithout(ADA, number, "x")) == "pool"


def test_an_approver_named_as_requester_is_replaced_once_and_a_requester_never() -> None:
    desk = desk_of(user(DANIEL), user(HANA), user(MAYA)).submit(HANA, requester=DANIEL)
    shut_out, asked = desk.seat_of(DANIEL), desk.seat_of(HANA)
    assert desk.refuse(c.ReplaceSeat(ADA, asked, OTTO, "x")) == "seat_settled"
    desk.do(c.ReplaceSeat(ADA, shut_out, OTTO, "he asked for it"))
    assert desk.flags == []
    assert desk.refuse(c.ReplaceSeat(ADA, shut_out, RUTH, "x")) == "seat_settled"


def test_who_replaces_a_required_approver_is_required_too() -> None:
    desk = desk_of(user(MAYA), ad_hoc=True).submit()
    desk.do(c.AddApprover(MAYA, desk.run().number, AISHA, SeatKind.REQUIRED, "x"))
    desk.do(c.ReplaceSeat(ADA, desk.seat_of(AISHA), OTTO, "x"))
    assert desk.approve(OTTO).state.status == "running"
    assert desk.approve(MAYA).state.status == "approved"


def test_found_anew_everybody_takes_their_own_old_place() -> None:
    desk = desk_of(each_of(FINANCE), mode="all").submit()
    leaves(desk, MAYA, TOMAS)
    comes_back(desk, MAYA, TOMAS)
    desk.office.set_members(FINANCE, TOMAS, RUTH, MAYA)
    (found, *_) = desk.do(c.ReResolve(ADA, desk.run().number, "they are back"))
    assert (found.kind, found.run) == ("approval_re_resolved", desk.run().number)
    assert places(desk) == [
        (MAYA, "void", MAYA),
        (TOMAS, "void", TOMAS),
        (RUTH, "pending", None),
        (TOMAS, "pending", None),
        (MAYA, "pending", None),
    ]


def test_found_anew_somebody_takes_a_place_of_the_same_line_only() -> None:
    desk = desk_of(user(TOMAS), MANAGER, user(MAYA), mode="all").submit().approve(MAYA)
    leaves(desk, TOMAS, DANIEL)
    desk.office.people[HANA] = replace(desk.office.people[HANA], manager_id=INGRID)
    desk.do(c.ReResolve(ADA, desk.run().number, "a new manager"))
    assert places(desk) == [
        (TOMAS, "void", None),
        (DANIEL, "void", INGRID),
        (MAYA, "approved", None),
        (INGRID, "pending", None),
    ]


def test_found_anew_whoever_is_new_is_one_more_to_ask() -> None:
    desk = desk_of(each_of(FINANCE), mode="all").submit()
    made_at = NINE - timedelta(days=1)
    desk.office.members[FINANCE] += (Candidate(OTTO, ADA, made_at),)
    desk.do(c.ReResolve(ADA, desk.run().number, "she joined"))
    new = desk.run().seats[-1]
    assert (new.user_id, new.word, new.origin, new.line) == (OTTO, "pending", "re_resolved", 1)
    assert (new.member_of, new.made_by, new.made_at, new.names_one) == (FINANCE, ADA, made_at, False)
    assert len(desk.run().seats) == 4


def test_found_anew_a_group_that_the_lines_lead_to_now_is_asked_once() -> None:
    desk = desk_of(user(MAYA)).submit()
    desk.flow = flow([step("a", user(MAYA), any_of(FINANCE))])
    for _ in range(2):
        desk.do(c.ReResolve(ADA, desk.run().number, "the rule names Finance now"))
    pools = [(seat.role_id, seat.origin, seat.line) for seat in desk.run().seats if seat.is_pool]
    assert pools == [(FINANCE, "re_resolved", 2)]
    desk.flow = flow([step("a", user(MAYA), any_of(LEGAL))])
    desk.do(c.ReResolve(ADA, desk.run().number, "and Legal now"))
    assert [seat.role_id for seat in desk.run().seats if seat.is_pool] == [FINANCE, LEGAL]


def test_a_groups_place_carries_the_line_and_the_entry_that_led_to_it() -> None:
    told = {"source": "matrix", "row": 4}
    line = ResolvedLine(
        3, Source.MATRIX, role_id=FINANCE, is_pool=True, provenance=told, made_by=ADA, made_at=NINE
    )  # fmt: skip
    assert pool_for(line, 7, Origin.FALLBACK) == Seat(
        7, role_id=FINANCE, origin=Origin.FALLBACK, line=3, provenance=told, made_by=ADA, made_at=NINE
    )


def test_the_previous_approvers_manager_is_that_of_the_nearest_stage_that_was_approved() -> None:
    previous = {"source": "previous_manager"}
    skipped = step("s", user(OTTO), condition={"v": 1, "all": []})
    stages = [step("a", user(DANIEL))], [step("b", user(MAYA))], [skipped], [step("c", previous)]
    desk = Desk(flow(*stages))
    desk.office.verdicts["s"] = NEVER
    desk.office.people[MAYA] = replace(desk.office.people[MAYA], manager_id=RUTH)
    assert desk.submit().approve(DANIEL, MAYA).seats("c") == {RUTH: "pending"}


def test_a_step_beside_it_is_no_previous_step() -> None:
    late = step("p", {"source": "previous_manager"}, condition={"v": 1, "all": []})
    desk = Desk(flow([step("a", user(DANIEL))], [step("b", user(MAYA)), late, step("q", user(OTTO))]))
    desk.office.verdicts["p"] = NEVER
    desk.office.people[MAYA] = replace(desk.office.people[MAYA], manager_id=RUTH)
    desk.submit().approve(DANIEL).approve(MAYA, key="b")
    desk.do(c.OpenStep(ADA, desk.run("p").number, "ask them"))
    assert desk.seats("p") == {INGRID: "pending"}
