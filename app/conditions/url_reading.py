"""Makes the JSON tree of one chip's text; whether it means anything is checked by `tree.parse` afterwards."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.conditions import limits
from app.conditions.fields import IDS, WITH_LIST, Field, Fields, Kind
from app.conditions.problems import N_, Refused, shown

_GROUP = re.compile(r"(not|all|any|some|every)\(")
_LEAF = re.compile(r"([A-Za-z0-9_]{1,100}):([A-Za-z_]{1,20})(:?)")
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_BARE = re.compile(r"[^',;()]+")
_TABLE = re.compile(r"([A-Za-z0-9_]{1,100});")
_RELATIVE = re.compile(r"(today|now)(?:([+ -])([0-9]{1,6})d)?(?:([+ -])([0-9]{1,6})h)?")
_MONEY = re.compile(r"(.+?) ?([A-Z]{3})")
_ID = re.compile(r"[0-9]{1,18}")
_YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}


def read_chip(text: str, fields: Fields) -> dict[str, Any]:
    cursor = _Cursor(text)
    tree = cursor.node(fields, depth=1)
    if cursor.at < len(text):
        raise cursor.unreadable()
    return tree


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    is_quoted: bool

    def begins(self, mark: str) -> bool:
        return not self.is_quoted and self.text.startswith(mark)


@dataclass(slots=True)
class _Cursor:
    text: str
    at: int = 0

    def node(self, fields: Fields, depth: int) -> dict[str, Any]:
        if depth > limits.DEPTH:
            raise Refused(N_("a condition is at most {most} levels deep"), most=str(limits.DEPTH))
        group = self.take(_GROUP)
        if group is None:
            return self.leaf(fields)
        name = group[1]
        tree = {name: self.inside(name, fields, depth)}
        self.expect(")")
        return tree

    def inside(self, name: str, fields: Fields, depth: int) -> Any:
        if name == "not":
            return self.node(fields, depth + 1)
        return self.rows(fields, depth) if name in ("some", "every") else self.parts(fields, depth)

    def parts(self, fields: Fields, depth: int) -> list[dict[str, Any]]:
        if self.text.startswith(")", self.at):
            return []
        parts = [self.node(fields, depth + 1)]
        while self.text.startswith(";", self.at):
            self.at += 1
            parts.append(self.node(fields, depth + 1))
        return parts

    def rows(self, fields: Fields, depth: int) -> dict[str, Any]:
        if (table := self.take(_TABLE)) is None:
            raise self.unreadable()
        known = fields.get(table[1])
        return {"field": table[1], "where": self.node(known.rows if known else {}, depth + 1)}

    def leaf(self, fields: Fields) -> dict[str, Any]:
        if (head := self.take(_LEAF)) is None:
            raise self.unreadable()
        leaf: dict[str, Any] = {"field": head[1], "op": head[2]}
        return {**leaf, **_operand(fields.get(head[1]), head[2], self.values())} if head[3] else leaf

    def values(self) -> list[_Value]:
        values = [self.value()]
        while self.text.startswith(",", self.at):
            self.at += 1
            values.append(self.value())
        return values

    def value(self) -> _Value:
        if quoted := self.take(_QUOTED):
            return _Value(quoted[1].replace("''", "'"), is_quoted=True)
        if bare := self.take(_BARE):
            return _Value(bare[0], is_quoted=False)
        raise self.unreadable()

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        if found := pattern.match(self.text, self.at):
            self.at = found.end()
        return found

    def expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise self.unreadable()
        self.at += len(mark)

    def unreadable(self) -> Refused:
        rest = self.text[self.at :]
        return (
            Refused(N_("can't be read from {rest} on"), rest=shown(rest))
            if rest
            else Refused(N_("something is missing"))
        )


def _operand(field: Field | None, op: str, values: list[_Value]) -> dict[str, Any]:
    if len(values) == 1 and values[0].begins("~"):
        return {"other": values[0].text[1:]}
    read = [_value(field, value) for value in values]
    is_whole_list = len(values) == 1 and values[0].begins("@my_roles")
    if op in WITH_LIST and not is_whole_list:
        return {"value": read}
    if len(read) > 1:
        raise Refused(N_("'{op}' takes one value; put a text with a comma in '…'"), op=op)
    return {"value": read[0]}


def _value(field: Field | None, value: _Value) -> Any:
    if value.begins("@"):
        return {"ref": value.text[1:]}
    kind = None if field is None else field.kind
    return value.text if kind is None or value.is_quoted else _READERS.get(kind, str)(value.text)


def _money(text: str) -> Any:
    found = _MONEY.fullmatch(text)
    return {"amount": found[1], "currency": found[2]} if found else text


def _boolean(text: str) -> Any:
    return _YES_OR_NO.get(text.lower(), text)


def _moment(text: str) -> Any:
    """A `+` typed into an address arrives as a space."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return text.replace(" ", "+")
    moment, days_sign, days, hours_sign, hours = found.groups()
    counted = {"days": _counted(days_sign, days), "hours": _counted(hours_sign, hours)}
    return {"rel": moment} | {unit: count for unit, count in counted.items() if count}


def _counted(sign: str | None, count: str | None) -> int:
    return int(count or 0) * (-1 if sign == "-" else 1)


def _id(text: str) -> Any:
    return int(text) if _ID.fullmatch(text) else text


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.MONEY: _money,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _moment,
    Kind.DATETIME: _moment,
    **dict.fromkeys(IDS, _id),
}
