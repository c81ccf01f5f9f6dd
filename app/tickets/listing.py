"""A list of tickets as its reader sees it: each row with its people and its approval, and the filters in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserCard
from app.accounts.repository import people, role_names
from app.activity.vocabulary import shown_status, status_word, word
from app.actor import Actor
from app.tickets.columns import columns_of, selected_for, texts_of
from app.tickets.filter_words import chips, names_of_filters
from app.tickets.filters import TicketFilters
from app.tickets.grouping import Grouping, grouped_page, grouping_of
from app.tickets.lifecycle import OPEN_STATES
from app.tickets.models import DONE
from app.tickets.repository import COLUMNS, counts_of, page_of_tickets
from app.tickets.saved_views.repository import ListedView, views_of
from app.tickets.snippets import SELECTED, snippets_of
from app.tickets.trails import Trail, trails_of
from app.web.i18n import gettext as _
from app.web.i18n import pgettext
from app.web.paging import Count, Page


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """One row: what the query selected, with names for its ids."""

    row: Row[Any]
    requester: UserCard | None
    assignee: UserCard | None
    assigned_role: str | None
    trail: Trail | None
    texts: Mapping[str, str]
    """What stands in the columns that are plain text, by their key."""
    shown: tuple[Any, ...]
    """All that a list can show of it."""

    @property
    def status(self) -> str:
        return shown_status(self.row.status, self.row.approval)

    @property
    def status_label(self) -> str:
        return status_word(self.row.status, self.row.approval)

    @property
    def priority_label(self) -> str:
        return word(self.row.priority)

    @property
    def is_done(self) -> bool:
        return self.row.status in DONE

    @property
    def is_restricted(self) -> bool:
        return bool(self.row.visibility == "restricted")


@dataclass(frozen=True, slots=True)
class ListedGroup:
    label: str
    url: str
    count: Count | None
    tickets: Sequence[ListedTicket]


async def listed(
    session: AsyncSession, actor: Actor, filters: TicketFilters, *, now: datetime, cursor: str | None,
    arranging: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What `tickets/index` and its fragment need. `arranging`: the columns that could be shown are shown too."""
    columns = await columns_of(session, actor, filters, all_of_them=arranging)
    more, texts = selected_for(columns, actor), bool(filters.q)
    lists = list(VIEWS.values()) if filters.q else [*VIEWS.values(), filters]
    counts = await counts_of(session, actor, lists, now=now)
    count = None if filters.q else counts.pop()
    grouping = await grouping_of(session, filters) if filters.group else None
    if grouping is None:
        page = await page_of_tickets(
            session, actor, filters, now=now, cursor=cursor, more=more, texts=texts, count=count
        )
    else:
        more = list(dict.fromkeys([*more, *(SELECTED if texts else ())]))
        page = await grouped_page(session, actor, filters, grouping, now=now, cursor=cursor, more=more, count=count)
    names = await names_of_filters(session, filters)
    views = [*_views(filters, counts), *_saved(filters, await views_of(session, actor))]
    tickets = await with_names(session, page.rows, await texts_of(session, actor, columns, page.rows))
    return {
        "tickets": tickets,
        "snippets": await snippets_of(session, page.rows, filters.q) if filters.q else {},
        "groups": await _in_groups(session, actor, filters, grouping, tickets, now),
        "columns": columns,
        "arranging": arranging,
        "next_url": filters.url(cursor=page.next_cursor) if page.next_cursor else None,
        "first_url": filters.url() if cursor else None,
        "total": count or _seen(page),
        "views": views,
        "can_be_saved": bool(filters.filtering() or filters.q or any(filters.layout().values()))
        and not any(view["current"] and view["whole"] for view in views),
        "chips": chips(filters, names),
        "filters": filters,
    }


def _seen(page: Page[Any]) -> Count:
    """What a search finds is not counted: this page says whether there is more."""
    return Count(len(page.rows), exact=page.next_cursor is None)


async def _in_groups(
    session: AsyncSession, actor: Actor, filters: TicketFilters, grouping: Grouping | None,
    tickets: Sequence[ListedTicket], now: datetime,
) -> list[ListedGroup]:  # fmt: skip
    """One without a label where the list has no groups. Each says how many it has in all, not on this page."""
    if grouping is None:
        return [ListedGroup("", "", None, tickets)]
    members: dict[str, list[ListedTicket]] = {}
    for one in tickets:
        members.setdefault(grouping.value_of(one.row), []).append(one)
    lists = [grouping.narrowed(filters, value) for value in members]
    counts = await counts_of(session, actor, lists, now=now) if lists else []
    return [
        ListedGroup(grouping.label(value), narrowed.url(), count, found)
        for (value, found), narrowed, count in zip(members.items(), lists, counts, strict=True)
    ]


async def with_names(
    session: AsyncSession, rows: Sequence[Row[Any]], texts: Mapping[int, Mapping[str, str]] | None = None
) -> list[ListedTicket]:
    persons = await people(session, [one for row in rows for one in (row.requester_id, row.assignee_id)])
    roles = await role_names(session, [row.assigned_role_id for row in rows])
    trails = await trails_of(session, [row.id for row in rows])
    moments = [name for name in ("resolved_at", "closed_at") if rows and name in rows[0]._fields]
    found = []
    for row in rows:
        requester, assignee = persons.get(row.requester_id), persons.get(row.assignee_id)
        role, trail, said = roles.get(row.assigned_role_id), trails.get(row.id), (texts or {}).get(row.id, {})
        who = tuple((one.id, one.name) if one else None for one in (requester, assignee))
        when = tuple(getattr(row, name) for name in moments)
        shown = (tuple(row[: len(COLUMNS)]), when, who, role, trail, tuple(said.items()))
        found.append(ListedTicket(row, requester, assignee, role, trail, said, shown))
    return found


MOST_TABS = 20
VIEWS: Mapping[str, TicketFilters] = {
    "all": TicketFilters(),
    "open": TicketFilters(status=tuple(sorted(OPEN_STATES))),
    "waiting": TicketFilters(status=("waiting_approval",)),
    "risk": TicketFilters(due=("risk",)),
    "mine": TicketFilters(assignee=("me",)),
}


def _views(filters: TicketFilters, counts: Sequence[Count]) -> list[dict[str, Any]]:
    labels = (
        _("All"),
        pgettext("all that are not done", "Open"),
        _("Waiting approval"),
        _("At risk"),
        _("Assigned to me"),
    )
    """They keep the columns and groups that one has chosen."""
    here = filters.filtering(), filters.q
    return [
        {
            "label": label, "href": view.url(**filters.layout()), "count": count,
            "current": (view.filtering(), view.q) == here, "whole": not any(filters.layout().values()),
        }
        for label, view, count in zip(labels, VIEWS.values(), counts, strict=True)
    ]  # fmt: skip


def _saved(filters: TicketFilters, found: Sequence[ListedView]) -> list[dict[str, Any]]:
    """Not counted: somebody's filters may be dear, and whoever they are shared with would wait for them."""
    here = _unsorted(filters)
    return [
        {"label": view.name, "href": view.url, "current": _unsorted(view.filters) == here, "whole": True}
        for view in (one.view for one in found[:MOST_TABS])
    ]


def _unsorted(filters: TicketFilters) -> set[tuple[str, str]]:
    return set(filters.pairs()) - {("sort", filters.sort)}
