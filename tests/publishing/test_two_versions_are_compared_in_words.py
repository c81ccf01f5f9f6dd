"""An admin reads what a new version would change before it goes live."""

from typing import Any

from app.publishing.compare import compare
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.wording import changes


def words(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return compare(old, new, name=" / ".join)


def test_what_is_the_same_is_not_told() -> None:
    assert words({"name": "A", "list": [], "rule": None}, {"name": "A"}) == []


def test_a_changed_value_is_told_with_before_and_after() -> None:
    assert words({"name": "A", "needed": False}, {"name": "B", "needed": True}) == [
        "name: “A” became “B”",
        "needed: no became yes",
    ]


def test_things_with_a_key_are_compared_one_by_one() -> None:
    old = {"fields": [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}, {"key": "c", "label": "C"}]}
    new = {"fields": [{"key": "c", "label": "C"}, {"key": "a", "label": "Amount"}, {"key": "d", "label": "D"}]}
    assert words(old, new) == [
        "fields / a was moved",
        "fields / a / label: “A” became “Amount”",
        "fields / d was added",
        "fields / b was removed",
    ]


def test_only_what_was_moved_is_said_to_be_moved() -> None:
    keys = [{"key": key} for key in "abcdef"]
    assert words({"fields": keys}, {"fields": [*keys[1:], keys[0]]}) == ["fields / a was moved"]


def test_a_ticket_template_speaks_of_its_fields_by_their_labels() -> None:
    what = {"key": "what", "label": "What", "type": "choice", "options": [{"key": "g", "label": "Goods"}]}
    plain = {"key": "purchase", "name": "Purchase", "prefix": "PUR", "category_ids": [1]}
    more = [{"key": "g", "label": "Goods"}, {"key": "s", "label": "Software"}]
    rule = {"v": 1, "field": "what", "op": "eq", "value": "g"}
    why = {"key": "why", "label": "Why", "type": "text", "required": True}
    old = FormDefinition.from_json(plain | {"fields": [what, why]})
    new = FormDefinition.from_json(
        plain
        | {"category_ids": [2], "fields": [what | {"options": more}, why | {"required": False, "visible_when": rule}]}
    )
    assert changes(old, new, {"category_ids": {1: "IT", 2: "Purchase"}}) == [
        "Categories: IT became Purchase",
        "Field “What”, option “Software” was added",
        "Field “Why”, required: yes became no",
        "Field “Why”, shown when: nothing became “What is Goods”",
    ]
