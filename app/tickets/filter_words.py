"""A list's filters in words: a chip for each that is set, and what those that are no field can be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.narrative import Ids, Names
from app.activity.vocabulary import word
from app.catalogue.names import names_for
from app.condition_editor.words import as_shown, operator_words
from app.conditions import All, Any_, Condition, Kind, Leaf, Not
from app.conditions.fields import IDS, WITHOUT_VALUE
from app.conditions.naming import Naming
from app.conditions.sentences import Sentences
from app.db.constants import among
from app.ticket_templates.models import TicketTemplate
from app.tickets.filters import AGES, EDITED, TicketFilters
from app.web.formats import day
from app.web.i18n import gettext as _
from app.web.i18n import pgettext, series


@dataclass(frozen=True, slots=True)
class Chip:
    """Field, operator, value. `edit` is its place among those that the filter's editor shows; none where it has none.

    A condition of several parts is one sentence, in `said`."""

    field: str
    op: str
    said: str
    without_url: str
    edit: int | None = None
    unknown: bool = False

    @property
    def whole(self) -> str:
        return " ".join(filter(None, (self.field, self.op, self.said)))


def chips(filters: TicketFilters, names: "FilterNames") -> list[Chip]:
    edits = count()
    known = [
        Chip(
            _fields()[name], _("is one of") if len(values) > 1 else _("is"),
            series(said_of(name, value, names) for value in values), filters.url(**{name: _nothing(filters, name)}),
            next(edits) if name in EDITED else None,
        )
        for name, values in filters.by_name().items()
    ]  # fmt: skip
    known += [
        _condition_chip(condition, filters, names, place, next(edits))
        for place, condition in enumerate(filters.conditions or ())
    ]
    tidy = replace(filters, unknown=()).url()
    return known + [
        Chip(_fields().get(name, name), _("is unknown:"), value, tidy, unknown=True)
        for name, value in filters.unknown
    ]  # fmt: skip


def _condition_chip(condition: Condition, filters: TicketFilters, names: "FilterNames", place: int, edit: int) -> Chip:
    naming = Naming(_, names.called, as_shown)
    without = filters.url(f=(*filters.f[:place], *filters.f[place + 1 :]))
    leaf = condition.part if isinstance(condition, Not) else condition
    words = Sentences(filters.fields, naming)
    if not isinstance(leaf, Leaf):
        return Chip("", "", words.of(condition), without, edit)
    op = operator_words(leaf.op, leaf.kind, holds=leaf is condition)
    return Chip(words.label(leaf.field), op, "" if leaf.op in WITHOUT_VALUE else words.operand(leaf), without, edit)


def _nothing(filters: TicketFilters, name: str) -> Any:
    return "" if isinstance(getattr(filters, name), str) else ()


def said_of(name: str, value: str, names: Names) -> str:
    """A filter's value in words."""
    fixed = {"me": _("me"), "none": _("nobody") if name != "template" else _("no form")}
    if value in fixed:
        return fixed[value]
    if name in _NAMED:
        found = getattr(names, _NAMED[name]).get(int(value))
        return str(getattr(found, "name", found) or _("something that is gone"))
    if name.endswith(("_from", "_to")):
        return day(date.fromisoformat(value))
    return value if name in _AS_WRITTEN else _words().get((name, value)) or word(value)


_AS_WRITTEN = {"version", "approval_template", "approval_version"}
_NAMED = {
    "assignee": "people", "creator": "people", "waiting_on": "people", "assigned_role": "roles",
    "waiting_role": "roles", "category": "categories", "label": "labels", "template": "templates",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilterNames(Names):
    templates: Mapping[int, str] | None = None

    def called(self, kind: str, number: int) -> str:
        places = {"user": self.people, "role": self.roles, "label": self.labels, "category": self.categories}
        found = places[kind].get(number)
        return str(getattr(found, "name", found) or _("something that is gone"))


async def names_of_filters(session: AsyncSession, filters: TicketFilters) -> FilterNames:
    """The same queries whatever is filtered, each only where there is something to name."""
    ids, templates = Ids(), set[int]()
    places = {
        **{kind: getattr(ids, kind) for kind in ("people", "roles", "labels", "categories")},
        "templates": templates,
    }
    for name, value in filters.filtering():
        if name in _NAMED and value.isdigit():
            places[_NAMED[name]].add(int(value))
    for leaf in leaves_of(filters.conditions or ()):
        if leaf.kind in IDS:
            places[_PLACES[leaf.kind]].update(one for one in _values(leaf) if type(one) is int)
    named = await names_for(session, ids)
    rows = (await session.execute(_FORMS, {"ids": sorted(templates)})).all() if templates else []
    shown = {row.id: row.name for row in rows}
    return FilterNames(named.people, named.roles, named.labels, named.categories, templates=shown)


_FORMS = select(TicketTemplate.id, TicketTemplate.name).where(among(TicketTemplate.id))


def _fields() -> dict[str, str]:
    return {
        "status": _("Status"), "approval": _("Approval"), "priority": _("Priority"), "template": _("Form"),
        "version": _("Version of the form"),
        "approval_template": _("Approval runs by"), "approval_version": _("Version of the approval template"),
        "assignee": _("Assignee"), "assigned_role": _("Team"), "creator": _("Asked by"), "category": _("Category"),
        "label": _("Label"), "due": _("Due"), "on_time": pgettext("in time or late", "Resolved"),
        "waiting_on": _("Waiting on"), "waiting_role": _("Waiting on"), "closed_from": _("Closed from"),
        "closed_to": _("Closed until"), "decided_from": _("Approval ended from"),
        "decided_to": _("Approval ended until"),
        "step": _("Approval step"), "waited": _("Step open for"), "created_from": _("Created from"),
        "created_to": _("Created until"), "resolved_from": _("Resolved from"), "resolved_to": _("Resolved until"),
        "sort": _("Order"), "q": _("Words"), "f": _("Filter"), "group": _("Groups"),
        "columns": _("Columns"), "density": _("Rows"), "watched_by": _("Watched by"),
    }  # fmt: skip


def _words() -> dict[tuple[str, str], str]:
    ages = (_("under 8 hours"), _("8 to 24 hours"), _("1 to 3 days"), _("over 3 days"))
    return {
        ("due", "overdue"): _("overdue"), ("due", "today"): _("today"), ("due", "week"): _("within 7 days"),
        ("due", "risk"): _("at risk"), ("on_time", "yes"): _("on time"), ("on_time", "no"): _("late"),
        **{("waited", age): said for age, said in zip(AGES, ages, strict=True)},
    }  # fmt: skip


def leaves_of(conditions: Iterable[Condition]) -> Iterator[Leaf]:
    for condition in conditions:
        match condition:
            case Leaf():
                yield condition
            case Not(part):
                yield from leaves_of([part])
            case All(parts) | Any_(parts):
                yield from leaves_of(parts)


def _values(leaf: Leaf) -> tuple[object, ...]:
    return leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)


_PLACES = {
    Kind.USER: "people", Kind.USERS: "people", Kind.ROLE: "roles", Kind.ROLES: "roles", Kind.LABELS: "labels",
    Kind.CATEGORIES: "categories",
}  # fmt: skip


async def special_options(session: AsyncSession, people: Sequence[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """The values of those filters that are no condition on a field, by the filter's name."""
    words, me = _words(), ("me", _("me"))
    query = select(TicketTemplate.id, TicketTemplate.name).where(TicketTemplate.archived_at.is_(None))
    forms = (await session.execute(query.order_by(TicketTemplate.name).limit(500))).all()
    return {
        "template": [*((str(row.id), row.name) for row in forms), ("none", _("no form"))],
        "creator": [me, *people], "waiting_on": [me, *people], "watched_by": [me],
        "approval": [(code, word(code)) for code in ("returned", "running", "approved", "rejected", "withdrawn")],
        "due": [(value, words["due", value]) for value in ("overdue", "today", "week", "risk")],
    }  # fmt: skip


def special_labels() -> dict[str, str]:
    return {name: _fields()[name] for name in ("template", "creator", "waiting_on", "watched_by", "approval")} | {
        "due": _("Deadline")
    }
