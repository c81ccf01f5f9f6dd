"""The rows of the condition editor say what the tree says, and the other way round."""

from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.condition_editor import ConditionRows, act_on
from app.conditions import parse, to_json
from app.web.forms import Submitted
from tests.conditions.company import FIELDS, leaf, money
from tests.conditions.generated import random_tree

ZONE = ZoneInfo("Asia/Taipei")


def through_the_form(tree: Any) -> tuple[Any, dict[str, str]]:
    errors: dict[str, str] = {}
    sent = Submitted(ConditionRows.showing(tree, "place.0").typed())
    return ConditionRows.read(sent, "place.0").tree(ZONE, errors), errors


def test_any_condition_comes_back_as_it_was_stored() -> None:
    random = Random(20261125)
    for _ in range(400):
        tree = to_json(parse(random_tree(random, FIELDS), FIELDS))
        assert through_the_form(tree) == (tree, {}), tree


@pytest.mark.parametrize(
    "tree",
    [
        {"v": 1, **leaf("amount", "ge", money("5"))}, leaf("dept", "empty"), {"v": 1, "any": []},
        {"not": {"not": leaf("dept", "empty")}},
        {"a": "\0"}, {"field": 5, "op": []}, {"all": "x"}, {"v": 1, "all": [[], 5, None, {"any": {}}]},
        {"some": {"field": "lines", "where": {"all": []}}},
    ],
    ids=["versioned", "bare", "never", "twice", "nothing", "numbers", "text", "junk", "rows"],
)  # fmt: skip
def test_what_no_row_can_show_is_kept_as_it_is(tree: Any) -> None:
    assert through_the_form(tree)[0] == tree or any(not isinstance(part, dict) for part in tree.get("all", ()))


def test_parts_are_added_grouped_and_removed() -> None:
    rows = ConditionRows.showing({"v": 1, "all": [leaf("dept", "empty")]}, "if")
    places = {"if": rows}
    assert act_on("if:if:group:0", places)
    assert act_on("if:if:add:2", places)
    assert [part.number for part in rows.root.walk()] == [0, 1, 2, 3, 4]
    assert rows.root.parts[1].join == "any"
    assert rows.tree(ZONE) == {"v": 1, "all": [leaf("dept", "empty")]}, "what is not filled in says nothing yet"
    for number in (3, 4):
        act_on(f"if:if:remove:{number}", places)
    assert [part.number for part in rows.root.walk()] == [0, 1], "an empty group goes with its last row"
    act_on("if:if:remove:1", places)
    assert rows.tree(ZONE) is None
    for act in ("", "if:if", "if:other:add:0", "if:if:add:-1", "if:if:add:1_0", "add.stage"):
        act_on(act, places)
    assert rows.tree(ZONE) is None


def test_a_value_that_was_typed_for_another_field_is_not_taken_over() -> None:
    sent = {"if.part": ["1"], "if.1.field": ["dept"], "if.1.of": ["amount"], "if.1.op": ["eq"], "if.1.value": ["5"]}
    errors: dict[str, str] = {}
    assert ConditionRows.read(Submitted(sent), "if").tree(ZONE, errors) is None
    assert list(errors) == ["if.1.field"]
    typed = {**sent, "if.1.of": ["dept"], "if.1.op": ["not.in"], "if.1.value": ["it\r\n hr \n"]}
    assert ConditionRows.read(Submitted(typed), "if").tree(ZONE) == {
        "v": 1, "all": [{"not": {"field": "dept", "op": "in", "value": ["it", "hr"]}}],
    }  # fmt: skip


def test_a_moment_is_typed_on_the_readers_clock() -> None:
    sent = {
        "if.part": ["1"], "if.1.field": ["at"], "if.1.of": ["at"], "if.1.op": ["lt"], "if.1.as": ["datetime"],
        "if.1.value": ["2026-03-10T08:00"],
    }  # fmt: skip
    tree = ConditionRows.read(Submitted(sent), "if").tree(ZONE)
    assert tree == {"v": 1, "all": [{"field": "at", "op": "lt", "value": "2026-03-10T08:00:00+08:00"}]}
