"""The approvals inbox: what waits for me, what I sent back, what comes up, what I decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from app.actor import Actor
from app.approvals.models import FAR_AWAY
from app.errors import NotFound
from app.tickets.approving.deciding import find_seat
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.trails import trails_of
from app.web import params
from app.web.guards import SIGNED_IN, access
from app.web.htmx import is_fragment
from app.web.i18n import gettext as _
from app.web.pages import go, page, partial, swap
from app.web.paging import Count
from app.web.params import optional_row_id
from app.web.shell import LivePart
from app.web.transaction import Db, Who
from app.work import past_repository, repository
from app.work.coming_up import coming_up_page
from app.work.filters import InboxFilters, chips, ends_of_today_and_week
from app.work.offers import Offer, offers
from app.work.preview import Preview, preview_of
from app.work.repository import Waiting
from app.work.tab_counts import tab_counts
from app.work.what_follows import numbers_of

MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading; `count` is of the whole group, not of the page."""

    name: str
    heading: str
    rows: list[Waiting]
    count: Count


class Inbox(Controller):
    path = "/approvals"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, request: Request[Any, Any, Any], db: Db, actor: Who) -> Template:
        queue = request.query_params.get("q", "me")
        if queue == "coming-up":
            return await _coming_up(request, db, actor)
        if queue in {"decided", "sent-back"}:
            return await _past(request, db, actor, queue)
        return await _inbox(request, db, actor, chosen=None)

    @get("/filters")
    async def filters(self, request: Request[Any, Any, Any], db: Db, actor: Who) -> Template | Response[Any]:
        """What the list of this address can be filtered by."""
        filters = InboxFilters.read(request.query_params)
        if not is_fragment(request):
            return go(request, filters.url(add="1"))
        return partial("work/filter_choices", filters=filters, offers=await offers(db, actor))

    @get("/counts")
    async def counts(self, db: Db, actor: Who) -> Template:
        """Of the tabs beside this queue, once the page is there, and again when something was decided on it."""
        return swap("work/tab_counts", counts=await tab_counts(db, actor))

    @get("/news")
    async def news(self, request: Request[Any, Any, Any], db: Db, actor: Who) -> Template:
        """Of what is shown, what waits no more; how much has come since, and how many there are now."""
        filters = InboxFilters.read(request.query_params)
        after = optional_row_id(request.query_params.get("after")) or 0
        given = (optional_row_id(text) for text in request.query_params.getall("shown", [])[:MOST_SHOWN])
        shown = [seat for seat in given if seat]
        waiting = await repository.still_waiting(db, actor, shown)
        new = [seat for seat in await repository.newest_seats(db, actor, filters) if seat > after]
        gone = [seat for seat in shown if seat not in waiting]
        come = Count(len(set(new) - set(shown)), exact=len(new) < repository.NEWEST)
        numbers = await numbers_of(db, actor, filters)
        return swap("work/news", new=come, gone=gone, newest_seat=after, filters=filters, **numbers)

    @get("/{seat_id:str}")
    async def preview(
        self, request: Request[Any, Any, Any], db: Db, actor: Who, seat_id: FromPath[str]
    ) -> Template | Response[Any]:
        place = await find_seat(db, actor, params.row_id(seat_id))
        preview = await preview_of(db, actor, await ApprovalDesk(db, actor).find(place.ticket_no), place.id)
        if is_fragment(request):
            kept = InboxFilters.read(request.query_params).kept
            return partial("work/pane", preview=preview, refused="", typed="", kept=kept)
        return await _inbox(request, db, actor, chosen=preview)


async def _inbox(request: Request[Any, Any, Any], db: Db, actor: Actor, *, chosen: Preview | None) -> Template:
    cursor, filters = request.query_params.get("cursor"), InboxFilters.read(request.query_params)
    waiting = await repository.waiting_page(db, actor, cursor, filters=filters)
    as_proxy = [] if cursor else await repository.waiting_as_proxy(db, actor, filters=filters)
    counts = await repository.count_waiting(db, actor, filters)
    every = [*waiting.rows, *as_proxy]
    shown = chosen or (await _preview_first(db, actor, every[0]) if every else None)
    is_first = not (cursor or filters)
    first = [row.seat_id for row in waiting.rows] if is_first else await repository.first_seats(db, actor)
    newest = await repository.newest_seats(db, actor)
    return await page(
        request, "work/inbox", active="approvals", groups=_grouped(waiting.rows, as_proxy, counts), counts=counts,
        preview=shown, refused="", typed="", has_one=chosen is not None,
        trails=await trails_of(db, [row.ticket_id for row in every]), empty=not every, kept=filters.kept,
        live_parts=[LivePart("inbox", repository.live_state(first, newest), "all")], newest_seat=max(newest, default=0),
        filters=filters, chips=await chips(db, filters), offers=await _offers(request, db, actor),
        next_url=filters.url(cursor=waiting.next_cursor) if waiting.next_cursor else None,
        previous_url=filters.url() if cursor else None,
        tabs=tabs("me", (await repository.count_waiting(db, actor) if filters else counts)["all"]),
    )  # fmt: skip


async def _offers(request: Request[Any, Any, Any], db: Db, actor: Actor) -> list[Offer] | None:
    """Only when somebody wants to add a filter: it looks at all that waits."""
    return await offers(db, actor) if request.query_params.get("add") else None


async def _preview_first(db: Db, actor: Actor, row: Waiting) -> Preview | None:
    try:
        ticket = await ApprovalDesk(db, actor).find(row.ticket_no)
    except NotFound:
        return None
    return await preview_of(db, actor, ticket, row.seat_id)


async def _past(request: Request[Any, Any, Any], db: Db, actor: Actor, queue: str) -> Template:
    cursor = request.query_params.get("cursor")
    read = past_repository.decided_page if queue == "decided" else past_repository.sent_back_page
    rows = await read(db, actor, cursor)
    counts = await repository.count_waiting(db, actor)
    base = f"/approvals?q={queue}"
    return await page(
        request, f"work/{queue.replace('-', '_')}", active="approvals", rows=rows.rows, tabs=tabs(queue, counts["all"]),
        next_url=f"{base}&cursor={rows.next_cursor}" if rows.next_cursor else None,
        previous_url=base if cursor else None,
    )  # fmt: skip


async def _coming_up(request: Request[Any, Any, Any], db: Db, actor: Actor) -> Template:
    cursor, base = request.query_params.get("cursor"), "/approvals?q=coming-up"
    found = await coming_up_page(db, actor, cursor)
    counts = await repository.count_waiting(db, actor)
    return await page(
        request, "work/coming_up", active="approvals", rows=[(row, row.step_of(actor)) for row in found.rows],
        trails=await trails_of(db, [row.ticket_id for row in found.rows]), tabs=tabs("coming-up", counts["all"]),
        next_url=f"{base}&cursor={found.next_cursor}" if found.next_cursor else None,
        previous_url=base if cursor else None,
    )  # fmt: skip


def tabs(current: str, waiting: Count) -> list[dict[str, Any]]:
    return [
        {
            "label": _("For me"),
            "href": "/approvals",
            "current": current == "me",
            "count": waiting,
            "count_id": "waiting-n",
        },
        {
            "label": _("Sent back"),
            "href": "/approvals?q=sent-back",
            "current": current == "sent-back",
            "count": "",
            "count_id": "sent-back-n",
        },
        {
            "label": _("Coming up"),
            "href": "/approvals?q=coming-up",
            "current": current == "coming-up",
            "count": "",
            "count_id": "coming-up-n",
        },
        {"label": _("Decided"), "href": "/approvals?q=decided", "current": current == "decided", "count": None},
    ]


def _grouped(mine: Sequence[Waiting], theirs: Sequence[Waiting], counts: dict[str, Count]) -> list[Group]:
    today, week = ends_of_today_and_week()

    def place(row: Waiting) -> str:
        due = row.due_at or FAR_AWAY
        return "today" if due < today else "week" if due < week else "later"

    headings = (("today", _("Due today")), ("week", _("This week")), ("later", _("Later")))
    groups = [
        Group(name, heading, [row for row in mine if place(row) == name], counts[name]) for name, heading in headings
    ]
    for principal in dict.fromkeys((row.principal_id, row.principal) for row in theirs):
        rows = [row for row in theirs if (row.principal_id, row.principal) == principal]
        heading = _("As proxy for %(name)s") % {"name": principal[1]}
        groups.append(Group(f"proxy-{principal[0]}", heading, rows, Count(len(rows))))
    return [group for group in groups if group.rows]
