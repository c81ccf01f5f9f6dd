"""The condition's tree: its nodes, and the way from and to the JSON that is stored or sent."""

from typing import Any

from app.conditions import limits
from app.conditions.fields import Fields
from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Not, Some
from app.conditions.problems import ConditionError, Problem
from app.conditions.reading import Reader
from app.conditions.writing import to_json

__all__ = ["All", "Any_", "Condition", "ConditionError", "Every", "Leaf", "Not", "Problem", "Some", "parse", "to_json"]


def parse(json_tree: Any, fields: Fields, *, rule_only: bool = False, allow_refs: bool = True) -> Condition:
    """Safe on anything that JSON can hold. `rule_only` admits `changed` and its like, for notification rules;
    without `allow_refs` there is no viewer, so `me` and `my_roles` are refused."""
    reader = Reader(fields, rule_only, allow_refs)
    tree = reader.root(json_tree)
    if reader.problems:
        raise ConditionError(reader.problems[: limits.PROBLEMS])
    return tree
