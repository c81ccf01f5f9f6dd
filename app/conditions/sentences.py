"""Says a condition in words, whatever the values."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.conditions import phrases
from app.conditions.fields import Field, Fields, Kind
from app.conditions.naming import Naming
from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Not, Some


@dataclass(frozen=True, slots=True)
class Sentences:
    fields: Fields
    naming: Naming

    def of(self, condition: Condition) -> str:
        match condition:
            case Leaf():
                return self.leaf(condition, holds=True)
            case Not(Leaf() as leaf):
                return self.leaf(leaf, holds=False)
            case Not(Some() | Every() as rows):
                return self.rows(rows, holds=False)
            case Not(part):
                return self.naming.say(phrases.NOT, text=self.of(part))
            case All(parts):
                return self.joined(phrases.AND, self._grouped(parts, Any_)) or self.naming.say(phrases.ALWAYS)
            case Any_(parts):
                return self.joined(phrases.OR, self._grouped(parts, All)) or self.naming.say(phrases.NEVER)
            case Some() | Every():
                return self.rows(condition, holds=True)

    def joined(self, message: str, texts: Iterable[str]) -> str:
        joined = ""
        for text in texts:
            joined = self.naming.say(message, left=joined, right=text) if joined else text
        return joined

    def _grouped(self, parts: tuple[Condition, ...], other: type[All | Any_]) -> Iterable[str]:
        """A group of the other sort stands in parentheses, or nobody could tell which word binds first."""
        for part in parts:
            text = self.of(part)
            grouped = isinstance(part, Some | Every) or (isinstance(part, other) and len(part.parts) > 1)
            yield self.naming.say(phrases.GROUP, text=text) if grouped else text

    def leaf(self, leaf: Leaf, *, holds: bool) -> str:
        message = phrases.phrase(leaf.op, leaf.kind, holds=holds)
        return self.naming.say(message, field=self.label(leaf.field), value=self.operand(leaf))

    def operand(self, leaf: Leaf) -> str:
        if leaf.other is not None:
            return self.label(leaf.other)
        return self.naming.value(self.field(leaf), leaf.value)

    def rows(self, rows: Some | Every, *, holds: bool) -> str:
        if isinstance(rows, Some):
            message = phrases.SOME_ROW if holds else phrases.NO_SOME_ROW
        else:
            message = phrases.EVERY_ROW if holds else phrases.NO_EVERY_ROW
        return self.naming.say(message, field=self.label(rows.field), text=self.of_a_row(rows).of(rows.where))

    def of_a_row(self, rows: Some | Every) -> "Sentences":
        table = self.fields.get(rows.field)
        return Sentences(table.rows if table else {}, self.naming)

    def label(self, key: str) -> str:
        field = self.fields.get(key)
        return field.label if field else key

    def field(self, leaf: Leaf) -> Field:
        """Said by its key where the registry has no such field any more."""
        return self.fields.get(leaf.field) or Field(leaf.field, leaf.field, Kind(leaf.kind))
