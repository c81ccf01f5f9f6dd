"""Rule 14: the events say who did what, to whom and why, so that the record needs nothing beside it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.approvals.core import commands as c
from app.approvals.core.context import Verdict
from app.approvals.core.engine import evolve
from app.approvals.core.events import ProcessResumed
from app.approvals.core.state import RunStatus, SeatKind, TimerKind
from app.approvals.core.tally import Count
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
    SYSTEM,
    TOMAS,
    Desk,
    any_of,
    flow,
    step,
    user,
)

DUE = NINE + timedelta(hours=8)
CONDITION = {"v": 1, "all": []}


def desk_of(**rules: Any) -> Desk:
    desk = Desk(flow([step("a", user(MAYA), user(TOMAS), mode="all", **rules)], force_close=True))
    desk.office.deadlines["a"] = (DUE - timedelta(hours=4), DUE)
    return desk


def told(desk: Desk, kind: str) -> Any:
    """The last event of this kind."""
    return [event for event in desk.events if event.kind == kind][-1]


REASONED: list[tuple[str, Callable[[int, int], c.Command]]] = [
    ("approval_withdrawn", lambda run, seat: c.Withdraw(HANA, "why")),
    ("approval_cancelled", lambda run, seat: c.Cancel(DANIEL, "why")),
    ("approval_delegated", lambda run, seat: c.Delegate(MAYA, seat, OTTO, "why")),
    ("approval_seat_added", lambda run, seat: c.AddApprover(ADA, run, OTTO, SeatKind.OWN, "why")),
    ("approval_seat_replaced", lambda run, seat: c.ReplaceSeat(ADA, seat, OTTO, "why")),
    ("approval_seat_let_go", lambda run, seat: c.GoOnWithout(ADA, seat, "why")),
    ("approval_re_resolved", lambda run, seat: c.ReResolve(ADA, run, "why")),
    ("approval_deadline_moved", lambda run, seat: c.ExtendDeadline(ADA, run, DUE, "why")),
    ("approval_sent_back", lambda run, seat: c.ReturnToRequester(ADA, "why")),
    ("approval_sent_back", lambda run, seat: c.Decide(MAYA, seat, c.Decision.RETURN, "v1", "why")),
    ("approval_migrated", lambda run, seat: c.Migrate(ADA, 2, "newer", "why")),
    ("approval_forced", lambda run, seat: c.ForceClose(ADA, run, RunStatus.APPROVED, "why")),
]


@pytest.mark.parametrize(("kind", "command"), REASONED, ids=[str(number) for number in range(len(REASONED))])
def test_the_reason_that_was_given_is_on_the_record_with_who_gave_it(
    kind: str, command: Callable[[int, int], c.Command]
) -> None:
    desk = desk_of(deadline={"business_hours": 8}).submit()
    desk.target = desk.flow
    asked = command(desk.run().number, desk.seat_of(MAYA))
    desk.do(asked)
    event = told(desk, kind)
    assert (event.reason, event.actor, event.at, event.turn) == ("why", asked.actor, NINE, 2)


def test_a_submission_says_who_asked_and_what_it_follows() -> None:
    desk = desk_of()
    desk.do(c.Start(HANA, HANA, DANIEL, 3, "sha", reopens=7))
    begun = desk.state
    assert (begun.creator_id, begun.requester_id, begun.flow_version, begun.flow_sha256) == (HANA, DANIEL, 3, "sha")
    assert (begun.reopens, begun.opened_at, begun.turn) == (7, NINE, 1)


def test_a_vote_is_written_down_with_everything_it_rests_on() -> None:
    """The content that the next stage watched is of use to the next stage only."""
    after = ([step(key, user(MAYA), auto_satisfy=True)] for key in "bc")
    desk = Desk(flow([step("a", user(MAYA), any_of(FINANCE))], *after))
    desk.office.away(TOMAS, OTTO)
    pool = desk.submit().run().seats[1].number
    desk.do(c.Decide(OTTO, pool, c.Decision.APPROVE, "v1", "looks right", on_behalf_of=TOMAS, via="mail"))
    vote = told(desk, "approval_approved")
    assert (vote.actor, vote.holder, vote.on_behalf_of, vote.proxy_id, vote.pool) == (OTTO, TOMAS, TOMAS, 1, pool)
    assert (vote.comment, vote.seen_hash, vote.via, vote.next_hashes) == ("looks right", "v1", "mail", {"b": "v1"})
    cast = desk.run("a").seats[-1]
    assert (cast.number, cast.user_id, cast.role_id, cast.pool, cast.origin) == (
        vote.seat, TOMAS, FINANCE, pool, "pool_vote",
    )  # fmt: skip
    assert (cast.comment, cast.via, cast.decided_at) == ("looks right", "mail", NINE)


def test_a_step_says_what_it_was_judged_by_and_what_closed_it() -> None:
    desk = desk_of().submit().approve(MAYA, TOMAS)
    closed = told(desk, "approval_step_closed")
    assert [seat.number - desk.run().number for seat in desk.run().seats] == [1, 2]
    assert (closed.because, closed.status, closed.reason) == ("votes", "approved", None)
    assert (closed.count, closed.bar) == (Count(2, 2, 0, 0, 0), 2)
    assert desk.run("a").closed_at == NINE
    whole = told(desk, "approval_completed")
    assert (whole.because, desk.state.closed_because, desk.state.closed_at) == ("approved", "approved", NINE)
    refused = desk_of().submit().reject(MAYA)
    assert (refused.run("a").closed_because, refused.state.closed_because) == ("votes", "rejected")


def test_a_step_that_something_else_closed_says_when() -> None:
    desk = Desk(flow([step("a", user(MAYA)), step("b", user(TOMAS))])).submit()
    desk.later(hours=1).reject(MAYA, "a")
    assert (desk.status("b"), desk.run("b").closed_at) == ("obsolete", desk.office.now)


def test_steps_and_seats_are_numbered_from_one_as_they_come() -> None:
    desk = Desk(flow([step("a", any_of(FINANCE), mode="count", threshold=2)], [step("b", user(OTTO), user(AISHA))]))
    desk.submit().approve(MAYA, TOMAS)
    numbers = [[run.number, *(seat.number for seat in run.seats)] for run in desk.state.runs]
    assert numbers == [[1, 2, 3, 4], [5, 6, 7]]


def test_every_command_is_a_turn_of_its_own() -> None:
    desk = desk_of().submit().approve(MAYA)
    desk.do(c.Retract(MAYA, desk.seat_of(MAYA)))
    desk.approve(MAYA)
    assert list(dict.fromkeys(event.turn for event in desk.events)) == [1, 2, 3, 4]
    assert desk.state.turn == 4


def test_every_end_says_how_it_came() -> None:
    for command, because in ((c.Withdraw(HANA), "withdrawn"), (c.Cancel(DANIEL, "x"), "cancelled")):
        desk = desk_of().submit()
        desk.do(command)
        assert desk.state.closed_because == because
    forced = desk_of().submit()
    forced.do(c.ForceClose(ADA, forced.run().number, RunStatus.APPROVED, "x"))
    assert forced.run("a").closed_because == "forced"


def test_every_way_back_says_how_it_came() -> None:
    asked, sent, rejected = desk_of().submit(), desk_of().submit(), desk_of(on_reject="return").submit()
    asked.do(asked.vote(MAYA, "return"))
    sent.do(c.ReturnToRequester(ADA, "x"))
    rejected.reject(MAYA)
    found = [told(desk, "approval_sent_back").because for desk in (asked, sent, rejected)]
    assert found == ["returned", "admin", "rejected"]
    assert asked.run("a").closed_because == "returned"
    asked.do(c.Resubmit(HANA))
    again = told(asked, "approval_superseded")
    assert (again.because, again.to_stage, again.keeping) == ("resubmitted", 1, ())
    asked.office.hashes["a"] = "v2"
    asked.do(c.ContentChanged(HANA, ("amount", "title"), accept_rewind=True))
    edited = told(asked, "approval_superseded")
    assert (edited.because, edited.fields) == ("content", ("amount", "title"))


def test_a_rejection_that_goes_back_says_so() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(TOMAS), on_reject={"back_to": "a"})])).submit()
    desk.approve(MAYA).reject(TOMAS)
    assert told(desk, "approval_superseded").because == "rejected"


def test_a_skipped_step_says_why_and_what_it_would_have_been_bound_to() -> None:
    desk = desk_of(condition=CONDITION)
    desk.office.verdicts["a"] = Verdict(False, sentence="too cheap")
    run = desk.submit().run("a")
    assert (run.closed_because, run.satisfied_by, run.opened_at, run.closed_at) == ("condition", None, NINE, NINE)
    assert (run.watch_hash, run.reads_hash, run.condition) == ("v1", "r1", Verdict(False, sentence="too cheap"))
    desk.do(c.OpenStep(ADA, run.number, "ask them"))
    opened = told(desk, "approval_step_started")
    assert (opened.reopens, opened.reason, opened.actor) == (run.number, "ask them", ADA)
    assert (opened.run.stage, opened.run.round, opened.run.opened_at, opened.run.watch_hash) == (1, 1, NINE, "v1")
    assert [one.superseded for one in desk.state.runs] == [True, False]
    assert [seat.number - opened.run.number for seat in opened.run.seats] == [1, 2]


def test_whoever_comes_in_for_another_keeps_the_line_and_says_for_whom() -> None:
    desk = desk_of().submit()
    desk.do(c.ReplaceSeat(ADA, desk.seat_of(MAYA), OTTO, "left"))
    old, new = desk.run().seats[0], desk.run().seats[-1]
    assert (old.void_reason, old.replaced_by, old.counted) == ("replaced", new.number, False)
    assert (new.origin, new.line, new.names_one, new.kind) == ("replacement", 1, True, "own")
    assert new.provenance == {"source": "replacement", "by": ADA, "of": MAYA}


def test_an_added_approver_carries_who_added_them() -> None:
    desk = desk_of(ad_hoc=True).submit()
    desk.do(c.AddApprover(MAYA, desk.run().number, AISHA, SeatKind.REQUIRED, "legal too"))
    new = desk.run().seats[-1]
    assert (new.user_id, new.kind, new.origin) == (AISHA, "required", "added")
    assert new.provenance == {"source": "added", "by": MAYA}


def test_the_manager_who_comes_in_carries_the_entry_that_led_to_them() -> None:
    desk = desk_of(replace_inactive="manager").submit()
    desk.office.deactivate(MAYA)
    desk.do(c.Settle(SYSTEM))
    new = desk.run().seats[-1]
    assert (new.user_id, new.origin, new.line, new.names_one) == (INGRID, "manager", 1, True)
    assert new.provenance == {"source": "manager", "of": MAYA}


def test_who_asks_in_the_next_round_is_what_the_event_says() -> None:
    desk = desk_of().submit()
    desk.do(desk.vote(MAYA, "return"))
    event = ProcessResumed(at=NINE, actor=HANA, turn=3, creator_id=OTTO, requester_id=AISHA)
    resumed = evolve(desk.state, event)
    assert (resumed.status, resumed.creator_id, resumed.requester_id) == ("running", OTTO, AISHA)


def test_a_reminder_names_its_timer_and_only_a_reminder_reminds() -> None:
    desk = desk_of(deadline={"business_hours": 8, "remind": [4], "then": "escalate"}).submit()
    run, early = desk.run().number, DUE - timedelta(hours=4)
    desk.office.now = early
    desk.do(c.FireTimer(SYSTEM, run, TimerKind.REMIND, 1, early))
    reminded = told(desk, "approval_reminded")
    assert (reminded.timer, reminded.ordinal, reminded.due_at) == ("remind", 1, early)
    desk.office.now = DUE
    desk.do(c.FireTimer(SYSTEM, run, TimerKind.DEADLINE, 0, DUE))
    assert "approval_overdue" in desk.kinds
