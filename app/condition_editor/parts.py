"""The rows and groups of one condition on the screen, from and to its tree.

Hidden inputs named `{place}.part` tell the order: `7` is a part of the whole, `7.3` one of group 3. A part's own inputs
begin with `{place}.7.`; one with a `join` is a group, one with a `kept` is JSON that no row can show.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.condition_editor.values import Typed, fits_a_row, operand, typed_operand
from app.web.forms import Submitted
from app.web.i18n import gettext as _

MOST_PARTS = 200
LONGEST = 20_000
ACT = "if"
JOINS = ("all", "any", "not_all", "none")
NOT = "not."
"""Before an operator: the row holds when the comparison does not."""
WITHOUT_VALUE = frozenset({"empty", "changed"})
INPUTS = ("join", "kept", "field", "op", "how", "value", "currency", "of", "as")


@dataclass(slots=True)
class Part:
    """`number` is its name on this screen, wherever it stands: focus and what is typed go with it."""

    number: int
    place: str
    typed: Typed
    parts: list["Part"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return (self.typed.get(name) or [""])[0]

    @property
    def is_group(self) -> bool:
        return "join" in self.typed

    @property
    def is_kept(self) -> bool:
        return "kept" in self.typed

    @property
    def join(self) -> str:
        return self.get("join") if self.get("join") in JOINS else "all"

    def tree(self, zone: ZoneInfo, errors: dict[str, str]) -> dict[str, Any] | None:
        """None where it says nothing (yet); what is missing is in `errors`."""
        if self.is_group:
            trees = [tree for part in self.parts if (tree := part.tree(zone, errors)) is not None]
            return None if self.parts and not trees else joined(self.join, trees)
        return self._kept(errors) if self.is_kept else self._leaf(zone, errors)

    def _leaf(self, zone: ZoneInfo, errors: dict[str, str]) -> dict[str, Any] | None:
        op = self.get("op").removeprefix(NOT)
        if not self.get("field"):
            errors[f"{self.place}.field"] = _("Choose one of the options.")
            return None
        leaf: dict[str, Any] = {"field": self.get("field"), "op": op}
        if op not in WITHOUT_VALUE:
            try:
                leaf |= operand(self.typed if self.get("of") == self.get("field") else {}, op, zone)
            except ValueError as error:
                errors[f"{self.place}.field"] = str(error)
                return None
        return {"not": leaf} if self.get("op").startswith(NOT) else leaf

    def _kept(self, errors: dict[str, str]) -> dict[str, Any] | None:
        try:
            tree = json.loads(self.get("kept")[:LONGEST], parse_float=str)
        except (ValueError, RecursionError):
            tree = None
        if not isinstance(tree, dict):
            errors[f"{self.place}.kept"] = _("This part can't be read. Remove it.")
            return None
        return tree

    def walk(self) -> Iterator["Part"]:
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(slots=True)
class ConditionRows:
    """`shape`: how the stored tree was written where that makes no difference, so that saving changes nothing."""

    place: str
    root: Part
    shape: str = "v"

    @classmethod
    def read(cls, sent: Submitted, place: str) -> Self:
        root = Part(0, place, {"join": [sent.get(f"{place}.join") or "all"]})
        known = {0: root}
        for text in sent.all(f"{place}.part")[:MOST_PARTS]:
            number, _dot, inside = text.partition(".")
            group = known.get(int(inside) if _is_number(inside) else 0, root)
            if _is_number(number) and int(number) not in known and group.is_group:
                part = Part(int(number), f"{place}.{number}", _typed_in(sent, f"{place}.{number}."))
                known[part.number] = part
                group.parts.append(part)
        return cls(place, root, sent.get(f"{place}.shape") or "v")

    @classmethod
    def showing(cls, tree: Any, place: str) -> Self:
        """Of any JSON that is stored; what is no condition is kept as it is."""
        rows = cls(place, Part(0, place, {"join": ["all"]}), "v")
        if not isinstance(tree, Mapping):
            return rows
        plain = {name: part for name, part in tree.items() if name != "v"}
        words = ["v"] if "v" in tree else ["bare"]
        join, parts = _group_of(plain)
        if join is None or not parts:
            words.append("leaf")
            rows._show(plain, rows.root)
        else:
            rows.root.typed["join"] = [join]
            for part in parts:
                rows._show(part, rows.root)
        rows.shape = " ".join(words)
        return rows

    def tree(self, zone: ZoneInfo, errors: dict[str, str] | None = None) -> dict[str, Any] | None:
        """None for no condition. Without `errors` rows that are not filled in yet are passed over."""
        wrong: dict[str, str] = {} if errors is None else errors
        plain = self.root.tree(zone, wrong) if self.root.parts else None
        if plain is None:
            return None
        parts = plain.get("all")
        if "leaf" in self.shape and parts is not None and len(parts) == 1:
            plain = parts[0]
        return plain if "bare" in self.shape else {"v": 1, **plain}

    def typed(self) -> Typed:
        """Everything as a browser sends it."""
        sent: Typed = {f"{self.place}.join": [self.root.join], f"{self.place}.shape": [self.shape]}
        order = []
        for group in (part for part in self.root.walk() if part.is_group):
            order += [f"{part.number}.{group.number}" if group.number else str(part.number) for part in group.parts]
        sent[f"{self.place}.part"] = order
        for part in self.root.walk():
            sent |= {f"{part.place}.{name}": values for name, values in part.typed.items() if part.number}
        return sent

    def rearrange(self, verb: str, number: int) -> None:
        """`add` a row to the group of that number, `group` a group; `remove` a part; else nothing changes."""
        if verb == "remove":
            for each in [part for part in self.root.walk() if part.is_group]:
                each.parts = [part for part in each.parts if part.number != number]
            self._drop_empty(self.root)
        group = next((part for part in self.root.walk() if part.number == number and part.is_group), None)
        if group is not None and verb == "add":
            self._new(group, {"field": [""]})
        elif group is not None and verb == "group":
            added = self._new(group, {"join": ["any" if group.join in {"all", "not_all"} else "all"]})
            if added is not None:
                self._new(added, {"field": [""]})

    def _show(self, tree: Any, into: Part) -> None:
        join, parts = _group_of(tree)
        if join is not None and parts:
            group = self._new(into, {"join": [join]})
            for part in parts if group is not None else ():
                self._show(part, group or into)
            return
        leaf, op = (tree["not"], NOT) if isinstance(tree, Mapping) and len(tree) == 1 and "not" in tree else (tree, "")
        is_leaf = isinstance(leaf, Mapping) and isinstance(leaf.get("field"), str) and isinstance(leaf.get("op"), str)
        if is_leaf and fits_a_row(leaf):
            named = {"field": [leaf["field"]], "op": [op + leaf["op"]], "of": [leaf["field"]]}
            self._new(into, named | typed_operand(leaf))
        else:
            self._new(into, {"kept": [json.dumps(tree, ensure_ascii=False)]})

    def _new(self, group: Part, typed: Typed) -> Part | None:
        number = max(part.number for part in self.root.walk()) + 1
        if number > MOST_PARTS * 20 or sum(1 for _part in self.root.walk()) > MOST_PARTS:
            return None
        part = Part(number, f"{self.place}.{number}", typed)
        group.parts.append(part)
        return part

    def _drop_empty(self, group: Part) -> None:
        for part in group.parts:
            self._drop_empty(part)
        group.parts = [part for part in group.parts if part.parts or not part.is_group]


def joined(join: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    whole = {"any" if join in {"any", "none"} else "all": parts}
    return {"not": whole} if join in {"none", "not_all"} else whole


def act_on(act: str, places: Mapping[str, ConditionRows]) -> bool:
    """`if:steps.2.condition:add:0`, the value of an editor's button; false where it is none of these editors'."""
    name, place, verb, number = [*act.split(":"), "", "", "", ""][:4]
    if name != ACT or place not in places or not _is_number(number):
        return False
    places[place].rearrange(verb, int(number))
    return True


def place_of(act: str) -> str:
    """Which editor somebody is at."""
    name, _colon, rest = act.partition(":")
    return rest.partition(":")[0] if name == ACT else ""


def _group_of(tree: Any) -> tuple[str | None, list[Any]]:
    """How its parts are joined; None where it is no group."""
    if not isinstance(tree, Mapping) or len(tree) != 1:
        return None, []
    [(name, inside)] = tree.items()
    if name in ("all", "any") and isinstance(inside, list):
        return str(name), inside
    if name != "not" or not isinstance(inside, Mapping):
        return None, []
    join, parts = _group_of(inside)
    if join in ("all", "any"):
        return ("not_all" if join == "all" else "none"), parts
    return None, []


def _typed_in(sent: Submitted, prefix: str) -> Typed:
    return {name: sent.all(prefix + name) for name in INPUTS if prefix + name in sent}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
