"""Approver lines and checks of a step as they are typed, from and to their definition."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from app.actor import current_actor
from app.approvals.core.definition import Source
from app.condition_editor import ConditionRows
from app.publishing import rows
from app.web.formats import zone_of
from app.web.forms import MAX_ID, Submitted
from app.web.i18n import gettext as _

Typed = dict[str, list[str]]
MOST_ROWS = 50
LONGEST_KEPT = 20_000
OFFERED = (
    Source.USER, Source.ROLE, Source.MANAGER, Source.FIELD, Source.MATRIX, Source.PREVIOUS_MANAGER, Source.PICK,
)  # fmt: skip
"""The sources that have a control of their own; a line of another is kept as it is."""
PARAMETER = {
    Source.USER: "user_id", Source.ROLE: "role_id", Source.MANAGER: "level", Source.FIELD: "field",
    Source.MATRIX: "matrix", Source.PICK: "role_id",
}  # fmt: skip
BY_KEY = (Source.FIELD, Source.MATRIX)
"""Their parameter is a key, not a number."""
MOST_PICKED = 20


@dataclass(frozen=True, slots=True)
class LineRow:
    """`place` is what its inputs begin with (`steps.2.approvers.0`); `kept` the JSON of a line without a control;
    `field` what a matrix is asked about."""

    number: int
    place: str
    source: str
    value: str = ""
    members: str = "any"
    kept: str = ""
    count: str = "1"
    field: str = ""

    @classmethod
    def read(cls, sent: Submitted, place: str, number: int) -> Self:
        def typed(name: str) -> str:
            return sent.get(f"{place}.{number}.{name}")

        kept = typed("kept")[:LONGEST_KEPT]
        return cls(
            number, f"{place}.{number}", typed("source"), typed("value").strip(), typed("members") or "any", kept,
            typed("count").strip() or "1", typed("field").strip(),
        )  # fmt: skip

    @classmethod
    def showing(cls, plain: Mapping[str, Any], place: str, number: int) -> Self:
        source = str(plain.get("source"))
        if source not in OFFERED:
            return cls(number, f"{place}.{number}", source, kept=json.dumps(plain, ensure_ascii=False))
        value = plain.get(PARAMETER.get(Source(source), ""))
        value = "" if value is None else str(value)
        field = str(plain.get("field") or "") if source == Source.MATRIX else ""
        members, count = str(plain.get("members", "any")), str(plain.get("count", 1))
        return cls(number, f"{place}.{number}", source, value, members, count=count, field=field)

    @property
    def input_name(self) -> str:
        """Where what is wrong with it is said: at its control, else at the list it stands in."""
        return f"{self.place}.value" if self.has_control else self.place.rpartition(".")[0]

    @property
    def has_control(self) -> bool:
        return self.source in PARAMETER

    def typed(self) -> Typed:
        given = {"source": self.source, "value": self.value, "members": self.members, "kept": self.kept}
        given |= {"count": self.count} if self.source == Source.PICK else {}
        given["field"] = self.field
        return {f"{self.place}.{name}": [value] for name, value in given.items() if value}

    def definition(self) -> tuple[dict[str, Any], dict[str, str]]:
        """(JSON, errors by input)."""
        if self.source not in OFFERED:
            return self._as_kept()
        plain: dict[str, Any] = {"source": self.source}
        if self.source == Source.PREVIOUS_MANAGER:
            return plain, {}
        if self.source == Source.ROLE:
            plain["members"] = self.members
        plain[PARAMETER[Source(self.source)]] = self.value if self.source in BY_KEY else _number(self.value)
        errors = {} if self.value else {self.input_name: _("Choose one of the options.")}
        if self.source == Source.MATRIX:
            plain["field"] = self.field
            errors |= {} if self.field else {f"{self.place}.field": _("Choose one of the options.")}
        if self.source == Source.PICK:
            plain["count"] = _number(self.count)
            if not 1 <= (plain["count"] or 0) <= MOST_PICKED:
                errors[f"{self.place}.count"] = _("A whole number from %(low)d to %(high)d.") % {
                    "low": 1, "high": MOST_PICKED,
                }  # fmt: skip
        return plain, errors

    def _as_kept(self) -> tuple[dict[str, Any], dict[str, str]]:
        try:
            plain = json.loads(self.kept)
        except (ValueError, RecursionError):
            plain = None
        if isinstance(plain, dict) and plain.get("source") == self.source:
            return plain, {}
        return {"source": self.source}, {self.input_name: _("This line can't be read. Remove it.")}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check of a step: what is asked of the request, and how the request answers it."""

    number: int
    place: str
    label: str
    condition: ConditionRows

    @classmethod
    def read(cls, sent: Submitted, place: str, number: int) -> Self:
        at = f"{place}.{number}"
        return cls(number, at, sent.get(f"{at}.label").strip(), ConditionRows.read(sent, f"{at}.condition"))

    @classmethod
    def blank(cls, place: str, number: int) -> Self:
        check = cls.showing({"label": "", "condition": None}, place, number)
        check.condition.rearrange("add", 0)
        return check

    @classmethod
    def showing(cls, plain: Mapping[str, Any], place: str, number: int) -> Self:
        at = f"{place}.{number}"
        return cls(number, at, str(plain["label"]), ConditionRows.showing(plain["condition"], f"{at}.condition"))

    def typed(self) -> Typed:
        return {f"{self.place}.label": [self.label]} | self.condition.typed()

    def definition(self) -> tuple[dict[str, Any], dict[str, str]]:
        errors: dict[str, str] = {}
        if not self.label:
            errors[f"{self.place}.label"] = _("Fill this in.")
        elif len(self.label) > 200:
            errors[f"{self.place}.label"] = _("This is too long.")
        tree = self.condition.tree(zone_of(current_actor().time_zone), errors)
        if tree is None and not any(name.startswith(f"{self.place}.condition") for name in errors):
            errors.setdefault(f"{self.place}.condition", _("Fill this in."))
        return {"label": self.label, "condition": tree}, errors


@dataclass(slots=True)
class Rows:
    """The lines or checks of one list of one step; hidden inputs named `row` say which there are."""

    place: str
    listed: list[Any] = field(default_factory=list)

    @classmethod
    def read(cls, kind: type[LineRow] | type[CheckRow], sent: Submitted, place: str) -> Self:
        numbers = rows.numbers(sent.all(f"{place}.row"), MOST_ROWS)
        return cls(place, [kind.read(sent, place, number) for number in numbers])

    @classmethod
    def showing(cls, kind: type[LineRow] | type[CheckRow], plain: Any, place: str) -> Self:
        return cls(place, [kind.showing(each, place, number) for number, each in enumerate(plain or ())])

    def definition(self, errors: dict[str, str]) -> list[dict[str, Any]]:
        told = [row.definition() for row in self.listed]
        for _plain, wrong in told:
            errors |= wrong
        return [plain for plain, _wrong in told]

    def rearrange(self, verb: str, what: str) -> None:
        """`add` with the source of the new line; the other verbs with the number of a row."""
        if verb != "add":
            return rows.rearrange(self.listed, verb, what)
        number = rows.free_number(self.listed)
        if len(self.listed) >= MOST_ROWS:
            return None
        if what == "check":
            self.listed.append(CheckRow.blank(self.place, number))
        elif what in OFFERED:
            first = "1" if what == Source.MANAGER else ""
            self.listed.append(LineRow(number, f"{self.place}.{number}", what, first))
        return None


def _number(text: str) -> int | None:
    is_one = text.isascii() and text.isdigit() and 0 < int(text[:20]) <= MAX_ID
    return int(text[:20]) if is_one else None
