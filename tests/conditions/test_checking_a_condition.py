"""What may be written as a condition, and what its author is told."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.conditions import Condition, ConditionError, Leaf, Problem, parse, to_json
from app.conditions.limits import PROBLEMS
from tests.conditions.company import FIELDS, checked, leaf, money


def problems(tree: Any, **how: Any) -> list[str]:
    with pytest.raises(ConditionError) as caught:
        checked(tree, **how)
    return [str(problem) for problem in caught.value.problems]


def nested(depth: int) -> Any:
    tree: Any = leaf("owner", "empty")
    for _ in range(depth):
        tree = {"not": tree}
    return tree


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        ({"all": [leaf("dept", "eq", 3)]}, "$.all[0]: 3 is not a valid choice value"),
        (leaf("amout", "empty"), "$: unknown field 'amout'; did you mean 'amount'?"),
        (leaf("dept", "gt", "it"), "$: operator 'gt' does not apply to a choice field"),
        (leaf("dept", "eqq", "it"), "$: unknown operator 'eqq'; did you mean 'eq'?"),
        (leaf("dept", "in", []), "$: 'in' takes a list of at least one value"),
        (leaf("dept", "in", ["it"] * 201), "$: a list has at most 200 values"),
        (leaf("title", "eq", "x" * 1001), "$: a text has at most 1000 characters"),
        (leaf("title", "eq", "a\0b"), "$: a text has only characters that can be stored"),
        (leaf("title", "eq", "\ud800"), "$: a text has only characters that can be stored"),
        (leaf("quantity", "eq", "1e31"), "$: '1e31' is not a number of a sensible size"),
        (leaf("quantity", "eq", float("nan")), "$: nan is not a number of a sensible size"),
        (leaf("quantity", "eq", True), "$: true is not a number of a sensible size"),
        (leaf("budget", "ge", money("5", "USD")), "$: 'USD' is not a currency of this field"),
        (leaf("amount", "ge", 5), "$: 5 is not an amount with its currency"),
        (leaf("start", "lt", "2026-02-30"), "$: '2026-02-30' is not a date like 2026-01-31"),
        (
            leaf("delivery", "lt", "2026-02-03T10:00:00"),
            "$: '2026-02-03T10:00:00' is not a time with its zone, like 2026-01-31T14:00:00+01:00",
        ),
        (leaf("start", "lt", {"rel": "now"}), "$: a date counts from 'today', not from 'now'"),
        (leaf("owner", "eq", {"ref": "my_roles"}), "$: 'my_roles' can't be referred to here"),
        (leaf("owner", "empty", 5), "$: 'empty' takes no value"),
        (leaf("dept", "changed"), "$: operator 'changed' is for notification rules only"),
        ({"field": "start", "op": "le", "other": "amount"}, "$: a date field can't be compared with a money field"),
        ({"field": "start", "op": "le", "other": "due", "value": 1}, "$: a field is compared with a 'value' or with"),
        ({"some": {"field": "title", "where": {}}}, "$.some: 'some' does not apply to a text field"),
        ({"some": {"field": "lines", "where": leaf("dept", "empty")}}, "$.some.where: unknown field 'dept'"),
        ({"any": 5}, "$.any: 'any' takes a list of conditions"),
        ({"v": 2, "all": []}, "$.v: version 2 is not known"),
        ({"all": [], "any": []}, "$: a condition has one of"),
        ({"all": [], "sql": "1=1"}, "$: 'sql' is not expected here"),
        ([], "$: […] is not a condition"),
        (nested(8), "$.not.not.not.not.not.not.not.not: a condition is at most 8 levels deep"),
        ({"all": [leaf("owner", "empty")] * 200}, "$.all[199]: a condition has at most 200 parts"),
        ({"all": [leaf("quantity", "in", [1] * 200)] * 11}, "$.all[10]: a condition has at most 2000 values in all"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_problem_is_told_with_its_place(tree: Any, told: str) -> None:
    assert problems(tree)[0].startswith(told)


def test_all_problems_are_told_at_once() -> None:
    tree = {"all": [leaf("amout", "empty"), {"not": leaf("dept", "eq", "gone")}, leaf("quantity", "has", 1)]}
    assert [told.split(":")[0] for told in problems(tree)] == ["$.all[0]", "$.all[1].not", "$.all[2]"]


def test_nobody_is_told_more_problems_than_they_can_read() -> None:
    assert len(problems({"all": [leaf("gone", "empty")] * 199})) == PROBLEMS


def test_without_a_viewer_nothing_can_refer_to_one() -> None:
    assert problems(leaf("owner", "eq", {"ref": "me"}), allow_refs=False) == ["$: 'me' can't be referred to here"]
    assert checked(leaf("owner", "eq", {"ref": "requester"}), allow_refs=False)
    assert problems(leaf("teams", "has_any", {"ref": "my_roles"}), allow_refs=False)


def test_a_row_of_a_table_has_no_past() -> None:
    tree = {"some": {"field": "lines", "where": leaf("pieces", "changed")}}
    assert problems(tree, rule_only=True) == ["$.some.where: operator 'changed' is for notification rules only"]


def test_a_problem_can_be_told_in_another_language() -> None:
    with pytest.raises(ConditionError) as caught:
        checked(leaf("amout", "empty"))
    problem = caught.value.problems[0]
    assert problem.told({problem.template: "沒有 {field} 欄位，是不是 {meant}？"}.__getitem__) == (
        "沒有 'amout' 欄位，是不是 amount？"
    )


def test_numbers_stay_exact() -> None:
    condition = checked(leaf("quantity", "eq", 0.1))
    assert isinstance(condition, Leaf)
    assert condition.value == Decimal("0.1")
    assert to_json(condition)["value"] == "0.1"


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([*FIELDS, "eq", "in", "today", "now", "me", 10**400, Decimal("sNaN"), Decimal("1e999999")])
)
words = st.sampled_from(
    [
        "all",
        "any",
        "not",
        "some",
        "every",
        "field",
        "op",
        "value",
        "other",
        "where",
        "rel",
        "days",
        "ref",
        "v",
        "amount",
    ]
)
garbage = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=3), inner, max_size=4)
)
leaves = st.fixed_dictionaries(
    {"field": st.sampled_from([*FIELDS]), "op": st.sampled_from(["eq", "in", "has", "gt", "empty"])},
    optional={"value": garbage, "other": garbage},
)


@given(tree=garbage | leaves | st.builds(lambda one, other: {"all": [one, {"not": other}]}, leaves, garbage))
@example(tree=nested(5000))
@example(tree={"all": [{"all": [{}] * 1000}] * 1000})
@example(tree={"not": [1] * 100_000})
@settings(deadline=None)
def test_whatever_is_sent_there_is_a_condition_or_a_list_of_problems(tree: Any) -> None:
    condition, found = read(tree)
    if condition is None:
        assert 0 < len(found) <= PROBLEMS
        assert all(problem.path.startswith("$") and problem.message for problem in found)
    else:
        assert parse(json.loads(json.dumps(to_json(condition))), FIELDS) == condition


def read(tree: Any) -> tuple[Condition | None, tuple[Problem, ...]]:
    try:
        return parse(tree, FIELDS), ()
    except ConditionError as error:
        return None, error.problems
