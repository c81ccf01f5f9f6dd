from datetime import timedelta

from app.approvals.core import commands as c
from app.approvals.core.context import Candidate
from app.approvals.core.denied import Denied
from app.approvals.core.outcome import access, outcome, pending_timers
from app.approvals.core.state import TimerKind
from tests.approvals.core.office import (
    FINANCE,
    HANA,
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


def take_back(desk: Desk, actor: int, key: str) -> c.Retract:
    return c.Retract(actor, desk.seat_of(actor, key))


def test_within_ten_seconds_the_process_runs_again_as_if_nothing_had_happened() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS))])).submit().approve(MAYA)
    assert desk.state.status == "approved"
    approved = desk.state
    desk.later(seconds=10).do(take_back(desk, MAYA, "a"))
    assert desk.state.status == "running"
    assert [(seat.user_id, seat.word) for seat in desk.run("a").seats] == [
        (MAYA, "void"),
        (TOMAS, "pending"),
        (MAYA, "pending"),
    ]
    assert outcome(approved, desk.state).ticket_status == "waiting_approval"
    assert outcome(approved, desk.state).retracted


def test_after_ten_seconds_it_stands() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit().approve(MAYA)
    assert desk.later(seconds=11).refuse(take_back(desk, MAYA, "a")) == "too_late"


def test_only_its_actor_takes_it_back() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit().approve(MAYA)
    assert desk.refuse(c.Retract(TOMAS, desk.seat_of(MAYA))) == "not_your_vote"


def test_nobody_may_have_acted_since_on_the_process_or_on_the_ticket() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), mode="all")])).submit().approve(MAYA, TOMAS)
    assert desk.refuse(take_back(desk, MAYA, "a")) == "acted_since"
    desk.touched = True
    assert desk.refuse(take_back(desk, TOMAS, "a")) == "acted_since"


def test_who_is_no_longer_entitled_takes_nothing_back() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit().approve(MAYA)
    desk.office.deactivate(MAYA)
    assert desk.refuse(take_back(desk, MAYA, "a")) == "inactive"


def test_a_member_who_left_the_pool_takes_nothing_back() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE))])).submit().approve(MAYA)
    desk.office.set_members(FINANCE, TOMAS)
    assert desk.refuse(take_back(desk, MAYA, "a")) == "left_group"


def test_what_was_taken_back_raises_no_bar() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), mode="all")])).submit().approve(MAYA)
    desk.do(take_back(desk, MAYA, "a"))
    record, _, waits = desk.run().seats
    assert (record.counted, record.void_reason, waits.number) == (False, "retracted", desk.state.next_number - 1)
    assert desk.approve(MAYA, TOMAS).state.status == "approved"


def test_what_it_had_opened_says_why_it_is_closed_and_keeps_what_was_void_before() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS), user(RUTH))]))
    desk.office.deactivate(RUTH)
    desk.submit().approve(MAYA).later(seconds=5).do(take_back(desk, MAYA, "a"))
    run = desk.run("b")
    assert (run.closed_because, run.closed_at) == ("retracted", desk.office.now)
    assert [seat.void_reason for seat in run.seats] == ["retracted", "inactive"]


def test_a_membership_that_an_editor_made_since_takes_nothing_back() -> None:
    desk = Desk(flow([step("a", user(OTTO))], [step("b", each_of(FINANCE))])).submit()
    desk.office.members[FINANCE] = (Candidate(MAYA, made_by=RUTH, made_at=NINE),)
    desk.approve(OTTO, MAYA)
    desk.office.editors = frozenset({RUTH})
    assert desk.refuse(take_back(desk, MAYA, "b")) == "own_making"


def test_a_vote_on_a_pool_leaves_the_pool_waiting() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE))])).submit().approve(MAYA)
    desk.do(take_back(desk, MAYA, "a"))
    assert [(seat.is_pool, seat.word) for seat in desk.run("a").seats] == [(True, "pending"), (False, "void")]
    assert desk.approve(MAYA).state.status == "approved"


def test_what_the_vote_had_opened_is_closed_and_its_readers_lose_their_access() -> None:
    office = Office(deadlines={"b": (NINE + timedelta(hours=8),)})
    then = {"deadline": {"business_hours": 8}}
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS), **then)]), office).submit().approve(MAYA)
    assert {row.user_id for row in access(desk.state)} == {MAYA, TOMAS}
    assert len(pending_timers(desk.state)) == 1
    desk.do(take_back(desk, MAYA, "a"))
    assert (desk.status("b"), desk.run("b").superseded) == ("obsolete", True)
    assert [timer.fired for timer in desk.run("b").timers] == [True]
    assert {row.user_id for row in access(desk.state)} == {MAYA}
    assert pending_timers(desk.state) == frozenset()
    assert desk.approve(MAYA, TOMAS).state.status == "approved"


def test_what_the_vote_had_closed_waits_again_at_its_old_due_time() -> None:
    due = NINE + timedelta(hours=8)
    office = Office(deadlines={"a": (due,), "b": (due,)})
    rules = {"deadline": {"business_hours": 8}}
    desk = Desk(flow([step("a", user(MAYA), **rules), step("b", user(TOMAS), **rules)]), office).submit()
    before = pending_timers(desk.state)
    desk.later(minutes=5).reject(MAYA, "a")
    assert (desk.state.status, desk.status("b"), pending_timers(desk.state)) == ("rejected", "obsolete", frozenset())
    desk.do(take_back(desk, MAYA, "a"))
    assert (desk.state.status, desk.seats("b"), pending_timers(desk.state)) == ("running", {TOMAS: "pending"}, before)


def test_sending_back_can_be_taken_back() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    desk.do(desk.vote(MAYA, "return"))
    desk.do(take_back(desk, MAYA, "a"))
    assert desk.state.status == "running"
    desk.do(desk.vote(MAYA, "return"))
    desk.do(c.Resubmit(HANA))
    assert desk.refuse(c.Retract(MAYA, desk.state.runs[0].seats[-1].number)) == "acted_since"


def test_a_rejection_that_began_a_new_round_stands() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS), on_reject={"back_to": "a"})])).submit()
    desk.approve(MAYA).reject(TOMAS)
    assert desk.refuse(take_back(desk, TOMAS, "b")) == "superseded"


def test_a_directory_change_that_voided_somebody_since_is_not_undone() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), user(RUTH), mode="all")])).submit().approve(MAYA)
    desk.office.deactivate(TOMAS)
    desk.do(c.Settle(SYSTEM))
    assert desk.refuse(take_back(desk, MAYA, "a")) == "acted_since"


def test_who_left_meanwhile_keeps_nobody_from_taking_it_back() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), mode="all")])).submit().approve(MAYA)
    desk.office.deactivate(TOMAS)
    desk.do(take_back(desk, MAYA, "a"))
    assert [(seat.user_id, seat.word) for seat in desk.run("a").seats] == [
        (MAYA, "void"),
        (TOMAS, "void"),
        (MAYA, "pending"),
    ]


def test_a_proxy_whose_time_has_ended_takes_nothing_back() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    desk.office.away(MAYA, OTTO)
    desk.do(desk.vote(OTTO, behalf=MAYA))
    desk.office.proxies = ()
    assert desk.refuse(c.Retract(OTTO, desk.seat_of(MAYA))) == "not_their_proxy"


def test_a_stand_in_takes_back_the_vote_that_they_cast() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    desk.office.away(MAYA, OTTO)
    desk.do(desk.vote(OTTO, behalf=MAYA))
    desk.do(c.Retract(OTTO, desk.seat_of(MAYA)))
    assert (desk.state.status, desk.run().seats[-1].user_id, desk.run().seats[-1].word) == ("running", MAYA, "pending")


def test_a_stand_in_takes_nothing_back_once_the_principal_has_left() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    desk.office.away(MAYA, OTTO)
    desk.do(desk.vote(OTTO, behalf=MAYA))
    desk.office.deactivate(MAYA)
    assert desk.refuse(c.Retract(OTTO, desk.seat_of(MAYA))) == "inactive"


def test_a_seat_of_each_member_needs_the_membership_to_be_taken_back() -> None:
    desk = Desk(flow([step("a", each_of(FINANCE))])).submit().approve(MAYA)
    desk.office.set_members(FINANCE, TOMAS)
    refused = desk.try_to(take_back(desk, MAYA, "a"))
    assert isinstance(refused, Denied)
    assert (refused.code, refused.params) == ("left_group", {"user": MAYA})


def test_whom_a_pool_was_escalated_to_takes_their_vote_back_without_being_a_member() -> None:
    deadline = {"business_hours": 8, "then": "escalate", "to": [user(OTTO)]}
    desk = Desk(flow([step("a", any_of(FINANCE), deadline=deadline)]), Office(deadlines={"a": (NINE,)})).submit()
    desk.do(c.FireTimer(SYSTEM, desk.run().number, TimerKind.DEADLINE, 0, NINE))
    desk.approve(OTTO).do(take_back(desk, OTTO, "a"))
    assert desk.state.status == "running"
    assert desk.approve(OTTO).state.status == "approved"


def test_whoever_edits_since_takes_nothing_back() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit().approve(MAYA)
    desk.office.editors = frozenset({MAYA})
    assert desk.refuse(take_back(desk, MAYA, "a")) == "editor"


def test_what_was_never_voted_on_is_not_taken_back() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    assert desk.refuse(c.Retract(MAYA, desk.seat_of(MAYA))) == "no_such_vote"
    assert desk.refuse(c.Retract(MAYA, 999)) == "no_such_vote"


def test_both_the_vote_and_its_retraction_stay_on_the_record() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit().approve(MAYA)
    desk.do(take_back(desk, MAYA, "a"))
    assert [kind for kind in desk.kinds if kind in ("approval_approved", "approval_retracted")] == [
        "approval_approved",
        "approval_retracted",
    ]
    assert desk.run("a").seats[0].acted_by == MAYA
