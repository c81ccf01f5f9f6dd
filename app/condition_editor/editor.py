"""One editor as its template draws it: every part with what it may choose from, the sentence, and what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.condition_editor.parts import ACT, JOINS, NOT, WITHOUT_VALUE, ConditionRows, Part
from app.condition_editor.values import DAYS, HOURS, OTHER
from app.condition_editor.words import Pair, Words, as_shown, other_fields
from app.conditions import Condition, ConditionError, Field, Fields, Kind, parse, sentence
from app.conditions.fields import BETWEEN_FIELDS, IDS, WITH_LIST, Op
from app.web.i18n import gettext as _
from app.web.paging import Count

DEEPEST = 3
"""Groups within groups that an editor offers; deeper ones are shown where they are stored."""
_SHAPES = {
    Kind.NUMBER: "number", Kind.MONEY: "money", Kind.BOOLEAN: "boolean", Kind.DATETIME: "datetime",
    **dict.fromkeys(sorted(IDS), "id"),
}  # fmt: skip
COMPARED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.DATETIME})
"""Kinds of which one field is often held against another."""
_FEW = frozenset({Kind.BOOLEAN, Kind.CHOICE, Kind.CHOICES}) | IDS


@dataclass(frozen=True, slots=True)
class Row:
    """`control`: text, lines, money, date, datetime, count, select, picks, or none."""

    part: Part
    fields: Sequence[Pair]
    field: Field | None
    ops: Sequence[Pair] = ()
    op: str = ""
    hows: Sequence[Pair] = ()
    how: str = ""
    control: str = ""
    shape: str = ""
    values: Sequence[str] = ()
    options: Sequence[Pair] = ()
    error: str = ""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    def drawn(self, *choices: str) -> str:
        """Another choice makes other controls after it; their ids say so, for a swap keeps what has the same id."""
        return "-".join((self.part.place, self.part.get("field"), *choices)).replace("~", "").replace("@", "")


@dataclass(frozen=True, slots=True)
class Editor:
    """`rows_url` takes the whole form with the pressed button in it, and answers with `target` drawn anew.

    `matches`: how many tickets there are, where that can be said."""

    rows: ConditionRows
    fields: Fields
    words: Words
    rows_url: str
    target: str
    zone: ZoneInfo
    legend: str = ""
    help: str = ""
    nothing: str = ""
    error: str = ""
    matches: Count | None = None
    focus: int | None = None
    """The part where whoever opened it goes on."""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return self.rows.place

    def act(self, verb: str, number: int) -> str:
        return f"{ACT}:{self.place}:{verb}:{number}"

    @property
    def joins(self) -> list[Pair]:
        said = (_("all of these"), _("any of these"), _("not all of these"), _("none of these"))
        return list(zip(JOINS, said, strict=True))

    def may_nest(self, depth: int) -> bool:
        return depth < DEEPEST

    @property
    def said(self) -> str:
        """As far as it is filled in; empty where there is nothing to say."""
        tree = self.rows.tree(self.zone)
        if tree is None:
            return ""
        try:
            return sentence(self._parsed(tree), self.fields, _, names=self.words.named, formats=as_shown)
        except ConditionError:
            return ""

    def kept_words(self, part: Part) -> str:
        """A part that no row can show, in words."""
        tree = part.tree(self.zone, {})
        try:
            return (
                sentence(self._parsed(tree), self.fields, _, names=self.words.named, formats=as_shown) if tree else ""
            )
        except ConditionError:
            return ""

    def row(self, part: Part) -> Row:
        key = part.get("field")
        fields = [(one.key, one.label) for one in self.fields.values() if one.kind is not Kind.TABLE]
        of = self.fields.get(key)
        if of is None or of.kind is Kind.TABLE:
            gone = [(key, _("%(field)s (is not there)") % {"field": key})] if key else []
            return Row(part, [*gone, *fields], None, error=self._error_of(part, None))
        ops = self.words.operators(of, part.get("op"))
        op = part.get("op") if part.get("op") in dict(ops) else self._first_of(ops)
        return self._filled(part, fields, of, ops, op)

    def _first_of(self, ops: Sequence[Pair]) -> str:
        """Whoever looks for tickets knows a word of a text, and hardly ever all of it."""
        return str(Op.CONTAINS) if self.words.viewer and str(Op.CONTAINS) in dict(ops) else ops[0][0]

    def _filled(self, part: Part, fields: Sequence[Pair], of: Field, ops: Sequence[Pair], op: str) -> Row:
        fits = part.get("of") in ("", of.key)
        hows = self._hows(of, op, part.get("how"))
        how = part.get("how") if fits and part.get("how") in dict(hows) else (hows[0][0] if hows else "")
        control = _control(of, op.removeprefix(NOT), how)
        values = [_shown(value, control, self.zone) for value in part.typed.get("value", ())] if fits else []
        if control == "lines":
            values = ["\n".join(values)]
        options = self.words.options(of) if control in {"select", "picks"} else []
        if control == "money":
            options = [(code, code) for code in of.currencies]
        gone = [(value, value) for value in values if value not in dict(options)] if control == "picks" else []
        return Row(
            part, fields, of, ops, op, hows, how, control, _SHAPES.get(of.kind, "text"), values, [*options, *gone],
            self._error_of(part, of),
        )  # fmt: skip

    def _hows(self, of: Field, op: str, chosen: str) -> list[Pair]:
        """What it is compared with, where there is more than one sort of value."""
        plain = Op(op.removeprefix(NOT))
        if plain.value in WITHOUT_VALUE:
            return []
        listed: list[Pair] = [("", _("a value"))]
        if of.kind in (Kind.DATE, Kind.DATETIME):
            listed = [("", _("the date")), ("ago", _("days ago")), ("ahead", _("days from today"))]
            if of.kind is Kind.DATETIME:
                listed += [("hours_ago", _("hours ago")), ("hours_ahead", _("hours from now"))]
        if of.kind in (Kind.ROLE, Kind.ROLES) and plain in WITH_LIST and self.words.viewer:
            listed.append(("@my_roles", _("my roles")))
        if plain in BETWEEN_FIELDS:
            listed += [
                (OTHER + one.key, _("the field “%(field)s”") % {"field": one.label})
                for one in other_fields(self.fields, of)
                if chosen == OTHER + one.key or (self.words.between and of.kind in COMPARED)
            ]
        return listed if len(listed) > 1 else []

    def _error_of(self, part: Part, of: Field | None) -> str:
        """Said by whoever refused the form; else nothing, for a row that is being filled in is not wrong yet."""
        told = [said for name, said in self.errors.items() if name.startswith(f"{part.place}.")]
        if told or of is None or not self.errors:
            return " ".join(told)
        wrong: dict[str, str] = {}
        return " ".join(self._problems(part.tree(self.zone, wrong)))

    def _problems(self, tree: object) -> Iterator[str]:
        try:
            if tree is not None:
                self._parsed(tree)
        except ConditionError as error:
            yield from (problem.told(_) for problem in error.problems)

    def _parsed(self, tree: Any) -> Condition:
        return parse(tree, self.fields, rule_only=self.words.changes, allow_refs=self.words.viewer)


def _control(of: Field, op: str, how: str) -> str:
    if op in WITHOUT_VALUE or how.startswith((OTHER, "@")):
        return ""
    if how in DAYS or how in HOURS:
        return "count"
    several = op in WITH_LIST
    if of.kind in _FEW and (of.kind not in (Kind.CHOICE, Kind.CHOICES) or of.options):
        return "picks" if several else "select"
    if several:
        return "lines"
    return {Kind.MONEY: "money", Kind.DATE: "date", Kind.DATETIME: "datetime"}.get(of.kind, "text")


def _shown(value: str, control: str, zone: ZoneInfo) -> str:
    """A moment on its reader's clock, as the input wants it."""
    if control != "datetime":
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime("%Y-%m-%dT%H:%M")
