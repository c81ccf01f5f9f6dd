"""Which tickets a list shows, as its address says it: read from the URL, written to it, told as chips.

Whoever counts tickets links here: the same `TicketFilters` gives the number (`matching.py`) and the address (`url`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlencode

from app.conditions import Condition, Field, Fields
from app.conditions.fields import KEY
from app.tickets.models import Priority, TicketStatus
from app.web.params import optional_row_id

LIST = "/tickets"
BOARD = f"{LIST}/board"
LONGEST_WORDS = 200
LONGEST_CONDITION = 4_000
MOST_VALUES = 30
MOST_COLUMNS = 20
GROUPS = ("status", "assignee", "template")
DENSITIES = ("comfortable", "compact")
LAYOUT = ("columns", "group", "density")
"""How the list looks, not what is in it."""
SORTS = ("created_at", "updated_at", "priority", "due_at")
NEWEST = "-created_at"
EDITED = (
    "status", "approval", "priority", "template", "assignee", "assigned_role", "creator", "category", "label", "due",
    "waiting_on", "watched_by",
)  # fmt: skip
"""The filters that the editor shows as rows, besides conditions; the others come from links and can be taken away."""
AGES = {"8h": (0, 8), "24h": (8, 24), "3d": (24, 72), "more": (72, None)}
"""How long an approval step has been open, in hours: the buckets of the dashboard."""


@dataclass(frozen=True, slots=True)
class TicketFilters:
    """Each name is the URL's. Several values of one name are alternatives; several names all hold."""

    q: str = ""
    status: tuple[str, ...] = ()
    approval: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    template: tuple[str, ...] = ()
    """Ids; `none` is a ticket without a form."""
    version: tuple[str, ...] = ()
    """Of the form: numbers."""
    approval_template: tuple[str, ...] = ()
    """Keys: what runs by it now, or was sent back."""
    approval_version: tuple[str, ...] = ()
    """Of what the approval runs by: numbers."""
    assignee: tuple[str, ...] = ()
    """Ids, `me`, `none`."""
    assigned_role: tuple[str, ...] = ()
    creator: tuple[str, ...] = ()
    """Ids, `me`: who asked, or for whom somebody asked."""
    watched_by: tuple[str, ...] = ()
    """`me`: what others watch is theirs."""
    category: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    on_time: tuple[str, ...] = ()
    waiting_on: tuple[str, ...] = ()
    waiting_role: tuple[str, ...] = ()
    """Ids: a group of which nobody has decided yet, whoever is in it."""
    step: tuple[str, ...] = ()
    waited: tuple[str, ...] = ()
    created_from: str = ""
    created_to: str = ""
    resolved_from: str = ""
    resolved_to: str = ""
    closed_from: str = ""
    closed_to: str = ""
    decided_from: str = ""
    decided_to: str = ""
    """When an approval ended, whichever way."""
    f: tuple[str, ...] = ()
    """Conditions as chips (`app.conditions.url`): `amount:ge:5000EUR`. They all hold."""
    sort: str = NEWEST
    """One of `SORTS`, or the key of a form's field; `-` turns it round."""
    columns: str = ""
    """Keys in their order, `status,due_at,amount`; none: the usual ones."""
    group: str = ""
    density: str = ""
    """None: as the reader has set it for all lists."""
    unknown: tuple[tuple[str, str], ...] = ()
    """What the address asks for and nobody understands: shown in red, and ignored."""
    conditions: tuple[Condition, ...] | None = None
    """What `f` says; none until `list_fields.understood` has read it for somebody."""
    version_ids: tuple[int, ...] | None = None
    """Of the forms' versions that `version` means; none until `list_fields.understood` has looked them up."""
    approval_version_ids: tuple[int, ...] | None = None
    """The same of `approval_template` and `approval_version`."""
    fields: Fields = field(default_factory=dict, compare=False, hash=False, repr=False)
    """What it was read with."""
    sort_field: Field | None = field(default=None, compare=False, hash=False, repr=False)
    """What `sort` names, where it is a form's field; none until `list_fields.understood` has read it for somebody."""
    path: str = field(default=LIST, compare=False, hash=False, repr=False)
    """Where the same tickets are shown, and so where their addresses lead: the list, or the board."""

    @classmethod
    def read(cls, query: Iterable[tuple[str, str]], path: str = LIST) -> Self:
        """`query`: the address's pairs of name and value, in any number."""
        values: dict[str, list[str]] = {}
        unknown: list[tuple[str, str]] = []
        for name, raw in query:
            value = _plain(raw, LONGEST_CONDITION if name in {"f", "columns"} else LONGEST_WORDS)
            if name in _IGNORED or not value:
                continue
            good = takes(name, value)
            if good and len(values.setdefault(name, [])) < MOST_VALUES:
                values[name].append(value)
            elif not good and len(unknown) < MOST_VALUES:
                unknown.append((_plain(name)[:60], value[:60]))
        return cls(**_arguments(values), unknown=tuple(unknown), path=path)

    def url(self, *, cursor: str = "", path: str | None = None, **changed: Any) -> str:
        """The list's address; `changed` replaces filters."""
        path = self.path if path is None else path
        parts = dict(_written(tuple([getattr(self, name) for name in _NAMES])))
        parts |= {name: urlencode(_pairs_of(name, value)) for name, value in changed.items() if name in parts}
        query = "&".join([part for part in (*parts.values(), urlencode({"cursor": cursor}) if cursor else "") if part])
        return f"{path}?{query}" if query else path

    def query(self) -> str:
        """The list as a ticket's address names it, from which one came."""
        return urlencode(self.pairs())

    def pairs(self) -> list[tuple[str, str]]:
        return [pair for name in _NAMES for pair in _pairs_of(name, getattr(self, name))]

    def filtering(self) -> list[tuple[str, str]]:
        """What narrows the list: without the search's words, the order and the layout."""
        return [pair for pair in self.pairs() if pair[0] not in {"q", "sort", *LAYOUT}]

    def matched(self) -> Self:
        """What decides which tickets are found: lists that differ in their order or layout have the same number."""
        is_so = self.sort == NEWEST and not (self.unknown or self.columns or self.group or self.density)
        return self if is_so else replace(self, sort=NEWEST, unknown=(), columns="", group="", density="")

    @property
    def holds_all_day(self) -> bool:
        """What it finds depends on the reader's day, not on the minute."""
        return not (self.f or self.conditions or self.waited or "overdue" in self.due)

    def layout(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in LAYOUT}

    def by_name(self) -> dict[str, tuple[str, ...]]:
        """What narrows the list by a name of its own: without its conditions."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self.filtering():
            if name != "f":
                found[name] = (*found.get(name, ()), value)
        return found

    def without(self, name: str, value: str) -> str:
        return self.url(**self._with(name, tuple(one for one in self._values(name) if one != value)))

    def also(self, name: str, value: str) -> str:
        """With one value more, or less where it is there already."""
        has = self._values(name)
        return self.without(name, value) if value in has else self.url(**self._with(name, (*has, value)))

    def sorted_by(self, column: str, *, upwards: bool = False) -> str:
        """The other way round where the list is in this order already. `upwards`: the smallest first, to begin with."""
        first = column if upwards else f"-{column}"
        other = column if first.startswith("-") else f"-{column}"
        return self.url(sort=other if self.sort == first else first)

    def direction(self, column: str) -> str | None:
        return {column: "ascending", f"-{column}": "descending"}.get(self.sort)

    def _values(self, name: str) -> tuple[str, ...]:
        value = getattr(self, name)
        return tuple(filter(None, (value,))) if isinstance(value, str) else value

    def _with(self, name: str, values: Sequence[str]) -> dict[str, Any]:
        single = isinstance(getattr(self, name), str)
        return {name: (values[-1] if values else "") if single else tuple(values)}


def takes(name: str, value: str) -> bool:
    return name in _CHECKS and bool(_CHECKS[name](value))


def _arguments(values: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    return {
        name: several[-1] if name in _SINGLE else tuple(dict.fromkeys(several))
        for name, several in values.items()
        if several
    }


def _plain(text: str, longest: int = LONGEST_WORDS) -> str:
    """Without what no filter can mean and no database takes."""
    return "".join(sign for sign in text[:longest] if sign.isprintable()).strip()


def _one_of(*options: str) -> Any:
    return lambda value: value in options


def _row_or(*words: str) -> Any:
    return lambda value: value in words or optional_row_id(value) is not None


def _is_day(value: str) -> bool:
    try:
        return len(value) == 10 and 2000 <= date.fromisoformat(value).year <= 2200
    except ValueError:
        return False


def _is_key(value: str) -> bool:
    return value.isascii() and len(value) <= 63 and value.replace("_", "").replace("-", "").isalnum()


def _is_sort(value: str) -> bool:
    return KEY.fullmatch(value.removeprefix("-")) is not None


_IGNORED = {"cursor", "add", "edit", "arrange", "on"}
_CHECKS: dict[str, Any] = {
    "q": lambda value: True,
    "status": _one_of(*TicketStatus),
    "approval": _one_of("running", "returned", "approved", "rejected", "withdrawn", "cancelled"),
    "priority": _one_of(*Priority),
    "template": _row_or("none"),
    "version": _row_or(),
    "approval_template": _is_key,
    "approval_version": _row_or(),
    "assignee": _row_or("me", "none"),
    "assigned_role": _row_or("none"),
    "creator": _row_or("me"),
    "watched_by": _one_of("me"),
    "category": _row_or(),
    "label": _row_or(),
    "due": _one_of("overdue", "today", "week", "risk"),
    "on_time": _one_of("yes", "no"),
    "waiting_on": _row_or("me"),
    "waiting_role": _row_or(),
    "step": _is_key,
    "waited": _one_of(*AGES),
    "created_from": _is_day,
    "created_to": _is_day,
    "resolved_from": _is_day,
    "resolved_to": _is_day,
    "closed_from": _is_day,
    "closed_to": _is_day,
    "decided_from": _is_day,
    "decided_to": _is_day,
    "f": lambda value: True,
    "columns": lambda value: value.count(",") < MOST_COLUMNS and all(map(_is_key, value.split(","))),
    "group": _one_of(*GROUPS),
    "density": _one_of(*DENSITIES),
    "sort": _is_sort,
}
_READ = {"unknown", "conditions", "version_ids", "approval_version_ids", "fields", "sort_field", "path"}
_NAMES = tuple(one.name for one in fields(TicketFilters) if one.name not in _READ)


def _pairs_of(name: str, value: str | Iterable[str]) -> list[tuple[str, str]]:
    pairs = [(name, one) for one in ((value,) if isinstance(value, str) else value) if one]
    return [pair for pair in pairs if pair != ("sort", NEWEST)]


@lru_cache(maxsize=500)
def _written(values: tuple[Any, ...]) -> Mapping[str, str]:
    """By name, in the order of an address: a list's page has some forty, which differ in one name each."""
    return {name: urlencode(_pairs_of(name, value)) for name, value in zip(_NAMES, values, strict=True)}


_SINGLE = {"q", "sort", *LAYOUT, *(name for name in _NAMES if name.endswith(("_from", "_to")))}
