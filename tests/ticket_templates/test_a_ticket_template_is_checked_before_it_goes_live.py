"""The definition is read strictly, and what would break tickets keeps it from being published."""

import json
from dataclasses import replace
from typing import Any

import pytest

from app.errors import Refused
from app.ticket_templates.checks import Facts, problems
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldClass

AMOUNT = {"key": "amount", "label": "Amount", "type": "money", "currencies": ["EUR"]}
FACTS = Facts(approval_templates=frozenset({"purchase"}), roles=frozenset({1, 2}), users=frozenset({5}))


def definition(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": "purchase-request", "name": "Purchase request", "prefix": "PUR", "fields": list(fields)} | more


def places(*fields: dict[str, Any], **more: Any) -> set[str]:
    form = FormDefinition.from_json(definition(*fields, **more))
    return {problem.path for problem in problems(form, FACTS) if problem.blocking}


def test_a_whole_definition_survives_the_way_to_json_and_back() -> None:
    whole = definition(
        {
            "key": "kind", "label": "Kind", "type": "choices", "help": "Pick", "placeholder": "…", "required": True,
            "default": ["a"], "options": [{"key": "a", "label": "A"}, {"key": "b", "label": "B", "archived": True}],
            "min": 1, "max": 2, "approval_relevant": False, "locked": False, "readable_by": [1], "filterable": True,
        },
        AMOUNT | {"min": "1", "visible_when": {"v": 1, "all": [{"field": "kind", "op": "has", "value": "a"}]}},
        description="Goods", icon="shopping-cart", approval_template="purchase", category_ids=[1], label_ids=[2],
        default_priority="high", default_visibility="restricted", default_assignee_id=5, default_assigned_role_id=1,
        usable_by=[1, 2],
    )  # fmt: skip
    form = FormDefinition.from_json(whole)
    assert FormDefinition.from_json(json.loads(json.dumps(form.to_json()))) == form
    assert {problem.path for problem in problems(form, FACTS)} == {"category_ids", "label_ids"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": 7}, "name"),
        ({"default_priority": "asap"}, "default_priority"),
        ({"category_ids": ["1"]}, "category_ids"),
        ({"category_ids": [True]}, "category_ids"),
        ({"default_assignee_id": 10**20}, "default_assignee_id"),
        ({"fields": {}}, "fields"),
        ({"fields": ["text"]}, "fields.0"),
        ({"fields": [AMOUNT | {"requird": True}]}, "fields.0.requird"),
        ({"fields": [AMOUNT | {"type": "float"}]}, "fields.0.type"),
        ({"fields": [AMOUNT | {"required": "yes"}]}, "fields.0.required"),
        ({"fields": [AMOUNT | {"currencies": ["euro"]}]}, "fields.0.currencies"),
        ({"fields": [AMOUNT | {"min": 1.5}]}, "fields.0.min"),
        ({"fields": [AMOUNT | {"visible_when": "amount > 5"}]}, "fields.0.visible_when"),
        ({"fields": [AMOUNT | {"options": [{"key": "a", "name": "A"}]}]}, "fields.0.options.0.name"),
        ({"name": "a\x00b"}, "name"),
        ({"fields": [AMOUNT] * 201}, "fields"),
    ],
)
def test_what_is_not_a_definition_is_refused_with_its_path(wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refused:
        FormDefinition.from_json(definition() | wrong)
    assert path in refused.value.errors


@pytest.mark.parametrize("nothing", [None, [], "form", 7])
def test_only_an_object_is_a_definition(nothing: Any) -> None:
    with pytest.raises(Refused):
        FormDefinition.from_json(nothing)


def test_a_good_definition_has_no_problem() -> None:
    assert places(AMOUNT, approval_template="purchase", usable_by=[1], default_assignee_id=5) == set()


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"key": "Purchase"}, "key"),
        ({"key": "new"}, "key"),
        ({"name": ""}, "name"),
        ({"prefix": "pur"}, "prefix"),
        ({"prefix": "P"}, "prefix"),
        ({"approval_template": "gone"}, "approval_template"),
        ({"category_ids": [9]}, "category_ids"),
        ({"label_ids": [9]}, "label_ids"),
        ({"usable_by": [9]}, "usable_by"),
        ({"default_assignee_id": 9}, "default_assignee_id"),
        ({"default_assigned_role_id": 9}, "default_assigned_role_id"),
    ],
)
def test_what_the_form_names_must_be_there(more: dict[str, Any], path: str) -> None:
    assert places(AMOUNT, **more) == {path}


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ({"key": "Amount", "type": "text"}, "key"),
        ({"key": "status", "type": "text"}, "key"),
        ({"key": "amount", "type": "text"}, "key"),
        ({"key": "amount_currency", "type": "text"}, "key"),
        ({"key": "a", "type": "money"}, "currencies"),
        ({"key": "a", "type": "text", "currencies": ["EUR"]}, "currencies"),
        ({"key": "a", "type": "choice"}, "options"),
        ({"key": "a", "type": "choice", "options": [{"key": "x", "archived": True}]}, "options"),
        ({"key": "a", "type": "choice", "options": [{"key": "x"}] * 2}, "options.1.key"),
        ({"key": "a", "type": "choice", "options": [{"key": "X Y"}]}, "options.0.key"),
        ({"key": "a", "type": "text", "options": [{"key": "x"}]}, "options"),
        ({"key": "a", "type": "number", "min": "5", "max": "4"}, "max"),
        ({"key": "a", "type": "number", "min": "few"}, "min"),
        ({"key": "a", "type": "number", "max": "1e999"}, "max"),
        ({"key": "a", "type": "date", "min": "tomorrow"}, "min"),
        ({"key": "a", "type": "user", "min": 1}, "min"),
        ({"key": "a", "type": "text", "pattern": "(?=a)"}, "pattern"),
        ({"key": "a", "type": "number", "pattern": "[0-9]"}, "pattern"),
        ({"key": "a", "type": "number", "default": "x"}, "default"),
        ({"key": "a", "type": "number", "max": "5", "default": "6"}, "default"),
        ({"key": "a", "type": "user", "default": 99}, "default"),
        ({"key": "a", "type": "heading", "required": True}, "required"),
        ({"key": "a", "type": "attachment", "default": [1]}, "default"),
        ({"key": "a", "type": "attachment", "pattern": "x"}, "pattern"),
        ({"key": "a", "type": "attachment", "max": "few"}, "max"),
        ({"key": "a", "type": "text", "readable_by": [9]}, "readable_by"),
        ({"key": "a", "type": "text", "visible_when": {"v": 1, "field": "a", "op": "empty"}}, "visible_when"),
        ({"key": "a", "type": "text", "visible_when": {"v": 1, "field": "amuont", "op": "empty"}}, "visible_when"),
        ({"key": "a", "type": "text", "required_when": {"v": 1, "field": "amount", "op": "has"}}, "required_when"),
    ],
)  # fmt: skip
def test_a_faulty_field_is_named_with_what_is_wrong(field: dict[str, Any], path: str) -> None:
    assert places(AMOUNT, {"label": "A"} | field) == {f"fields.1.{path}"}


@pytest.mark.parametrize("kind", ["ticket", "table"])
def test_fields_that_are_not_available_yet_say_so(kind: str) -> None:
    form = FormDefinition.from_json(definition({"key": "a", "label": "A", "type": kind}))
    assert [problem.sentence for problem in problems(form, FACTS)] == ["Fields of this type are not available yet."]


def test_a_condition_that_reads_a_later_field_names_it() -> None:
    early = {"key": "a", "label": "A", "type": "text", "visible_when": {"v": 1, "field": "amount", "op": "empty"}}
    form = FormDefinition.from_json(definition(early, AMOUNT))
    assert [problem.sentence for problem in problems(form, FACTS)] == ["It may only use fields above it, not amount."]


def test_a_field_is_watched_unless_the_form_says_otherwise() -> None:
    fields = [AMOUNT, AMOUNT | {"key": "b", "approval_relevant": False}, AMOUNT | {"key": "c", "locked": True}]
    classes = [field.field_class for field in FormDefinition.from_json(definition(*fields)).fields]
    assert classes == [FieldClass.WATCHED, FieldClass.FREE, FieldClass.LOCKED]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"condition": {"v": 1, "all": [{"field": "amount", "op": "ge", "value": 5}]}}, None),
        ({"condition": {"v": 1, "all": [{"field": "amount", "op": "frob", "value": 5}]}}, "frob"),
        ({"checks": [{"label": "In budget", "condition": {"v": 1, "field": "gone", "op": "empty"}}]}, "gone"),
        ({"approvers": [{"source": "field", "field": "owner"}]}, "owner"),
        ({"watches": ["amount", "supplier"]}, "supplier"),
    ],
)
def test_its_approval_template_has_to_fit_it(step: dict[str, Any], told: str | None) -> None:
    asks = {"key": "a", "name": "A", "approvers": [{"source": "user", "user_id": 5}], **step}
    flow = {"key": "purchase", "name": "Purchase", "stages": [{"steps": [asks]}]}
    amount = {"key": "amount", "label": "Amount", "type": "number"}
    form = FormDefinition.from_json(definition(amount, approval_template="purchase"))
    found = [one for one in problems(form, replace(FACTS, flow=flow)) if one.path == "approval_template"]
    assert [told in one.sentence for one in found if told] == ([True] if told else [])
    assert all(one.blocking for one in found)
    assert bool(found) is bool(told)
