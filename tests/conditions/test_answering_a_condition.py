"""Two answers and no third; and which no is not certain (conditions.md, approvals.md rule 5)."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.conditions import All, Any_, Condition, Not, evaluate, parse
from tests.conditions.company import (
    DANIEL,
    FIELDS,
    FINANCE,
    HANA,
    LEGAL,
    answer,
    context,
    leaf,
    money,
    undecided,
)
from tests.conditions.generated import random_row, random_tree

ROOT = Path(__file__).parents[2]
OVER_LIMIT = leaf("amount", "ge", money("5000"))


def test_an_empty_all_is_true_and_an_empty_any_is_false() -> None:
    assert answer({"all": []}, {})
    assert not answer({"any": []}, {})


@pytest.mark.parametrize(
    ("tree", "values", "expected"),
    [
        (OVER_LIMIT, {"amount": money("5000.00")}, True),
        (OVER_LIMIT, {"amount": money("4999.99")}, False),
        (OVER_LIMIT, {"amount": money("9000", "USD")}, False),
        (leaf("amount", "ne", money("5000")), {"amount": money("5000", "USD")}, True),
        (leaf("quantity", "eq", "0.3"), {"quantity": "0.30"}, True),
        (leaf("quantity", "gt", 5), {"quantity": Decimal("5.01")}, True),
        (leaf("dept", "ne", "it"), {}, True),
        (leaf("dept", "ne", "it"), {"dept": 5}, True),
        (leaf("dept", "in", ["it", "hr"]), {"dept": "hr"}, True),
        (leaf("dept", "empty"), {"dept": ""}, True),
        (leaf("dept", "empty"), {"dept": ["it"]}, True),
        (leaf("title", "contains", "LAPTOP"), {"title": "New laptop, 50%"}, True),
        (leaf("title", "contains", "採購"), {"title": "採購申請單"}, True),
        (leaf("title", "starts", "%"), {"title": "New"}, False),
        (leaf("title", "eq", "new"), {"title": "New"}, False),
        (leaf("urgent", "eq", True), {"urgent": 1}, False),
        (leaf("sites", "has", "tpe"), {"sites": ["ams", "tpe"]}, True),
        (leaf("sites", "has_any", ["lis", "tpe"]), {"sites": ["ams"]}, False),
        (leaf("sites", "has_all", ["ams", "tpe"]), {"sites": ["tpe", "ams", "lis"]}, True),
        (leaf("labels", "has", 1), {"labels": [True]}, False),
        (leaf("owner", "eq", {"ref": "me"}), {"owner": HANA}, True),
        (leaf("owner", "in", [{"ref": "requester"}, 9]), {"owner": DANIEL}, True),
        (leaf("team", "in", {"ref": "my_roles"}), {"team": LEGAL}, False),
        (leaf("teams", "has_any", {"ref": "my_roles"}), {"teams": [LEGAL, FINANCE]}, True),
        ({"field": "start", "op": "le", "other": "due"}, {"start": "2026-01-01", "due": "2026-01-01"}, True),
        ({"field": "start", "op": "le", "other": "due"}, {"start": "2026-01-01"}, False),
        ({"not": leaf("quantity", "gt", 5)}, {}, True),
    ],
)
def test_a_leaf_is_answered(tree: Any, values: dict[str, Any], expected: bool) -> None:
    assert answer(tree, values) is expected


def test_today_is_the_day_in_the_readers_zone() -> None:
    assert answer(leaf("due", "eq", {"rel": "today"}), {"due": "2026-03-11"})
    assert answer(leaf("due", "lt", {"rel": "today", "days": -30}), {"due": "2026-02-08"})
    assert answer(leaf("delivery", "ge", {"rel": "today"}), {"delivery": "2026-03-10T16:00:00Z"})
    assert not answer(leaf("delivery", "ge", {"rel": "now", "hours": -1}), {"delivery": "2026-03-10T22:29:59Z"})


def test_some_and_every_look_at_the_rows_of_a_table() -> None:
    lines = {"lines": [{"pieces": "2"}, {"pieces": "7"}]}
    many = {"field": "lines", "where": leaf("pieces", "gt", 5)}
    assert answer({"some": many}, lines)
    assert not answer({"every": many}, lines)
    assert answer({"every": many}, {"lines": []})
    assert not answer({"some": many}, {"lines": []})
    assert undecided({"some": many}, {"lines": [{"pieces": "2"}, 5]})


def test_a_rule_can_ask_what_changed() -> None:
    now, before = {"dept": "hr", "title": "A"}, {"dept": "it"}
    assert answer(leaf("dept", "changed"), now, previous=before)
    assert answer(leaf("dept", "changed_to", "hr"), now, previous=before)
    assert answer(leaf("dept", "changed_from", "it"), now, previous=before)
    assert not answer(leaf("dept", "changed_from", "hr"), now, previous=before)
    assert not answer(leaf("title", "changed"), now, previous=before)
    assert not answer(leaf("dept", "changed"), now)


@pytest.mark.parametrize(
    ("tree", "values", "expected"),
    [
        (OVER_LIMIT, {"amount": money("40000", "USD")}, True),
        (OVER_LIMIT, {"amount": None}, True),
        (OVER_LIMIT, {"amount": "40000"}, True),
        (OVER_LIMIT, {"amount": money("40")}, False),
        ({"not": leaf("amount", "ne", money("5"))}, {"amount": money("5", "USD")}, True),
        (leaf("dept", "eq", "it"), {"dept": None}, False),
        (leaf("dept", "eq", "it"), {"dept": 5}, True),
        ({"not": leaf("dept", "empty")}, {"dept": None}, False),
        ({"all": [OVER_LIMIT, leaf("dept", "eq", "it")]}, {"amount": None, "dept": "it"}, True),
        ({"all": [OVER_LIMIT, leaf("dept", "eq", "it")]}, {"amount": None, "dept": "hr"}, False),
        ({"any": [OVER_LIMIT, leaf("dept", "eq", "it")]}, {"amount": None, "dept": "hr"}, True),
        ({"any": [OVER_LIMIT, leaf("dept", "eq", "it")]}, {"amount": None, "dept": "it"}, False),
        ({"field": "start", "op": "gt", "other": "due"}, {"start": "2026-01-01", "due": None}, True),
    ],
)
def test_a_no_is_undecided_where_something_could_not_be_compared(
    tree: Any, values: dict[str, Any], expected: bool
) -> None:
    assert undecided(tree, values) is expected


def test_nothing_is_decided_by_a_field_that_the_form_lacks() -> None:
    tree = leaf("dept", "eq", "it")
    assert undecided(tree, {}, known=frozenset())
    assert not undecided(tree, {}, known=frozenset({"dept"}))
    assert undecided({"not": leaf("dept", "empty")}, {}, known=frozenset())


def test_nothing_is_decided_by_a_person_whom_nobody_named() -> None:
    assert undecided(leaf("owner", "eq", {"ref": "me"}), {"owner": HANA}, me=None)
    assert undecided(leaf("watchers", "has_all", [HANA, {"ref": "me"}]), {"watchers": [HANA]}, me=None)


conditions = st.integers(0, 10**9).map(lambda seed: parse(random_tree(Random(seed), FIELDS), FIELDS))
tickets = st.integers(0, 10**9).map(lambda seed: json.loads(random_row(Random(seed), FIELDS), parse_float=Decimal))
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.dates() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FIELDS, "currency"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(condition=conditions, values=st.dictionaries(st.sampled_from([*FIELDS]), anything))
@settings(deadline=None)
def test_every_condition_has_an_answer_for_whatever_is_stored(condition: Condition, values: dict[str, Any]) -> None:
    verdict = evaluate(condition, values, context())
    assert not (verdict.answer and verdict.undecided)


@given(one=conditions, other=conditions, values=tickets)
@settings(deadline=None)
def test_de_morgan_holds_and_not_is_plain_negation(one: Condition, other: Condition, values: dict[str, Any]) -> None:
    ctx = context()
    left = evaluate(Not(All((one, other))), values, ctx)
    assert left == evaluate(Any_((Not(one), Not(other))), values, ctx)
    assert left.answer is not evaluate(All((one, other)), values, ctx).answer
    assert evaluate(Not(Not(one)), values, ctx) == evaluate(one, values, ctx)


@given(condition=conditions, values=tickets, more=tickets)
@settings(deadline=None)
def test_a_decided_no_stays_a_no_whatever_the_uncompared_fields_turn_out_to_be(
    condition: Condition, values: dict[str, Any], more: dict[str, Any]
) -> None:
    """The promise that lets an approval step be skipped: fields that the form lacked could have had any value."""
    verdict = evaluate(condition, values, context())
    if not verdict.answer and not verdict.undecided:
        assert not evaluate(condition, {**more, **values}, context()).answer


def test_the_language_needs_nothing_but_the_standard_library() -> None:
    """`sql.py` apart, which is imported by its own name."""
    script = "import sys, app.conditions; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "app" in loaded
    assert not {"sqlalchemy", "litestar", "jinja2", "gettext"} & set(loaded)
