"""Says why a condition holds for these values or does not: the parts that settled it, with what was found there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.conditions import phrases, stored
from app.conditions.context import Context
from app.conditions.evaluate import answer_of, expected, leaf_answer
from app.conditions.fields import RULES_ONLY, Kind, Op, Values
from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Not, Some
from app.conditions.sentences import Sentences
from app.conditions.stored import Gap


@dataclass(frozen=True, slots=True)
class Reasons:
    sentences: Sentences
    ctx: Context

    def of(self, condition: Condition, values: Values) -> str:
        match condition:
            case Leaf():
                return self.leaf(condition, values)
            case Not(part):
                return self.of(part, values)
            case Some() | Every():
                return self.rows(condition, values)
            case All(parts):
                return self._parts(parts, values, settled_by=False)
            case Any_(parts):
                return self._parts(parts, values, settled_by=True)

    def _parts(self, parts: tuple[Condition, ...], values: Values, *, settled_by: bool) -> str:
        """One false settles `all` and one true settles `any`; without such a part it took them all."""
        if not parts:
            return self.sentences.of(Any_(()) if settled_by else All(()))
        settling = [part for part in parts if answer_of(part, values, self.ctx)[0] is settled_by]
        return self.sentences.joined(phrases.AND, [self.of(part, values) for part in settling or parts])

    def rows(self, rows: Some | Every, values: Values) -> str:
        found = stored.value_of(values, rows.field, Kind.TABLE, self.ctx.known)
        if found is Gap.MISSHAPEN or found is Gap.UNKNOWN:
            return self._gap(rows.field, found)
        answer, _ = answer_of(rows, values, self.ctx)
        return self.sentences.rows(rows, holds=answer)

    def leaf(self, leaf: Leaf, values: Values) -> str:
        answer, decided = leaf_answer(leaf, values, self.ctx)
        if leaf.op in RULES_ONLY:
            return self.sentences.leaf(leaf, holds=answer)
        actual = stored.value_of(values, leaf.field, leaf.kind, self.ctx.known)
        if not decided:
            return self._undecided(leaf, actual, values)
        if isinstance(actual, Gap):
            return self._gap(leaf.field, actual)
        wanted = expected(leaf, values, self.ctx)
        if leaf.other is not None and isinstance(wanted, Gap):
            return self._gap(leaf.other, wanted)
        if not answer and leaf.op in phrases.OPPOSITE:
            return self._fact(leaf, phrases.OPPOSITE[leaf.op], actual, wanted, holds=True)
        return self._fact(leaf, leaf.op, actual, wanted, holds=answer)

    def _fact(self, leaf: Leaf, op: Op, actual: Any, wanted: Any, *, holds: bool) -> str:
        """ "Department (IT) is IT" would say it twice, and what is not yes is no."""
        if leaf.kind is Kind.BOOLEAN and leaf.other is None and op in (Op.EQ, Op.NE):
            return self.sentences.leaf(replace(leaf, op=Op.EQ, value=actual), holds=True)
        is_plain = op is Op.EMPTY or (leaf.other is None and holds == (op is Op.EQ) and op in (Op.EQ, Op.NE))
        subject = self.sentences.label(leaf.field) if is_plain else self._with_value(leaf, leaf.field, actual)
        message = phrases.phrase(op, leaf.kind, holds=holds)
        return self.sentences.naming.say(message, field=subject, value=self._wanted(leaf, wanted))

    def _undecided(self, leaf: Leaf, actual: Any, values: Values) -> str:
        wanted = expected(leaf, values, self.ctx)
        if actual is Gap.MISSHAPEN or actual is Gap.UNKNOWN:
            return self._gap(leaf.field, actual)
        if leaf.other is not None and (wanted is Gap.MISSHAPEN or wanted is Gap.UNKNOWN):
            return self._gap(leaf.other, wanted)
        if actual is Gap.EMPTY:
            return self.sentences.naming.say(phrases.STILL_OPEN, sentence=self.sentences.leaf(leaf, holds=True))
        subject = self._with_value(leaf, leaf.field, actual)
        return self.sentences.naming.say(phrases.CANNOT_COMPARE, field=subject, value=self._wanted(leaf, wanted))

    def _gap(self, key: str, gap: Any) -> str:
        return self.sentences.naming.say(_GAPS[gap], field=self.sentences.label(key))

    def _wanted(self, leaf: Leaf, wanted: Any) -> str:
        if leaf.other is None:
            return self.sentences.operand(leaf)
        return (
            self.sentences.label(leaf.other) if isinstance(wanted, Gap) else self._with_value(leaf, leaf.other, wanted)
        )

    def _with_value(self, leaf: Leaf, key: str, actual: Any) -> str:
        if isinstance(actual, str) and len(actual) > LONG:
            actual = f"{actual[:LONG]}…"
        if isinstance(actual, frozenset):
            actual = sorted(actual)
        written = self.sentences.naming.value(self.sentences.field(leaf), actual)
        return self.sentences.naming.say(phrases.ACTUAL, field=self.sentences.label(key), value=written)


LONG = 80
_GAPS: Mapping[Gap, str] = {
    Gap.EMPTY: phrases.PHRASES[Op.EMPTY][0],
    Gap.MISSHAPEN: phrases.UNREADABLE,
    Gap.UNKNOWN: phrases.NO_SUCH_FIELD,
}
