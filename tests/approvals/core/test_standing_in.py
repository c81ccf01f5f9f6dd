"""Rule 8: delegate and proxy."""

from datetime import timedelta

from app.approvals.core import commands as c
from app.approvals.core.explain import explain, still_needed
from app.approvals.core.outcome import access
from app.approvals.core.state import SeatKind
from tests.approvals.core.office import (
    ADA,
    AISHA,
    DANIEL,
    FINANCE,
    INGRID,
    JONAS,
    MAYA,
    OTTO,
    RUTH,
    TOMAS,
    Desk,
    any_of,
    each_of,
    flow,
    step,
    user,
)


def desk_of(*lines: dict[str, object], **rules: object) -> Desk:
    return Desk(flow([step("a", *lines, **rules)]))


def test_a_seat_is_handed_over_for_good_and_the_chain_is_kept() -> None:
    desk = desk_of(user(MAYA)).submit()
    seat = desk.seat_of(MAYA)
    desk.do(c.Delegate(MAYA, seat, TOMAS, "holiday"))
    assert desk.refuse(desk.vote(MAYA)) == "not_an_approver"
    desk.approve(TOMAS)
    vote = desk.run().seats[0]
    assert (vote.number, vote.acted_by, vote.on_behalf_of, vote.delegated_from) == (seat, TOMAS, None, (MAYA,))
    assert "approval_delegated" in desk.kinds


def test_a_seat_given_away_unused_takes_its_access_along() -> None:
    desk = desk_of(user(MAYA)).submit()
    desk.do(c.Delegate(MAYA, desk.seat_of(MAYA), TOMAS))
    assert {(row.user_id, row.reason) for row in access(desk.state)} == {(TOMAS, "asked")}


def test_who_gave_a_seat_away_is_not_asked_again_beside_it() -> None:
    desk = desk_of(user(MAYA), mode="all").submit()
    desk.do(c.Delegate(MAYA, desk.seat_of(MAYA), TOMAS, "holiday"))
    desk.do(c.ReResolve(ADA, desk.run().number, "look again"))
    assert desk.seats() == {TOMAS: "pending"}
    desk.office.deactivate(TOMAS)
    desk.do(c.ReResolve(ADA, desk.run().number, "he left"))
    assert desk.seats() == {TOMAS: "void", MAYA: "pending"}


def test_after_three_hops_it_stays_and_it_never_comes_back() -> None:
    desk = desk_of(user(MAYA)).submit()
    seat = desk.seat_of(MAYA)
    desk.do(c.Delegate(MAYA, seat, TOMAS))
    assert desk.refuse(c.Delegate(TOMAS, seat, MAYA)) == "held_before"
    desk.do(c.Delegate(TOMAS, seat, RUTH))
    desk.do(c.Delegate(RUTH, seat, AISHA))
    assert desk.refuse(c.Delegate(AISHA, seat, INGRID)) == "too_many_hops"


def test_nobody_is_given_a_second_seat_and_nobody_inactive_any() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all").submit()
    assert desk.refuse(c.Delegate(MAYA, desk.seat_of(MAYA), TOMAS)) == "has_a_seat"
    desk.office.deactivate(OTTO)
    assert desk.refuse(c.Delegate(MAYA, desk.seat_of(MAYA), OTTO)) == "inactive"


def test_a_pool_is_not_handed_over() -> None:
    desk = desk_of(any_of(FINANCE)).submit()
    assert desk.refuse(c.Delegate(MAYA, desk.run().seats[0].number, OTTO)) == "pool"


def test_only_the_holder_or_an_admin_with_a_reason_hands_a_seat_over() -> None:
    desk = desk_of(user(MAYA)).submit()
    seat = desk.seat_of(MAYA)
    assert desk.refuse(c.Delegate(JONAS, seat, OTTO)) == "not_an_approver"
    assert desk.refuse(c.Delegate(ADA, seat, OTTO)) == "reason_required"
    desk.do(c.Delegate(ADA, seat, OTTO, "she left"))
    assert desk.seats() == {OTTO: "pending"}


def test_a_delegate_need_not_be_in_the_group() -> None:
    desk = desk_of(each_of(FINANCE), mode="all").submit()
    desk.do(c.Delegate(MAYA, desk.seat_of(MAYA), OTTO))
    assert desk.approve(OTTO, TOMAS, RUTH).state.status == "approved"


def test_a_proxy_decides_for_the_principal_and_both_are_recorded() -> None:
    desk = desk_of(user(MAYA))
    desk.office.away(MAYA, OTTO)
    desk.submit().do(desk.vote(OTTO, behalf=MAYA))
    vote = desk.run().seats[0]
    assert (vote.user_id, vote.acted_by, vote.on_behalf_of, vote.proxy_id) == (MAYA, OTTO, MAYA, 1)
    assert {row.user_id for row in access(desk.state)} == {MAYA, OTTO}


def test_the_principal_may_still_act_and_the_first_answer_counts() -> None:
    desk = desk_of(user(MAYA), user(TOMAS), mode="all")
    desk.office.away(MAYA, OTTO)
    desk.submit().approve(MAYA)
    assert desk.refuse(desk.vote(OTTO, behalf=MAYA)) == "already_approved"


def test_a_proxy_says_for_whom() -> None:
    desk = desk_of(user(MAYA))
    desk.office.away(MAYA, OTTO)
    assert desk.submit().refuse(desk.vote(OTTO)) == "not_an_approver"
    assert (
        desk.refuse(c.Decide(MAYA, desk.seat_of(MAYA), c.Decision.APPROVE, "v1", on_behalf_of=MAYA))
        == "not_their_proxy"
    )


def test_a_proxy_holds_from_its_start_up_to_its_end() -> None:
    desk = desk_of(user(MAYA))
    desk.office.away(MAYA, OTTO)
    desk.submit()
    proxy = desk.office.proxies[0]
    for moment in (proxy.starts_at - timedelta(seconds=1), proxy.ends_at):
        desk.office.now = moment
        assert desk.refuse(desk.vote(OTTO, behalf=MAYA)) == "not_their_proxy"
    for moment in (proxy.starts_at, proxy.ends_at - timedelta(seconds=1)):
        desk.office.now = moment
        assert [vote.on_behalf_of for vote in explain(desk.state, OTTO, desk.context).votes] == [MAYA]
    desk.do(desk.vote(OTTO, behalf=MAYA))
    assert desk.state.status == "approved"


def test_proxies_do_not_chain() -> None:
    desk = desk_of(user(MAYA))
    desk.office.away(MAYA, OTTO)
    desk.office.away(OTTO, TOMAS)
    desk.submit()
    assert desk.refuse(desk.vote(TOMAS, behalf=MAYA)) == "not_their_proxy"
    assert desk.refuse(desk.vote(TOMAS, behalf=OTTO)) == "not_an_approver"


def test_a_proxy_neither_hands_over_nor_seats_others_nor_takes_back() -> None:
    desk = desk_of(user(MAYA), ad_hoc=True)
    desk.office.away(MAYA, OTTO)
    desk.submit()
    seat, run = desk.seat_of(MAYA), desk.run().number
    assert desk.refuse(c.Delegate(OTTO, seat, TOMAS, "x")) == "not_an_approver"
    assert desk.refuse(c.AddApprover(OTTO, run, TOMAS, SeatKind.REQUIRED, "x")) == "not_an_admin"
    desk.approve(MAYA)
    assert desk.refuse(c.Retract(OTTO, seat)) == "not_your_vote"


def test_a_proxy_acts_for_one_named_member_of_a_pool() -> None:
    desk = desk_of(any_of(FINANCE), mode="count", threshold=2)
    desk.office.away(MAYA, OTTO)
    desk.submit().do(desk.vote(OTTO, behalf=MAYA))
    assert desk.run().seats[1].user_id == MAYA
    assert desk.refuse(desk.vote(MAYA)) == "already_voted"
    assert desk.approve(TOMAS).state.status == "approved"


def test_a_member_who_voted_for_another_has_no_vote_left_of_their_own() -> None:
    desk = desk_of(any_of(FINANCE), mode="count", threshold=2)
    desk.office.away(MAYA, TOMAS)
    desk.submit().do(desk.vote(TOMAS, behalf=MAYA))
    assert desk.refuse(desk.vote(TOMAS)) == "already_voted"
    assert still_needed(desk.state, desk.context, desk.run()) == (2, frozenset({RUTH}))


def test_being_somebodys_proxy_costs_nobody_their_own_seat() -> None:
    desk = desk_of(user(TOMAS), user(MAYA), mode="all")
    desk.office.away(DANIEL, MAYA)
    assert desk.submit().approve(MAYA, TOMAS).state.status == "approved"


def test_a_proxy_must_be_active() -> None:
    desk = desk_of(user(MAYA))
    desk.office.away(MAYA, OTTO)
    desk.office.deactivate(OTTO)
    assert desk.submit().refuse(desk.vote(OTTO, behalf=MAYA)) == "inactive"


def test_what_a_proxy_may_do_is_offered_with_the_name_that_it_is_for() -> None:
    desk = desk_of(user(MAYA))
    desk.office.away(MAYA, OTTO)
    desk.submit()
    (vote,) = explain(desk.state, OTTO, desk.context).votes
    assert (vote.seat, vote.on_behalf_of, vote.content_hash) == (desk.seat_of(MAYA), MAYA, "v1")


def test_a_pool_whose_members_are_replaced_serves_the_new_ones_proxies() -> None:
    desk = desk_of(any_of(FINANCE)).submit()
    desk.office.set_members(FINANCE, AISHA)
    desk.office.away(AISHA, OTTO)
    assert desk.refuse(desk.vote(OTTO, behalf=MAYA)) == "not_an_approver"
    desk.do(desk.vote(OTTO, behalf=AISHA))
    assert desk.state.status == "approved"


def test_nothing_is_asked_any_more_of_a_seats_holder_who_has_voted_for_another() -> None:
    """So what is asked reaches no proxy of theirs (promise L17); they themselves go on reading."""
    desk = desk_of(user(TOMAS), user(MAYA), mode="all")
    desk.office.away(MAYA, TOMAS)
    desk.submit().do(desk.vote(TOMAS, behalf=MAYA))
    assert {(row.user_id, row.reason) for row in access(desk.state)} == {(TOMAS, "was_asked"), (MAYA, "was_asked")}
