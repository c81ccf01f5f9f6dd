"""The columns of a list: which there are, which are shown and in which order, and what stands in those of forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import people, role_names
from app.activity.vocabulary import word
from app.actor import Actor, current_actor
from app.conditions import Field, Kind
from app.ticket_templates.definition import FormDefinition
from app.ticket_templates.fields import FieldDefinition, FieldType
from app.ticket_templates.fields_repository import open_fields
from app.ticket_templates.repository import form_of, template_names, versions_by_id
from app.ticket_templates.showing import Names, text_of
from app.ticket_templates.values import readable
from app.tickets.exporting.repository import reads_all_answers
from app.tickets.filters import MOST_COLUMNS, SORTS, TicketFilters
from app.tickets.models import Ticket
from app.tickets.orders import sortable
from app.tickets.repository import placements_of
from app.web.i18n import gettext as _
from app.web.i18n import pgettext, series

USUAL = ("priority", "status", "approval", "requester", "assignee", "due_at", "created_at", "updated_at")
_UPWARDS = frozenset({Kind.TEXT, Kind.CHOICE, Kind.USER, Kind.ROLE})
"""What is read from A to Z comes that way round first; of amounts and days the largest."""


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    field: FieldDefinition | None = None
    """Of a form."""
    sorts: bool = False
    """A list can be sorted by it."""
    upwards: bool = False
    """The smallest first, to begin with."""


@dataclass(frozen=True, slots=True)
class SortChoice:
    """An entry of the menu; that of the present order turns it round."""

    label: str
    url: str
    direction: str | None


@dataclass(frozen=True)
class Columns:
    shown: Sequence[Column]
    hidden: Sequence[Column]
    filters: TicketFilters

    @cached_property
    def named(self) -> tuple[tuple[str, str, str], ...]:
        """All that a cell shows of its column: two forms may have fields of one name and of different types."""
        return tuple((one.key, one.label, one.field.type if one.field else "") for one in self.shown)

    def with_one_more(self, column: Column) -> str:
        return self._url([*self._keys(), column.key])

    def without(self, column: Column) -> str:
        return self._url([key for key in self._keys() if key != column.key])

    def moved(self, column: Column, by: int) -> str:
        """One place towards the beginning (-1) or the end (1)."""
        keys = self._keys()
        place = keys.index(column.key)
        keys.insert(min(max(place + by, 0), len(keys) - 1), keys.pop(place))
        return self._url(keys)

    def as_usual(self) -> str:
        return self._url(list(USUAL))

    @cached_property
    def near_sorts(self) -> Sequence[SortChoice]:
        """What every ticket has, what is shown, and the present order, which may be in no column."""
        return self._choices(self.shown)

    @property
    def sorts(self) -> Sequence[SortChoice]:
        """All of them, where all columns were read."""
        return self._choices((*self.shown, *self.hidden))

    @property
    def sorted_by(self) -> SortChoice:
        return next(one for one in self.near_sorts if one.direction)

    def _choices(self, columns: Sequence[Column]) -> list[SortChoice]:
        filters, known = self.filters, {one.key: one for one in (*_built_in_sorts(), *columns)}
        if (now := filters.sort_field) is not None:
            known.setdefault(now.key, _column(now))
        return [
            SortChoice(one.label, filters.sorted_by(one.key, upwards=one.upwards), filters.direction(one.key))
            for one in known.values() if one.sorts
        ]  # fmt: skip

    @property
    def can_take_more(self) -> bool:
        return len(self.shown) < MOST_COLUMNS

    def _keys(self) -> list[str]:
        return [column.key for column in self.shown]

    def _url(self, keys: Sequence[str]) -> str:
        """The panel stays open."""
        url = self.filters.url(columns="" if tuple(keys) == USUAL else ",".join(keys) or "title")
        return f"{url}{'&' if '?' in url else '?'}arrange=1"


@lru_cache
def _built_in(_locale: str) -> Mapping[str, Column]:
    words = {
        "priority": _("Priority"), "status": _("Status"), "approval": _("Approvals"), "requester": _("Asked by"),
        "assignee": _("Assignee"), "due_at": _("Due"), "created_at": _("Created"), "updated_at": _("Updated"),
        "assigned_role": _("Team"), "template": _("Form"), "categories": _("Categories"), "labels": _("Labels"),
        "visibility": _("Who can see it"), "resolved_at": pgettext("time", "Resolved"),
        "closed_at": pgettext("time", "Closed"),
    }  # fmt: skip
    columns = {key: Column(key, label, sorts=key in SORTS, upwards=key == "due_at") for key, label in words.items()}
    return MappingProxyType(columns)


def _built_in_sorts() -> list[Column]:
    return [column for column in _built_in(current_actor().locale).values() if column.sorts]


def _column(field: Field, shown: FieldDefinition | None = None) -> Column:
    label = shown.label if shown else field.label
    return Column(field.key, label, shown, sorts=sortable(field), upwards=field.kind in _UPWARDS)


async def columns_of(session: AsyncSession, actor: Actor, filters: TicketFilters, *, all_of_them: bool) -> Columns:
    """A key that nobody has, or that is closed to this reader, is passed over. Forms are read only if they must be."""
    known = dict(_built_in(actor.locale))
    wanted = filters.columns.split(",") if filters.columns else list(USUAL)
    if all_of_them or any(key not in known for key in wanted):
        fields = await open_fields(session, actor)
        known |= {
            key: _column(fields.filtered[key], one) if key in fields.filtered else Column(key, one.label, one)
            for key, one in fields.shown.items() if key not in known
        }  # fmt: skip
    shown = [known[key] for key in dict.fromkeys(wanted) if key in known]
    return Columns(shown, [column for column in known.values() if column not in shown], filters)


def selected_for(columns: Columns, actor: Actor) -> list[Any]:
    """What the query selects besides what every list does."""
    keys = {column.key for column in columns.shown}
    more: list[Any] = [getattr(Ticket, key) for key in ("resolved_at", "closed_at") if key in keys]
    if any(column.field for column in columns.shown):
        more += [Ticket.custom_fields_data, Ticket.template_version_id, reads_all_answers(actor).label("is_own")]
    return more


async def texts_of(
    session: AsyncSession, actor: Actor, columns: Columns, rows: Sequence[Any]
) -> Mapping[int, Mapping[str, str]]:
    """What stands in the columns that are plain text, by the ticket's id; in a fixed number of queries."""
    keys = {column.key for column in columns.shown}
    found: dict[int, dict[str, str]] = {row.id: {"visibility": word(row.visibility)} for row in rows}
    if "template" in keys:
        names = await template_names(session)
        for row in rows:
            found[row.id]["template"] = names.get(row.template_id, "")
    if keys & {"categories", "labels"}:
        for ticket_id, placed in (await placements_of(session, [row.id for row in rows])).items():
            found[ticket_id] |= {
                "categories": series(one.name for one in placed.categories),
                "labels": series(one.name for one in placed.labels),
            }
    own = [column.field for column in columns.shown if column.field]
    if own:
        await _add_answers(session, actor, own, rows, found)
    return found


async def _add_answers(
    session: AsyncSession, actor: Actor, fields: Sequence[FieldDefinition], rows: Sequence[Any],
    found: Mapping[int, dict[str, str]],
) -> None:  # fmt: skip
    """As the version says that each ticket was made from, and only what its reader may read there."""
    versions = await versions_by_id(session, [row.template_version_id for row in rows])
    forms = {row: form_of(version) for row, version in versions.items()}
    names = await _named(session, forms, fields, rows)
    for row in rows:
        form = forms.get(row.template_version_id)
        open_keys = readable(form, role_ids=actor.role_ids, own=row.is_own) if form else frozenset[str]()
        for field in fields:
            one = form.field(field.key) if form and field.key in open_keys else None
            value = row.custom_fields_data.get(field.key) if one else None
            found[row.id][field.key] = text_of(one, value, names) if one and value is not None else ""


async def _named(
    session: AsyncSession, forms: Mapping[int, FormDefinition], fields: Sequence[FieldDefinition], rows: Sequence[Any]
) -> Names:
    users, roles = set[int](), set[int]()
    for row in rows:
        form = forms.get(row.template_version_id)
        for field in fields:
            one, value = form.field(field.key) if form else None, row.custom_fields_data.get(field.key)
            if one and isinstance(value, int) and one.type in (FieldType.USER, FieldType.ROLE):
                (users if one.type is FieldType.USER else roles).add(value)
    return Names(await people(session, users), await role_names(session, roles))
