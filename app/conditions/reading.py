"""Checks a JSON tree node by node and collects everything that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.conditions import limits
from app.conditions.fields import BETWEEN_FIELDS, OPERATORS, RULES_ONLY, Field, Fields, Kind, Op
from app.conditions.nodes import All, Any_, Condition, Every, Leaf, Not, Operand, Ref, Some
from app.conditions.operands import operand
from app.conditions.problems import N_, Problem, Refused, nearest, shown

VERSION = 1
_LEAF_KEYS = {"field", "op", "value", "other"}
NOTHING: Condition = All(())
"""Stands where a problem was found; no caller ever gets it."""


class Enough(Exception):
    """There is no point in reading on."""


@dataclass
class Reader:
    fields: Fields
    rule_only: bool
    allow_refs: bool
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0
    values: int = 0
    table: str | None = None
    """Whose rows are being read: their fields are the only ones."""

    def root(self, raw: Any) -> Condition:
        if isinstance(raw, dict) and "v" in raw:
            if isinstance(raw["v"], bool) or raw["v"] != VERSION:
                self.wrong("$.v", N_("version {value} is not known"), value=shown(raw["v"]))
            raw = {key: part for key, part in raw.items() if key != "v"}
        try:
            return self.node(raw, "$", 1)
        except Enough:
            return NOTHING

    def wrong(self, path: str, template: str, **details: str) -> Condition:
        self.problems.append(Problem(path, template, details))
        if len(self.problems) >= limits.PROBLEMS:
            raise Enough
        return NOTHING

    def node(self, raw: Any, path: str, depth: int) -> Condition:
        self.nodes += 1
        if self.nodes > limits.NODES:
            self.wrong(path, N_("a condition has at most {most} parts"), most=str(limits.NODES))
            raise Enough
        if depth > limits.DEPTH:
            return self.wrong(path, N_("a condition is at most {most} levels deep"), most=str(limits.DEPTH))
        if not isinstance(raw, dict):
            return self.wrong(path, N_("{value} is not a condition"), value=shown(raw))
        named = [name for name in ("field", "all", "any", "not", "some", "every") if name in raw]
        if len(named) != 1:
            return self.wrong(path, N_("a condition has one of 'field', 'all', 'any', 'not', 'some', 'every'"))
        self.unexpected(raw, _LEAF_KEYS if named[0] == "field" else {named[0]}, path)
        match named[0]:
            case "field":
                return self.leaf(raw, path)
            case "not":
                return Not(self.node(raw["not"], f"{path}.not", depth + 1))
            case "all" | "any" as name:
                return self.group(name, raw[name], f"{path}.{name}", depth)
            case name:
                return self.rows(name, raw[name], f"{path}.{name}", depth)

    def unexpected(self, raw: Mapping[Any, Any], expected: set[str], path: str) -> None:
        for key in list(raw)[: limits.PROBLEMS]:
            if key not in expected:
                self.wrong(path, N_("{value} is not expected here"), value=shown(key))

    def group(self, name: str, raw: Any, path: str, depth: int) -> Condition:
        if not isinstance(raw, list | tuple):
            return self.wrong(path, N_("'{name}' takes a list of conditions"), name=name)
        parts = tuple(self.node(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(raw))
        return All(parts) if name == "all" else Any_(parts)

    def rows(self, name: str, raw: Any, path: str, depth: int) -> Condition:
        if not isinstance(raw, dict) or set(raw) != {"field", "where"}:
            return self.wrong(path, N_("'{name}' takes a table 'field' and a condition 'where'"), name=name)
        if (table := self.find(raw["field"], path)) is None:
            return NOTHING
        if table.kind is not Kind.TABLE:
            return self.wrong(path, N_("'{name}' does not apply to a {kind} field"), name=name, kind=table.kind)
        outer = self.fields, self.table
        self.fields, self.table = table.rows, table.key
        where = self.node(raw["where"], f"{path}.where", depth + 1)
        self.fields, self.table = outer
        return Some(table.key, where) if name == "some" else Every(table.key, where)

    def find(self, key: Any, path: str) -> Field | None:
        if isinstance(key, str) and key in self.fields:
            return self.fields[key]
        meant = nearest(key, tuple(self.fields)) if isinstance(key, str) else None
        if meant is None:
            self.wrong(path, N_("unknown field {field}"), field=shown(key))
        else:
            self.wrong(path, N_("unknown field {field}; did you mean '{meant}'?"), field=shown(key), meant=meant)
        return None

    def leaf(self, raw: Mapping[str, Any], path: str) -> Condition:
        subject = self.find(raw["field"], path)
        if subject is None:
            return NOTHING
        op = self.operator(subject, raw.get("op"), path)
        if op is None:
            return NOTHING
        if "other" in raw:
            return self.between(subject, op, raw, path)
        try:
            value = operand(subject, op, raw.get("value"))
            self.check_refs(value)
        except Refused as refused:
            return self.wrong(path, refused.template, **refused.details)
        self.values += len(value) if isinstance(value, tuple) else 1
        if self.values > limits.VALUES:
            self.wrong(path, N_("a condition has at most {most} values in all"), most=str(limits.VALUES))
            raise Enough
        return Leaf(subject.key, subject.kind, op, value)

    def operator(self, subject: Field, raw: Any, path: str) -> Op | None:
        known = [op for op in OPERATORS[subject.kind] if self._is_offered(op)]
        if isinstance(raw, str) and raw in known:
            return Op(raw)
        if isinstance(raw, str) and raw in RULES_ONLY and not self._is_offered(Op(raw)):
            self.wrong(path, N_("operator {op} is for notification rules only"), op=shown(raw))
        elif isinstance(raw, str) and raw in set(Op):
            kind = subject.kind.value
            self.wrong(path, N_("operator {op} does not apply to a {kind} field"), op=shown(raw), kind=kind)
        elif isinstance(raw, str) and (meant := nearest(raw, known)):
            self.wrong(path, N_("unknown operator {op}; did you mean '{meant}'?"), op=shown(raw), meant=meant)
        else:
            self.wrong(path, N_("unknown operator {op}"), op=shown(raw))
        return None

    def _is_offered(self, op: Op) -> bool:
        """A row has no past of its own."""
        return op not in RULES_ONLY or (self.rule_only and self.table is None)

    def between(self, subject: Field, op: Op, raw: Mapping[str, Any], path: str) -> Condition:
        if "value" in raw:
            return self.wrong(path, N_("a field is compared with a 'value' or with an 'other' field, not with both"))
        if (other := self.find(raw["other"], path)) is None:
            return NOTHING
        if op not in BETWEEN_FIELDS:
            return self.wrong(path, N_("operator {op} does not compare two fields"), op=shown(op.value))
        if other.kind is not subject.kind:
            return self.wrong(
                path,
                N_("a {kind} field can't be compared with a {other} field"),
                kind=subject.kind,
                other=other.kind,
            )
        return Leaf(subject.key, subject.kind, op, other=other.key)

    def check_refs(self, value: Operand) -> None:
        if self.allow_refs:
            return
        for one in value if isinstance(value, tuple) else (value,):
            if one is Ref.ME or one is Ref.MY_ROLES:
                raise Refused(N_("{value} can't be referred to here"), value=shown(one.value))
