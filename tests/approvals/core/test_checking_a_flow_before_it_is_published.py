from typing import Any

import pytest

from app.approvals.core.definition import Mode, OnReject, Reject
from app.approvals.core.definition_json import flow_from_json, flow_to_json
from app.approvals.core.publish_check import PublishFacts, problems
from tests.approvals.core.office import FINANCE, MAYA, TOMAS, any_of, each_of, step, user

FACTS = PublishFacts(
    people=frozenset({MAYA, TOMAS}),
    roles={FINANCE: frozenset({MAYA, TOMAS})},
    fields=frozenset({"amount", "cost_center"}),
    matrices=frozenset({"cost-centres"}),
)
GOOD = step("a", user(MAYA), fallback=[any_of(FINANCE)])


def definition(*stages: list[dict[str, Any]], **rules: Any) -> dict[str, Any]:
    return {"key": "p", "name": "P", "stages": [{"steps": steps} for steps in stages], **rules}


def found(*steps: dict[str, Any]) -> list[str]:
    return [problem.path for problem in problems(definition(*([one] for one in steps)), FACTS) if not problem.warning]


def test_a_sound_flow_has_no_problem() -> None:
    assert problems(definition([GOOD]), FACTS) == []


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (GOOD | {"key": "Ä"}, "key"),
        (GOOD | {"mode": "count"}, "threshold"),
        (GOOD | {"mode": "count", "threshold": 3}, "threshold"),
        (GOOD | {"mode": "percent", "threshold": 101, "fallback": [user(TOMAS)]}, "threshold"),
        (GOOD | {"on_reject": {"back_to": "a"}}, "on_reject"),
        (GOOD | {"on_reject": {"back_to": "nowhere"}}, "on_reject"),
        (GOOD | {"distinct_from": ["nowhere"]}, "distinct_from"),
        (GOOD | {"mode": "all"}, "approvers"),
        (GOOD | {"approvers": [any_of(FINANCE)], "wait_all": True}, "approvers"),
        (GOOD | {"approvers": []}, "approvers"),
        (GOOD | {"approvers": [user(99)]}, "approvers[0]"),
        (GOOD | {"approvers": [any_of(99)]}, "approvers[0]"),
        (GOOD | {"approvers": [{"source": "manager", "level": 4}]}, "approvers[0]"),
        (GOOD | {"approvers": [{"source": "field", "field": "boss"}]}, "approvers[0]"),
        (GOOD | {"approvers": [{"source": "matrix", "matrix": "gone", "field": "cost_center"}]}, "approvers[0]"),
        (GOOD | {"approvers": [{"source": "previous_manager"}]}, "approvers"),
        (GOOD | {"approvers": [{"source": "rules", "rules": [], "otherwise": [user(MAYA)]}]}, "approvers[0]"),
        (GOOD | {"auto_satisfy": True}, "auto_satisfy"),
        (GOOD | {"watches": ["gone"]}, "watches"),
        (GOOD | {"deadline": {"business_hours": 0}}, "deadline"),
        (GOOD | {"deadline": {"business_hours": 4, "remind": [8]}}, "deadline.remind"),
    ],
)
def test_each_mistake_is_named_where_it_is(bad: dict[str, Any], path: str) -> None:
    assert found(bad) == [f"$.stages[0].steps[0].{path}"]


def test_two_steps_with_one_key_are_both_named() -> None:
    assert found(GOOD, GOOD) == ["$.stages[0].steps[0].key", "$.stages[1].steps[0].key"]


@pytest.mark.parametrize(
    "nonsense", [{}, {"key": "a", "name": "b", "stages": 3}, definition([{"key": "x"}]), definition([step("a", {})])]
)
def test_what_is_no_flow_at_all_is_a_problem_and_not_a_crash(nonsense: dict[str, Any]) -> None:
    assert [problem.path for problem in problems(nonsense, FACTS)] == ["$"]


def test_a_flow_in_which_every_step_may_be_skipped_is_warned_about() -> None:
    one = GOOD | {"condition": {"v": 1, "all": []}}
    assert [(found.path, found.warning) for found in problems(definition([one]), FACTS)] == [
        ("$.when_nothing_applies", True)
    ]


def test_a_step_without_a_fallback_is_warned_about() -> None:
    warned = problems(definition([step("a", user(MAYA))]), FACTS)
    assert [(found.path, found.warning) for found in warned] == [("$.stages[0].steps[0].fallback", True)]


def test_any_and_all_default_to_veto_and_the_others_to_the_threshold() -> None:
    usual = {mode: flow_from_json(definition([GOOD | {"mode": mode}])).steps["a"].reject for mode in Mode}
    assert usual == {
        Mode.ANY: Reject.VETO,
        Mode.ALL: Reject.VETO,
        Mode.COUNT: Reject.THRESHOLD,
        Mode.PERCENT: Reject.THRESHOLD,
    }


def test_a_definition_survives_the_way_there_and_back() -> None:
    rules = {"source": "rules", "rules": [{"condition": {}, "approvers": [user(MAYA)]}], "otherwise": [user(TOMAS)]}
    pick = {"source": "pick", "role_id": FINANCE, "count": 2}
    rich = step("b", rules, pick, each_of(FINANCE), on_reject={"back_to": "a"}, distinct_from="all", watches=["amount"])
    rich["deadline"] = {"business_hours": 8, "remind": [4], "then": "escalate", "to": [user(MAYA)]}
    rich["checks"] = [{"label": "in budget", "condition": {"v": 1, "all": []}}]
    flow = flow_from_json(definition([GOOD], [rich], force_close=True))
    assert flow_from_json(flow_to_json(flow)) == flow
    assert flow.steps["b"].on_reject is OnReject.BACK
    assert flow.kept_apart == {"a": frozenset({"b"}), "b": frozenset({"a"})}
