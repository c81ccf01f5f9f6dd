"""Rule 3, checked against a statement of it that was written apart from the engine's."""

from fractions import Fraction
from itertools import product
from math import ceil

import pytest

from app.approvals.core.definition import Mode, Reject
from app.approvals.core.tally import Count, Standing, needed, standing

SEATS = "ARXPV"
"""Approved, rejected, abstained, pending, void since the step opened (so still in the bar)."""


def the_rule(mode: str, threshold: int | None, veto: bool, wait_all: bool, seats: str) -> str:
    approved, rejected = seats.count("A"), seats.count("R")
    waiting = seats.count("P")
    bars = {
        "any": lambda: 1,
        "all": lambda: len([seat for seat in seats if seat != "X"]),
        "count": lambda: threshold,
        "percent": lambda: max(1, ceil(Fraction(threshold or 0, 100) * len(seats))),
    }
    bar = bars[mode]()
    assert bar is not None
    questions = [
        (veto and rejected > 0, "rejected"),
        (wait_all and waiting > 0, "open"),
        (bar > 0 and approved >= bar, "approved"),
        (waiting > 0 and approved + waiting >= bar, "open"),
        (rejected > 0, "rejected"),
    ]
    return next((answer for asked, answer in questions if asked), "stuck")


MODES = [
    (Mode.ANY, None),
    (Mode.ALL, None),
    *((Mode.COUNT, number) for number in range(1, 7)),
    *((Mode.PERCENT, share) for share in (1, 20, 33, 34, 50, 51, 66, 67, 80, 99, 100)),
]


def counted(seats: str) -> Count:
    return Count(len(seats), seats.count("A"), seats.count("R"), seats.count("X"), seats.count("P"))


@pytest.mark.parametrize(("mode", "threshold"), MODES)
def test_every_combination_of_up_to_five_seats_stands_as_the_rule_says(mode: Mode, threshold: int | None) -> None:
    for length in range(6):
        for combination in product(SEATS, repeat=length):
            seats = "".join(combination)
            for reject, wait_all in product(Reject, (False, True)):
                found = standing(mode, threshold, reject, wait_all, counted(seats))
                assert found == the_rule(mode, threshold, reject is Reject.VETO, wait_all, seats), seats


def test_no_seats_are_stuck_and_never_approved() -> None:
    for mode, threshold in MODES:
        assert standing(mode, threshold, Reject.VETO, False, Count(0, 0, 0, 0, 0)) is Standing.STUCK


def test_all_abstaining_decides_nothing() -> None:
    assert standing(Mode.ALL, None, Reject.VETO, False, Count(3, 0, 0, 3, 0)) is Standing.STUCK


def test_three_approvals_of_two_seats_are_stuck_at_once() -> None:
    assert standing(Mode.COUNT, 3, Reject.THRESHOLD, False, Count(2, 0, 0, 0, 2)) is Standing.STUCK


def test_a_share_is_rounded_up_without_floating_point() -> None:
    assert needed(Mode.PERCENT, 50, Count(5, 0, 0, 0, 5)) == 3
    assert needed(Mode.PERCENT, 100, Count(100, 0, 0, 0, 0)) == 100
    assert needed(Mode.PERCENT, 1, Count(0, 0, 0, 0, 0)) == 1


def test_a_count_without_a_number_is_a_mistake_and_not_a_bar_of_nothing() -> None:
    with pytest.raises(ValueError, match="needs a threshold"):
        needed(Mode.COUNT, None, Count(1, 1, 0, 0, 0))
