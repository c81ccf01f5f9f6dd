from datetime import timedelta

from app.approvals.core import commands as c
from app.approvals.core.engine import is_possible
from app.approvals.core.explain import Awaited, explain, still_needed
from app.approvals.core.needs import needs
from app.approvals.core.outcome import Access, SeatRef, access, outcome
from app.approvals.core.state import State, TimerKind
from tests.approvals.core.office import (
    ADA,
    DANIEL,
    FINANCE,
    HANA,
    INGRID,
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


def why_not(desk: Desk, person: int) -> str:
    ((_, denied),) = explain(desk.state, person, desk.context).why_not
    return denied.code


def test_it_says_who_is_awaited_and_since_when() -> None:
    since, due = NINE + timedelta(hours=2), NINE + timedelta(hours=8)
    asked = step("b", any_of(FINANCE), user(OTTO), deadline={"business_hours": 8})
    desk = Desk(flow([step("a", user(MAYA))], [asked]), Office(deadlines={"b": (due,)})).submit()
    desk.later(hours=2).approve(MAYA)
    run, (pool, seat) = desk.run("b").number, desk.run("b").seats
    assert explain(desk.state, OTTO, desk.context).awaited == (
        Awaited(run, "b", pool.number, None, FINANCE, since, due),
        Awaited(run, "b", seat.number, OTTO, None, since, due),
    )


def test_an_approver_is_offered_what_decide_accepts() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    (vote,) = explain(desk.state, MAYA, desk.context).votes
    assert vote.decisions == tuple(c.Decision)


def test_somebody_else_is_told_why_not() -> None:
    """In the words that tell most: a group's member hears more than a stranger, whoever is asked first."""
    for lines in ((any_of(FINANCE), user(OTTO)), (user(OTTO), any_of(FINANCE))):
        desk = Desk(flow([step("a", *lines)])).submit()
        desk.office.editors = frozenset({MAYA})
        assert (why_not(desk, DANIEL), why_not(desk, MAYA)) == ("not_an_approver", "editor")


def test_a_stranger_hears_nothing_of_others_proxies_or_of_seats_that_are_void() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS))]))
    desk.office.away(MAYA, OTTO)
    desk.office.deactivate(TOMAS)
    assert why_not(desk.submit(), DANIEL) == "not_an_approver"
    assert [seat.void_reason for seat in desk.run().seats] == [None, "inactive"]


def test_whom_an_overdue_seat_is_escalated_to_is_offered_the_vote_in_its_holders_name() -> None:
    desk = Desk(flow([step("a", user(MAYA), deadline={"business_hours": 8, "then": "escalate"})]))
    desk.office.deadlines["a"] = (NINE,)
    desk.submit().do(c.FireTimer(SYSTEM, desk.run().number, TimerKind.DEADLINE, 0, NINE))
    desk.office.away(MAYA, INGRID)
    offered = [vote.on_behalf_of for vote in explain(desk.state, INGRID, desk.context).votes]
    desk.office.proxies = ()
    assert offered == [vote.on_behalf_of for vote in explain(desk.state, INGRID, desk.context).votes] == [MAYA]


def test_who_took_a_vote_back_and_may_vote_no_longer_hears_why_not() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), mode="all")])).submit().approve(MAYA)
    desk.do(c.Retract(MAYA, desk.seat_of(MAYA)))
    desk.office.editors = frozenset({MAYA})
    desk.do(c.Settle(SYSTEM))
    ((_, denied),) = explain(desk.state, MAYA, desk.context).why_not
    assert (denied.code, denied.params) == ("seat_void", {"void_reason": "editor"})


def test_who_has_spoken_or_may_not_any_more_is_told_so_while_it_waits_for_others() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), user(RUTH), mode="all")])).submit().approve(MAYA)
    desk.office.editors = frozenset({TOMAS})
    desk.do(c.Settle(SYSTEM))
    for person, code in ((MAYA, "already_approved"), (TOMAS, "seat_void")):
        ((_, denied),) = explain(desk.state, person, desk.context).why_not
        assert denied.code == code
    assert explain(desk.state, RUTH, desk.context).why_not == ()


def test_each_is_offered_what_is_theirs_on_the_whole() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    mine, theirs = explain(desk.state, HANA, desk.context), explain(desk.state, DANIEL, desk.context)
    assert (mine.may_withdraw, mine.may_cancel, mine.may_resubmit) == (True, False, False)
    assert (theirs.may_withdraw, theirs.may_cancel, theirs.may_resubmit) == (False, True, False)
    desk.do(desk.vote(MAYA, "return"))
    assert explain(desk.state, HANA, desk.context).may_resubmit


def test_a_vote_can_be_taken_back_only_while_it_can() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit().approve(MAYA)
    assert explain(desk.state, MAYA, desk.context).retractable == desk.seat_of(MAYA)
    assert explain(desk.state, OTTO, desk.context).retractable is None
    assert explain(desk.later(seconds=11).state, MAYA, desk.context).retractable is None


def test_whether_something_is_possible_is_asked_without_its_happening() -> None:
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    before = desk.state
    assert is_possible(desk.state, c.Withdraw(HANA), desk.context) is None
    refused = is_possible(desk.state, c.Withdraw(MAYA), desk.context)
    assert refused is not None
    assert (refused.code, desk.state) == ("not_the_requester", before)


def test_attention_is_told_as_a_sentence() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE))]))
    desk.office.set_members(FINANCE)
    desk.submit()
    told = explain(desk.state, ADA, desk.context).attention
    assert told == ("Nobody in the group that is asked may approve this step.",)


def test_it_says_how_many_are_needed_and_who_may_still_vote() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE), mode="count", threshold=2)])).submit().approve(MAYA)
    assert still_needed(desk.state, desk.context, desk.run()) == (2, frozenset({TOMAS, RUTH}))


def test_everything_to_be_read_is_known_before_deciding() -> None:
    lines = each_of(FINANCE), {"source": "rules", "rules": [{"condition": {}, "approvers": [any_of(LEGAL)]}]}
    rules = lines[1] | {"otherwise": [user(TOMAS)]}
    one = step("a", lines[0], rules, fallback=[user(RUTH)], deadline={"business_hours": 8, "to": [user(OTTO)]})
    found = needs(flow([one]), State(), ADA)
    assert (found.people, found.roles) == ({TOMAS, RUTH, OTTO, ADA}, {FINANCE, LEGAL})
    desk = Desk(flow([step("a", user(MAYA))])).submit()
    assert needs(desk.flow, desk.state).people == {HANA, MAYA}


def test_a_pools_members_may_read_while_it_is_open_and_afterwards_only_who_voted() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE))], [step("b", user(OTTO))])).submit()
    assert access(desk.state) == {Access("asked", role_id=FINANCE)}
    desk.approve(MAYA)
    assert access(desk.state) == {Access("was_asked", user_id=MAYA), Access("asked", user_id=OTTO)}


def test_a_group_that_is_asked_is_waited_for_by_its_name() -> None:
    before, desk = State(), Desk(flow([step("a", any_of(FINANCE))])).submit()
    run = desk.run()
    assert outcome(before, desk.state).actionable == {SeatRef(run.number, run.seats[0].number, None, FINANCE)}


def test_who_is_asked_again_is_asked_and_who_voted_or_never_could_is_not() -> None:
    stages = [step("a", user(MAYA), user(TOMAS), mode="all")], [step("b", user(MAYA), user(HANA))]
    desk = Desk(flow(*stages)).submit().approve(MAYA, TOMAS)
    assert access(desk.state) == {Access("asked", user_id=MAYA), Access("was_asked", user_id=TOMAS)}


def test_who_was_no_longer_required_keeps_reading_and_whose_seat_was_void_does_not() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), user(RUTH))])).submit()
    desk.office.deactivate(RUTH)
    desk.approve(MAYA)
    assert access(desk.state) == {Access("was_asked", user_id=MAYA), Access("was_asked", user_id=TOMAS)}


def test_while_a_step_waits_for_others_who_has_voted_was_asked() -> None:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), user(RUTH), mode="all")])).submit().approve(TOMAS)
    rows = Access("asked", user_id=MAYA), Access("was_asked", user_id=TOMAS), Access("asked", user_id=RUTH)
    assert access(desk.state) == set(rows)
