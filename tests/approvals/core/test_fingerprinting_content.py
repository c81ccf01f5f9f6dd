from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.approvals.core.content import Change, canonical_json, changes, watch_hash, with_files


def test_the_order_of_values_and_files_does_not_matter() -> None:
    one = watch_hash({"a": 1, "b": {"x": 1, "y": 2}}, ["f1", "f2"], None)
    assert one == watch_hash({"b": {"y": 2, "x": 1}, "a": 1}, ["f2", "f1"], None)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (10, Decimal("10.00")),
        (0, Decimal("-0")),
        (Decimal("1E+3"), 1000),
        (0.5, Decimal("0.50")),
        ({2, 1}, {1, 2}),
        ({"b", "a"}, {"a", "b"}),
    ],
)
def test_what_is_worth_the_same_is_the_same(one: object, same: object) -> None:
    assert watch_hash({"a": one}, [], None) == watch_hash({"a": same}, [], None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (5, "5"),
        (True, 1),
        ("", None),
        ([1, 2], [2, 1]),
        (Decimal("0.1"), Decimal("0.10000000000000001")),
        ("\u00e9", "e\u0301"),
        (Decimal(10**30), Decimal(10**30 + 1)),
    ],
)
def test_what_differs_to_a_reader_differs(one: object, other: object) -> None:
    assert watch_hash({"a": one}, [], None) != watch_hash({"a": other}, [], None)


def test_a_step_sees_only_what_it_watches() -> None:
    assert watch_hash({"a": 1, "b": 2}, [], ["a"]) == watch_hash({"a": 1, "b": 3}, ["f"], ["a"])
    assert watch_hash({"a": 1}, ["f"], ["a", "files"]) != watch_hash({"a": 1}, ["g"], ["a", "files"])


def test_missing_and_null_are_the_same_to_a_reader() -> None:
    assert watch_hash({"a": None}, [], None) == watch_hash({}, [], None)


def test_a_fingerprint_is_the_same_for_ever() -> None:
    values = {"title": "Laptop", "amount": Decimal("38400.00"), "due": date(2026, 3, 2), "rows": [{"n": 1}]}
    expected = "23f34d7e1a372de2090489d903f8ee083af36b4ad846e1d87105f07b499f83f7"
    assert watch_hash(values, ["ab12"], None) == expected


def test_values_are_spelled_as_they_are() -> None:
    assert canonical_json({"a": "é", "n": 0, "f": 2.50, "s": {Decimal(2), 10}}) == (
        '{"a":"é","f":{"#":"2.5"},"n":{"#":"0"},"s":[{"#":"10"},{"#":"2"}]}'
    )


def test_what_is_new_or_gone_is_a_change() -> None:
    assert changes({"a": 1}, {"b": 2}) == [Change("a", 1, None), Change("b", None, 2)]


def test_changes_are_told_before_and_after() -> None:
    before = with_files({"amount": Decimal("1.0"), "title": "a", "when": datetime(2026, 1, 1, tzinfo=UTC)}, ["f1"])
    after = with_files({"amount": 1, "title": "b", "when": datetime(2026, 1, 1, tzinfo=UTC)}, [])
    assert changes(before, after) == [Change("files", ["f1"], None), Change("title", "a", "b")]
