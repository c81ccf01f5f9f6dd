"""Rule 5: who approved the stage directly before need not be asked again, where nothing is lost by it."""

from typing import Any

import pytest

from app.approvals.core import commands as c
from app.approvals.core.state import SeatKind
from tests.approvals.core.office import ADA, FINANCE, MAYA, OTTO, RUTH, TOMAS, Desk, any_of, flow, step, user


def auto_satisfied(second: dict[str, object], *, mode: str = "any") -> Desk:
    return Desk(flow([step("a", user(MAYA))], [step("b", user(MAYA), mode=mode, auto_satisfy=True, **second)]))


def test_who_approved_the_stage_directly_before_need_not_be_asked_again() -> None:
    desk = auto_satisfied({}).submit().approve(MAYA)
    run = desk.run("b")
    assert (run.status, run.closed_because, run.satisfied_by) == ("skipped", "auto_satisfy", desk.seat_of(MAYA, "a"))
    assert desk.state.status == "approved"


def test_what_the_later_step_watches_must_not_have_changed_since() -> None:
    desk = Desk(
        flow([step("a", user(MAYA)), step("x", user(TOMAS))], [step("b", user(MAYA), auto_satisfy=True)])
    ).submit()
    desk.approve(MAYA, key="a")
    desk.office.hashes["b"] = "v2"
    desk.approve(TOMAS, key="x")
    assert desk.status("b") == "open"


def test_a_proxys_vote_satisfies_nothing_later() -> None:
    desk = Desk(flow([step("a", user(TOMAS))], [step("b", user(MAYA), auto_satisfy=True)]))
    desk.office.away(TOMAS, MAYA)
    desk.submit().do(desk.vote(MAYA, behalf=TOMAS))
    assert desk.status("b") == "open"


def test_separation_of_duties_comes_before_satisfying() -> None:
    assert auto_satisfied({"distinct_from": ["a"]}).submit().approve(MAYA).status("b") == "open"


def test_nothing_is_satisfied_across_a_stage_between() -> None:
    stages = [step("a", user(MAYA))], [step("x", user(TOMAS))], [step("b", user(MAYA), auto_satisfy=True)]
    assert Desk(flow(*stages)).submit().approve(MAYA, TOMAS).status("b") == "open"


def test_a_stage_that_a_newer_version_put_between_is_between() -> None:
    first, last = [step("a", user(MAYA)), step("y", user(RUTH))], [step("b", user(MAYA), auto_satisfy=True)]
    desk = Desk(flow(first, last)).submit().approve(MAYA, key="a")
    desk.target = flow(first, [step("x", user(TOMAS))], last)
    desk.do(c.Migrate(ADA, 2, "newer", "one more pair of eyes"))
    assert desk.approve(RUTH, TOMAS).status("b") == "open"


def test_a_newer_version_that_asks_everybody_anew_does() -> None:
    first = [step("a", user(MAYA)), step("y", user(RUTH))]
    desk = Desk(flow(first, [step("b", user(MAYA), auto_satisfy=True)])).submit().approve(MAYA, key="a")
    desk.target = flow(first, [step("b", user(MAYA))])
    desk.do(c.Migrate(ADA, 2, "newer", "everybody is asked"))
    assert desk.approve(RUTH).status("b") == "open"


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ({"mode": "all"}, "skipped"),
        ({"mode": "count", "threshold": 1}, "skipped"),
        ({"mode": "percent", "threshold": 50}, "skipped"),
        ({"wait_all": True}, "skipped"),
        ({"mode": "count", "threshold": 2}, "open"),
    ],
    ids=str,
)
def test_one_vote_has_to_be_enough(rules: dict[str, Any], status: str) -> None:
    stages = [step("a", user(MAYA))], [step("b", user(MAYA), auto_satisfy=True, **rules)]
    assert Desk(flow(*stages)).submit().approve(MAYA).status("b") == status


def test_a_signature_that_is_missing_is_not_satisfied_by_another() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", user(MAYA), user(TOMAS), mode="all", auto_satisfy=True)]))
    desk.office.deactivate(TOMAS)
    assert desk.submit().approve(MAYA).status("b") == "open"


def test_a_group_is_asked_even_if_all_of_it_has_approved_before() -> None:
    desk = Desk(flow([step("a", user(MAYA))], [step("b", any_of(FINANCE), auto_satisfy=True)]))
    desk.office.set_members(FINANCE, MAYA)
    assert desk.submit().approve(MAYA).status("b") == "open"


def test_an_abstention_and_an_approval_beside_the_tally_satisfy_nothing() -> None:
    stages = [step("a", user(TOMAS), user(OTTO), ad_hoc=True)], [step("b", user(MAYA), auto_satisfy=True)]
    beside, abstained = (
        Desk(flow(*stages)).submit(),
        Desk(flow([step("a", user(TOMAS), user(MAYA))], stages[1])).submit(),
    )
    beside.do(c.AddApprover(TOMAS, beside.run().number, MAYA, SeatKind.REQUIRED, "x"))
    beside.approve(MAYA, TOMAS)
    abstained.do(abstained.vote(MAYA, "abstain"))
    abstained.approve(TOMAS)
    assert (beside.status("b"), abstained.status("b")) == ("open", "open")
