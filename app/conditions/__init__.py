"""The one condition language: checked, answered in memory, compiled to SQL, said in words.

`app.conditions.sql` is imported by its own name, so that the rest needs nothing but the standard library."""

from app.conditions.context import Context
from app.conditions.evaluate import Verdict, evaluate
from app.conditions.fields import OPERATORS, Field, Fields, Kind, Op, Values
from app.conditions.nodes import Money, Ref, Relative
from app.conditions.problems import ConditionError, Problem
from app.conditions.tree import All, Any_, Condition, Every, Leaf, Not, Some, parse, to_json
from app.conditions.url import UrlFilter, from_url, to_url
from app.conditions.uses import fields_read
from app.conditions.words import sentence, why

__all__ = [
    "OPERATORS",
    "All",
    "Any_",
    "Condition",
    "ConditionError",
    "Context",
    "Every",
    "Field",
    "Fields",
    "Kind",
    "Leaf",
    "Money",
    "Not",
    "Op",
    "Problem",
    "Ref",
    "Relative",
    "Some",
    "UrlFilter",
    "Values",
    "Verdict",
    "evaluate",
    "fields_read",
    "from_url",
    "parse",
    "sentence",
    "to_json",
    "to_url",
    "why",
]
