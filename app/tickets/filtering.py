"""The list's filter as rows of the condition editor, and the address that the rows mean.

Some filters are no condition on a field (whom it waits on, how it is due): they are rows too, and stand by themselves.
A row that a short filter says as well becomes that: `status=open`, not `f=status:eq:open`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.condition_editor import ConditionRows, Editor, Words, words_for
from app.conditions import All, Condition, Field, Fields, Kind, parse, to_json, to_url
from app.tickets.filter_words import special_labels, special_options
from app.tickets.filters import EDITED, TicketFilters, takes
from app.tickets.list_fields import list_fields
from app.web.formats import zone_of
from app.web.i18n import gettext as _

PLACE = "where"
ROWS_URL = "/tickets/filters"
TARGET = "#ticket-filter-editor"
SPECIAL = ("template", "creator", "waiting_on", "watched_by", "approval", "due")
_SAID = {"creator": "asked_by", "due": "deadline"}
"""Special filters that a field of their own name stands beside."""
_FIELD = {name: name for name in ("status", "priority", "assignee", "assigned_role")}
_LISTED = {"category": "category", "label": "labels"}


class NotByItself(ValueError):
    """A special filter inside a group, or one that is asked twice."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """What the rows of one person may say."""

    fields: Fields
    words: Words
    special: Mapping[str, Field]
    """By the filter's name."""

    @property
    def both(self) -> dict[str, Field]:
        return {**self.fields, **{field.key: field for field in self.special.values()}}


async def speaks(session: AsyncSession, actor: Actor) -> Speaks:
    words = await words_for(session, viewer=True)
    options, labels = await special_options(session, words.people), special_labels()
    special = {
        name: Field(_SAID.get(name, name), labels[name], Kind.CHOICE, options=dict(options[name])) for name in SPECIAL
    }
    plain = frozenset(field.key for field in special.values())
    return Speaks(
        await list_fields(session, actor), replace(words, requester=False, between=False, plain=plain), special
    )


def editor_of(rows: ConditionRows, speaks: Speaks, actor: Actor, **more: Any) -> Editor:
    return Editor(
        rows, speaks.both, speaks.words, ROWS_URL, TARGET, zone_of(actor.time_zone), legend=_("Tickets for which"),
        nothing=_("Every ticket."), **more,
    )  # fmt: skip


def rows_of(filters: TicketFilters, speaks: Speaks) -> ConditionRows:
    parts = [part for name, values in filters.by_name().items() if name in EDITED for part in [_part(name, values)]]
    parts += [{**to_json(condition)} for condition in filters.conditions or ()]
    for part in parts:
        part.pop("v", None)
    return ConditionRows.showing({"v": 1, "all": parts} if parts else None, PLACE)


def filters_of_rows(tree: Mapping[str, Any] | None, filters: TicketFilters, speaks: Speaks) -> TicketFilters:
    """`filters`: those of the address before; what no row shows stays. Raises ConditionError and NotByItself."""
    said: dict[str, Any] = dict.fromkeys(EDITED, ())
    found: list[str] = []
    conditions: list[Condition] = []
    for part in _parts(tree):
        name, values = _short(part, speaks)
        if name and not said[name]:
            if not all(takes(name, value) for value in values):
                raise NotByItself(_("Choose from the options."))
            said[name] = values
            continue
        if any(field.key in set(_fields_in(part)) for field in speaks.special.values()):
            raise NotByItself(
                _("“Form”, “Asked by”, “Waiting on”, “Watched by”, “Approval” and “Deadline” stand by themselves.")
            )
        condition = parse(part, speaks.fields)
        conditions += condition.parts if isinstance(condition, All) else (condition,)
        found += to_url(condition)
    read = tuple(conditions)
    return replace(filters, **said, f=tuple(found), conditions=read, fields=speaks.fields, unknown=())


def _parts(tree: Mapping[str, Any] | None) -> list[Any]:
    plain = {name: part for name, part in (tree or {"all": []}).items() if name != "v"}
    return list(plain["all"]) if set(plain) == {"all"} else [plain]


def _part(name: str, values: Sequence[str]) -> dict[str, Any]:
    """A short filter as a row."""
    if name in _LISTED:
        return _leaf(_LISTED[name], [int(value) for value in values], one="has", several="has_any")
    if name not in {"assignee", "assigned_role"}:
        return _leaf(_FIELD.get(name) or _SAID.get(name, name), list(values))
    people = [{"ref": "me"} if value == "me" else int(value) for value in values if value != "none"]
    nobody = [{"field": name, "op": "empty"}] if "none" in values else []
    rows = [*([_leaf(name, people)] if people else []), *nobody]
    return rows[0] if len(rows) == 1 else {"any": rows}


def _leaf(field: str, values: list[Any], *, one: str = "eq", several: str = "in") -> dict[str, Any]:
    if len(values) == 1:
        return {"field": field, "op": one, "value": values[0]}
    return {"field": field, "op": several, "value": values}


def _short(part: Any, speaks: Speaks) -> tuple[str, tuple[str, ...]]:
    """The short filter that says the same as this row; no name where there is none."""
    field, op = part.get("field"), part.get("op")
    names = {one.key: name for name, one in speaks.special.items()} | _FIELD
    names |= {listed: name for name, listed in _LISTED.items()}
    name = names.get(field, "")
    if name in {"assignee", "assigned_role"} and op == "empty":
        return name, ("none",)
    wanted = {"has", "has_any"} if name in _LISTED else {"eq", "in"}
    if not name or op not in wanted or "value" not in part:
        return "", ()
    value = part["value"]
    written = [_written(one) for one in (value if isinstance(value, list) else [value])]
    return (name, tuple(written)) if all(written) else ("", ())


def _written(value: Any) -> str:
    if value == {"ref": "me"}:
        return "me"
    return str(value) if isinstance(value, str | int) else ""


def _fields_in(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        if isinstance(tree.get("field"), str):
            yield tree["field"]
        for name in ("all", "any", "not"):
            yield from _fields_in(tree.get(name))
    elif isinstance(tree, list):
        for part in tree:
            yield from _fields_in(part)
