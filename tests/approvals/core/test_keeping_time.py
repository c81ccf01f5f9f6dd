"""Rule 10: the clock reminds, escalates and rejects. It never approves."""

from dataclasses import replace
from datetime import timedelta

from app.approvals.core import commands as c
from app.approvals.core.outcome import Access, access, pending_timers
from app.approvals.core.state import SeatKind, Timer, TimerKind
from tests.approvals.core.office import (
    ADA,
    AISHA,
    FINANCE,
    HANA,
    INGRID,
    JONAS,
    MAYA,
    NINE,
    OTTO,
    RUTH,
    SYSTEM,
    TOMAS,
    Desk,
    any_of,
    flow,
    step,
    user,
)

REMINDER, DUE = NINE + timedelta(hours=4), NINE + timedelta(hours=8)


def desk_of(*lines: dict[str, object], then: str = "remind", to: tuple[int, ...] = (), **rules: object) -> Desk:
    deadline = {"business_hours": 8, "remind": [4], "then": then, "to": [user(person) for person in to]}
    desk = Desk(flow([step("a", *lines, deadline=deadline, **rules)]))
    desk.office.deadlines["a"] = (REMINDER, DUE)
    return desk.submit()


def fire(desk: Desk, kind: TimerKind = TimerKind.DEADLINE) -> c.FireTimer:
    number, due = (0, DUE) if kind is TimerKind.DEADLINE else (1, REMINDER)
    return c.FireTimer(SYSTEM, desk.run("a").number, kind, number, due)


def overdue(desk: Desk) -> Desk:
    desk.office.now = DUE
    desk.do(fire(desk))
    return desk


def test_due_times_are_fixed_when_the_step_opens() -> None:
    assert sorted((timer.kind, timer.due_at) for timer in pending_timers(desk_of(user(MAYA)).state)) == [
        (TimerKind.DEADLINE, DUE),
        (TimerKind.REMIND, REMINDER),
    ]


def test_a_timer_fires_once_and_not_before_its_time() -> None:
    desk = desk_of(user(MAYA))
    assert desk.refuse(fire(desk, TimerKind.REMIND)) == "not_due"
    desk.office.now = REMINDER
    desk.do(fire(desk, TimerKind.REMIND))
    assert desk.kinds[-1] == "approval_reminded"
    assert desk.refuse(fire(desk, TimerKind.REMIND)) == "no_such_timer"


def test_a_timer_of_a_closed_step_does_nothing() -> None:
    desk = desk_of(user(MAYA)).approve(MAYA)
    desk.office.now = DUE
    assert desk.refuse(fire(desk)) == "step_closed"
    assert pending_timers(desk.state) == frozenset()


def test_a_deadline_that_only_reminds_leaves_everything_as_it_was() -> None:
    desk = overdue(desk_of(user(MAYA)))
    assert (desk.kinds[-1], desk.status("a"), desk.seats()) == ("approval_reminded", "open", {MAYA: "pending"})


def test_a_vote_after_the_due_time_and_before_the_timer_is_valid() -> None:
    desk = desk_of(user(MAYA), then="reject")
    desk.office.now = DUE + timedelta(hours=1)
    assert desk.approve(MAYA).state.status == "approved"


def test_a_deadline_may_reject() -> None:
    desk = overdue(desk_of(user(MAYA), then="reject"))
    assert (desk.state.status, desk.run("a").closed_because) == ("rejected", "deadline")


def test_escalating_lets_the_manager_answer_too_and_the_first_answer_counts() -> None:
    desk = overdue(desk_of(user(MAYA), then="escalate"))
    assert desk.run().seats[0].deputies == (INGRID,)
    desk.do(desk.vote(INGRID, behalf=MAYA))
    vote = desk.run("a").seats[0]
    assert (vote.acted_by, vote.on_behalf_of, vote.proxy_id) == (INGRID, MAYA, None)
    assert desk.refuse(desk.vote(MAYA)) == "already_approved"


def test_replacing_passes_the_seat_to_the_manager_and_leaves_the_tally_alone() -> None:
    desk = overdue(desk_of(user(MAYA), user(AISHA), then="replace", to=(OTTO,), mode="all"))
    assert desk.seats() == {MAYA: "void", AISHA: "void", INGRID: "pending", OTTO: "pending"}
    assert desk.flags == []
    instead = [(seat.line, seat.names_one, seat.origin, seat.provenance) for seat in desk.run().seats[2:]]
    assert instead == [
        (1, True, "escalation", {"source": "manager", "of": MAYA}),
        (2, True, "escalation", {"source": "user", "line": 1}),
    ]
    assert desk.approve(INGRID).state.status == "running"
    assert desk.approve(OTTO).state.status == "approved"


def test_two_seats_never_become_one_because_they_share_a_manager() -> None:
    desk = overdue(desk_of(user(MAYA), user(TOMAS), then="replace", mode="all"))
    assert desk.seats() == {MAYA: "void", TOMAS: "pending", INGRID: "pending"}
    assert desk.flags == ["unescalated"]


def test_an_ineligible_manager_is_passed_over_for_the_flows_own_line() -> None:
    desk = desk_of(user(MAYA), then="escalate", to=(OTTO,))
    desk.office.deactivate(INGRID)
    assert overdue(desk).run().seats[0].deputies == (OTTO,)


def test_a_manager_whom_the_requester_chose_since_is_not_escalated_to() -> None:
    desk = desk_of(user(MAYA), then="escalate", to=(AISHA,))
    people = desk.office.people
    people[MAYA] = replace(people[MAYA], manager_id=OTTO, manager_by=HANA, manager_at=NINE)
    assert overdue(desk).run().seats[0].deputies == (AISHA,)


def test_a_manager_who_has_voted_for_another_is_not_escalated_to() -> None:
    desk = desk_of(user(MAYA), user(JONAS), then="escalate", mode="all")
    desk.office.away(JONAS, INGRID)
    desk.do(desk.vote(INGRID, behalf=JONAS))
    assert overdue(desk).flags == ["unescalated"]
    assert [seat.deputies for seat in desk.run().seats] == [(), ()]


def test_only_who_still_has_to_answer_is_escalated_and_advice_never() -> None:
    desk = desk_of(user(MAYA), user(AISHA), then="escalate", mode="all", ad_hoc=True).approve(AISHA)
    desk.do(c.AddApprover(MAYA, desk.run().number, JONAS, SeatKind.ADVICE, "x"))
    assert [seat.deputies for seat in overdue(desk).run().seats] == [(INGRID,), (), ()]
    assert desk.flags == []


def test_a_required_seat_that_is_passed_on_stays_beside_the_tally() -> None:
    desk = desk_of(user(JONAS), then="replace", ad_hoc=True)
    desk.do(c.AddApprover(JONAS, desk.run().number, MAYA, SeatKind.REQUIRED, "x"))
    overdue(desk)
    assert [(seat.user_id, seat.kind) for seat in desk.run().seats if seat.is_pending] == [
        (JONAS, "own"),
        (INGRID, "required"),
    ]
    assert desk.approve(INGRID).state.status == "running"


def test_the_escalation_line_may_be_a_group_whose_first_free_member_answers() -> None:
    desk = desk_of(user(MAYA), user(JONAS), then="escalate", to=(), mode="all")
    desk.flow = flow([step("a", deadline={"business_hours": 8, "then": "escalate", "to": [any_of(FINANCE)]})])
    assert [seat.deputies for seat in overdue(desk).run().seats] == [(INGRID,), (TOMAS,)]


def test_a_group_that_was_replaced_comes_back_as_the_fallback() -> None:
    desk = overdue(desk_of(any_of(FINANCE), then="replace", to=(OTTO,), fallback=[any_of(FINANCE)]))
    desk.office.deactivate(OTTO)
    desk.do(c.Settle(SYSTEM))
    assert [(seat.role_id, seat.word) for seat in desk.run().seats] == [
        (FINANCE, "void"),
        (None, "void"),
        (FINANCE, "pending"),
    ]


def test_where_a_group_was_replaced_and_nobody_is_left_it_is_not_the_group_that_is_empty() -> None:
    desk = overdue(desk_of(any_of(FINANCE), then="replace", to=(OTTO,)))
    desk.office.deactivate(OTTO)
    desk.do(c.Settle(SYSTEM))
    assert desk.flags == ["no_approver"]


def test_a_pool_has_no_manager_so_the_flows_own_line_is_asked() -> None:
    desk = overdue(desk_of(any_of(FINANCE), then="escalate", to=(OTTO,)))
    assert desk.approve(OTTO).state.status == "approved"


def test_whom_a_pool_is_escalated_to_votes_in_no_members_name() -> None:
    desk = overdue(desk_of(any_of(FINANCE), then="escalate", to=(OTTO,)))
    assert desk.refuse(desk.vote(OTTO, behalf=MAYA)) == "not_their_proxy"
    assert desk.state.runs[0].votes == ()


def test_a_pool_that_is_replaced_is_no_longer_asked() -> None:
    desk = overdue(desk_of(any_of(FINANCE), then="replace", to=(OTTO,)))
    assert desk.refuse(c.Decide(RUTH, desk.run().seats[0].number, c.Decision.APPROVE, "v1")) == "seat_void"
    assert desk.approve(OTTO).state.status == "approved"


def test_when_there_is_nobody_to_escalate_to_the_seat_stays_and_an_admin_is_told() -> None:
    desk = desk_of(user(JONAS), then="escalate")
    assert overdue(desk).flags == ["unescalated"]
    assert desk.approve(JONAS).flags == []


def test_once_nobody_is_waited_for_but_who_was_escalated_the_admin_is_told_no_longer() -> None:
    desk = overdue(desk_of(user(MAYA), user(JONAS), then="escalate", mode="all"))
    (flagged,) = desk.state.attention
    assert (flagged.code, flagged.run, flagged.step_key) == ("unescalated", desk.run().number, "a")
    assert desk.approve(JONAS).flags == []


def test_an_extended_deadline_is_overdue_no_longer() -> None:
    desk = overdue(desk_of(user(JONAS), then="escalate"))
    assert desk.flags == ["unescalated"]
    desk.do(c.ExtendDeadline(ADA, desk.run().number, DUE + timedelta(days=1), "holiday"))
    assert (desk.flags, desk.run().unescalated) == ([], False)


def test_who_may_answer_too_may_read() -> None:
    desk = overdue(desk_of(user(MAYA), then="escalate"))
    assert access(desk.state) == {Access("asked", user_id=MAYA), Access("deputy", user_id=INGRID)}


def test_whom_a_pool_is_escalated_to_is_asked_like_its_members() -> None:
    desk = overdue(desk_of(any_of(FINANCE), then="escalate", to=(OTTO,)))
    assert access(desk.state) == {Access("asked", role_id=FINANCE), Access("asked", user_id=OTTO)}


def test_the_requester_is_never_escalated_to() -> None:
    desk = desk_of(user(MAYA), then="escalate")
    desk.office.people[MAYA] = replace(desk.office.people[MAYA], manager_id=1)
    assert overdue(desk).flags == ["unescalated"]


def test_an_extended_deadline_is_another_timer() -> None:
    desk = desk_of(user(MAYA), then="reject")
    later = DUE + timedelta(days=1)
    number = desk.run().number
    assert desk.refuse(c.ExtendDeadline(ADA, number, NINE, "x")) == "in_the_past"
    desk.do(c.ExtendDeadline(ADA, number, later, "holiday", remind_at=(DUE,)))
    assert desk.run().due_at == later
    assert desk.run().timers == (Timer(TimerKind.REMIND, 1, DUE), Timer(TimerKind.DEADLINE, 0, later))
    desk.office.now = DUE
    assert desk.refuse(fire(desk)) == "no_such_timer"
    desk.office.now = later
    desk.do(c.FireTimer(SYSTEM, number, TimerKind.DEADLINE, 0, later))
    assert desk.state.status == "rejected"


def test_the_clock_stops_while_it_is_with_the_requester_and_starts_anew() -> None:
    desk = desk_of(user(MAYA))
    desk.do(desk.vote(MAYA, "return"))
    assert pending_timers(desk.state) == frozenset()
    desk.office.deadlines["a"] = (DUE, DUE + timedelta(hours=4))
    desk.do(c.Resubmit(1))
    assert desk.run("a").due_at == DUE + timedelta(hours=4)
