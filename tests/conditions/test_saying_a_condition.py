"""Sentences for people: what a condition says, why it came out so, and what it reads."""

from typing import Any

import pytest
from hypothesis import given, settings

from app.conditions import fields_read, sentence, why
from tests.conditions.company import FIELDS, checked, context, leaf, money
from tests.conditions.test_answering_a_condition import conditions, tickets

NAMES = {("user", 3): "Hana Sato", ("role", 7): "Finance", ("label", 4): "capex"}


def said(tree: Any) -> str:
    return sentence(checked(tree, rule_only=True), FIELDS, names=lambda kind, number: NAMES[kind, number])


def because(tree: Any, values: dict[str, Any]) -> str:
    ctx = context(known=frozenset(FIELDS) - {"team"})
    return why(checked(tree), FIELDS, values, ctx, names=lambda kind, number: NAMES[kind, number])


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (leaf("amount", "ge", money("5000")), "Amount is at least 5,000.00 EUR"),
        (leaf("amount", "lt", money("5000", "JPY")), "Amount is less than 5,000 JPY"),
        (leaf("quantity", "gt", "1234.5"), "Quantity is more than 1,234.5"),
        (leaf("dept", "in", ["it", "hr"]), "Department is one of IT, Human Resources"),
        ({"not": leaf("dept", "in", ["it"])}, "Department is none of IT"),
        ({"not": leaf("owner", "empty")}, "Owner is filled in"),
        (leaf("owner", "eq", 3), "Owner is Hana Sato"),
        (leaf("owner", "eq", {"ref": "me"}), "Owner is me"),
        (leaf("team", "in", {"ref": "my_roles"}), "Team is one of my roles"),
        (leaf("labels", "has", 4), "Labels includes capex"),
        (leaf("urgent", "eq", True), "Urgent is yes"),
        (leaf("title", "contains", "x{y}"), "Title contains “x{y}”"),
        (leaf("due", "lt", {"rel": "today", "days": -30}), "Due is before today − 30 d"),
        ({"field": "start", "op": "le", "other": "due"}, "Start is on or before Due"),
        (leaf("dept", "changed_to", "hr"), "Department changed to Human Resources"),
        ({"all": []}, "always"),
        (
            {"some": {"field": "lines", "where": leaf("pieces", "gt", 5)}},
            "in at least one row of Lines, Pieces is more than 5",
        ),
        (
            {"all": [leaf("urgent", "eq", True), {"any": [leaf("dept", "eq", "it"), leaf("labels", "has", 4)]}]},
            "Urgent is yes and (Department is IT or Labels includes capex)",
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(tree: Any, words: str) -> None:
    assert said(tree) == words


@pytest.mark.parametrize(
    ("tree", "values", "words"),
    [
        (
            leaf("amount", "ge", money("25000")),
            {"amount": money("12960")},
            "Amount (12,960.00 EUR) is less than 25,000.00 EUR",
        ),
        (
            leaf("amount", "ge", money("5000")),
            {"amount": money("40000", "USD")},
            "Amount (40,000.00 USD) can't be compared with 5,000.00 EUR",
        ),
        (leaf("amount", "ge", money("5000")), {}, "it is open whether Amount is at least 5,000.00 EUR"),
        (leaf("amount", "ge", money("5000")), {"amount": "lots"}, "Amount can't be read"),
        (leaf("team", "eq", 7), {}, "the form has no field Team"),
        (leaf("dept", "eq", "it"), {"dept": "hr"}, "Department (Human Resources) is not IT"),
        (leaf("dept", "eq", "it"), {"dept": "it"}, "Department is IT"),
        (leaf("dept", "ne", "it"), {}, "Department is empty"),
        (
            {"field": "start", "op": "le", "other": "due"},
            {"start": "2026-02-01", "due": "2026-01-01"},
            "Start (2026-02-01) is after Due (2026-01-01)",
        ),
        (
            {"all": [leaf("urgent", "eq", True), leaf("dept", "eq", "it")]},
            {"urgent": True, "dept": "qa"},
            "Department (Quality) is not IT",
        ),
        (
            {"any": [leaf("urgent", "eq", True), leaf("dept", "eq", "it")]},
            {"urgent": False, "dept": "qa"},
            "Urgent is no and Department (Quality) is not IT",
        ),
        (
            {"some": {"field": "lines", "where": leaf("pieces", "gt", 5)}},
            {"lines": [{"pieces": 2}]},
            "in no row of Lines, Pieces is more than 5",
        ),
    ],
)
def test_a_result_explains_itself(tree: Any, values: dict[str, Any], words: str) -> None:
    assert because(tree, values) == words


def test_a_sentence_comes_in_the_readers_language() -> None:
    chinese = {"{field} is at least {value}": "{field}至少 {value}", "{left} and {right}": "{left}，且{right}"}
    tree = {"all": [leaf("amount", "ge", money("5")), leaf("quantity", "ge", 2)]}
    spoken = sentence(checked(tree), FIELDS, lambda message: chinese.get(message, message))
    assert spoken == "Amount至少 5.00 EUR，且Quantity至少 2"


def test_it_knows_which_fields_it_reads() -> None:
    tree = {"all": [{"field": "start", "op": "le", "other": "due"}, {"not": leaf("dept", "empty")}]}
    assert fields_read(checked(tree)) == {"start", "due", "dept"}
    assert fields_read(checked({"every": {"field": "lines", "where": leaf("pieces", "gt", 5)}})) == {"lines"}


@given(condition=conditions, values=tickets)
@settings(deadline=None)
def test_every_condition_can_be_said_and_explained(condition: Any, values: dict[str, Any]) -> None:
    assert sentence(condition, FIELDS)
    assert sentence(condition, {}), "even after its fields are gone"
    assert why(condition, FIELDS, values, context())
