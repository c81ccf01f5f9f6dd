"""Answers a condition in memory: yes or no, and whether a no rests on something that could not be compared."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.conditions import stored
from app.conditions.context import Context, Unresolved, resolve
from app.conditions.fields import ORDERING, RULES_ONLY, Kind, Op, Values
from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Money, Not, Some
from app.conditions.stored import Gap
from app.conditions.unicode import fold

__all__ = ["Context", "Verdict", "answer_of", "evaluate", "expected", "leaf_answer"]


@dataclass(frozen=True, slots=True)
class Verdict:
    answer: bool
    undecided: bool
    """A false that could be true if everything in it could be compared."""


def evaluate(condition: Condition, values: Values, ctx: Context) -> Verdict:
    answer, decided = answer_of(condition, values, ctx)
    return Verdict(answer, undecided=not answer and not decided)


Answer = tuple[bool, bool]
"""Yes or no, and whether Kleene's logic says so too or says "unknown"."""


def answer_of(condition: Condition, values: Values, ctx: Context) -> Answer:
    match condition:
        case Leaf():
            return leaf_answer(condition, values, ctx)
        case All(parts):
            return _all(answer_of(part, values, ctx) for part in parts)
        case Any_(parts):
            return _any(answer_of(part, values, ctx) for part in parts)
        case Not(part):
            answer, decided = answer_of(part, values, ctx)
            return not answer, decided
        case Some():
            return _rows(_any, condition, values, ctx)
        case Every():
            return _rows(_all, condition, values, ctx)


def _all(answers: Iterable[Answer]) -> Answer:
    """One decided false decides; an undecided one does not, so the rest is still asked."""
    result, certain = True, True
    for answer, decided in answers:
        if decided and not answer:
            return False, True
        result, certain = result and answer, certain and decided
    return result, certain


def _any(answers: Iterable[Answer]) -> Answer:
    result, certain = _all((not answer, decided) for answer, decided in answers)
    return not result, certain


def _rows(over: Callable[[Iterable[Answer]], Answer], condition: Some | Every, values: Values, ctx: Context) -> Answer:
    """A row that is no row has no field; a table that is no table has no row, and nothing is decided by it."""
    rows = stored.value_of(values, condition.field, Kind.TABLE, ctx.known)
    if isinstance(rows, Gap):
        return over(())[0], rows is Gap.EMPTY
    return over(answer_of(condition.where, row if isinstance(row, Mapping) else {}, ctx) for row in rows)


def leaf_answer(leaf: Leaf, values: Values, ctx: Context) -> Answer:
    if leaf.op in RULES_ONLY:
        return _change(leaf, values, ctx)
    actual = stored.value_of(values, leaf.field, leaf.kind, ctx.known)
    return _compare(leaf.op, actual, expected(leaf, values, ctx))


def expected(leaf: Leaf, values: Values, ctx: Context) -> Any:
    """What the field is compared with: a value, the other field's value, or a `Gap`."""
    if leaf.other is not None:
        return stored.value_of(values, leaf.other, leaf.kind, ctx.known)
    try:
        return resolve(leaf, ctx)
    except Unresolved:
        return Gap.UNKNOWN


def _compare(op: Op, actual: Any, wanted: Any) -> Answer:
    """Empty is not IT, for certain; whether it is more than 5 nobody can say."""
    if op is Op.EMPTY:
        return isinstance(actual, Gap), actual not in _UNREADABLE
    if isinstance(actual, Gap) or isinstance(wanted, Gap):
        unreadable = any(side in _UNREADABLE for side in (actual, wanted))
        return op is Op.NE, not unreadable and op not in ORDERING
    if isinstance(actual, Money):
        if actual.currency != wanted.currency:
            return op is Op.NE, False
        actual, wanted = actual.amount, wanted.amount
    return _COMPARISONS[op](actual, wanted), True


def _change(leaf: Leaf, values: Values, ctx: Context) -> Answer:
    if ctx.previous is None or leaf.field not in ctx.previous:
        return False, True
    before = stored.read(leaf.kind, ctx.previous[leaf.field])
    after = stored.read(leaf.kind, values.get(leaf.field))
    if before == after:
        return False, True
    if leaf.op is Op.CHANGED:
        return True, True
    return _compare(Op.EQ, after if leaf.op is Op.CHANGED_TO else before, expected(leaf, values, ctx))


_UNREADABLE = (Gap.MISSHAPEN, Gap.UNKNOWN)


def _contains(text: str, part: str) -> bool:
    return fold(part) in fold(text)


def _starts(text: str, part: str) -> bool:
    return fold(text).startswith(fold(part))


_COMPARISONS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.IN: lambda one, several: one in several,
    Op.CONTAINS: _contains,
    Op.STARTS: _starts,
    Op.HAS: lambda members, one: one in members,
    Op.HAS_ANY: lambda members, several: not members.isdisjoint(several),
    Op.HAS_ALL: lambda members, several: members.issuperset(several),
}
