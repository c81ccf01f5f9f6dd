"""A saved view of the list: named from what is filtered, shaped by their owner, opened by those it is shared with."""

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Template
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import role_names
from app.actor import Actor
from app.clock import utc_now
from app.db.patience import Patience
from app.errors import NotPossible, Refused
from app.tickets.bulk.form import filters_of
from app.tickets.controllers.answering import Answer, AnyRequest
from app.tickets.filter_words import chips, names_of_filters
from app.tickets.filters import TicketFilters
from app.tickets.list_fields import list_fields, understood
from app.tickets.repository import counts_of
from app.tickets.saved_views.models import LONGEST_NAME, SavedView
from app.tickets.saved_views.repository import views_of
from app.tickets.saved_views.service import SavedViews
from app.web.forms import Form, Submitted, submitted
from app.web.guards import SIGNED_IN, access
from app.web.i18n import gettext as _
from app.web.pages import go, page
from app.web.paging import Count
from app.web.params import row_id
from app.web.transaction import Db, Who

COUNTED_WITHIN = 2_000
"""Milliseconds, for all views of the page."""


class ViewForm(Form):
    def __init__(self, values: Submitted) -> None:
        super().__init__(values)
        self.name = self.text("name", required=True, limit=LONGEST_NAME)
        self.role_id = self.row("role_id")
        self.pinned = self.flag("pinned")


class SavedViewPages(Controller):
    path = "/views"
    opt = access(SIGNED_IN)

    @get()
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        """Administrators look after whatever is shared."""
        desk = SavedViews(db, actor)
        listed = await views_of(db, actor, every_shared=actor.is_admin)
        counts = await _counts(db, actor, [one.view for one in listed])
        views = [
            {"listed": one, "view": one.view, "may": desk.may(one.view), "count": count}
            for one, count in zip(listed, counts, strict=True)
        ]
        return await page(request, "tickets/saved_views/index", active="tickets", views=views)

    @get("/new")
    async def ask(self, request: AnyRequest, db: Db, actor: Who) -> Template:
        filters = TicketFilters.read(request.query_params.multi_items())
        return await _new(request, db, actor, filters, ViewForm.fresh(pinned="1"))

    @post(status_code=200)
    async def keep(self, request: AnyRequest, db: Db, actor: Who) -> Answer:
        sent = await submitted(request)
        form, filters = ViewForm(sent), filters_of(sent)
        status = 422
        if not form.errors:
            try:
                view = await SavedViews(db, actor).keep(
                    filters, name=form.name, role_id=form.role_id, pinned=form.pinned
                )
                return go(request, view.url, say=_("Saved: %(name)s.") % {"name": view.name})
            except (Refused, NotPossible) as error:
                form.refuse(error if isinstance(error, Refused) else Refused(error.sentence))
                status = error.status_code
        return await _new(request, db, actor, filters, form, status=status)


class SavedViewPage(Controller):
    """One of them."""

    path = "/views/{view_id:str}"
    opt = access(SIGNED_IN)

    @get()
    async def open(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        return go(request, (await SavedViews(db, actor).find(row_id(view_id))).url)

    @get("/edit")
    async def edit(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Template:
        view = await SavedViews(db, actor).find_own(row_id(view_id))
        [listed] = await views_of(db, actor, view_id=view.id)
        given = {"name": view.name, "role_id": str(view.role_id or ""), "pinned": "1" if listed.pinned else ""}
        return await _edit(request, db, actor, view, ViewForm.fresh(**given))

    @post(status_code=200)
    async def rename(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Answer:
        desk = SavedViews(db, actor)
        view, form = await desk.find_own(row_id(view_id)), ViewForm(await submitted(request))
        if not form.errors:
            try:
                await desk.rename(view, name=form.name, role_id=form.role_id)
                await desk.pin(view, form.pinned)
                return go(request, "/views", say=_("Saved: %(name)s.") % {"name": view.name})
            except Refused as error:
                form.refuse(error)
        return await _edit(request, db, actor, view, form, status=422)

    @post("/filters", status_code=200)
    async def refilter(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = SavedViews(db, actor)
        view = await desk.find_own(row_id(view_id))
        await desk.refilter(view, filters_of(await submitted(request)))
        return go(request, view.url, say=_("%(name)s shows these tickets from now on.") % {"name": view.name})

    @post("/copy", status_code=200)
    async def copy(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = SavedViews(db, actor)
        view = await desk.find(row_id(view_id))
        made = await desk.copy(view, name=_("Copy of %(name)s") % {"name": view.name})
        return go(request, f"/views/{made.id}/edit", say=_("This copy is yours."))

    @post("/pin", status_code=200)
    async def pin(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = SavedViews(db, actor)
        view, pinned = await desk.find(row_id(view_id)), Form(await submitted(request)).flag("pinned")
        await desk.pin(view, pinned)
        return go(request, "/views", say=_("It is in your menu.") if pinned else _("It left your menu."))

    @post("/default", status_code=200)
    async def open_first(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = SavedViews(db, actor)
        view, chosen = await desk.find(row_id(view_id)), Form(await submitted(request)).flag("is_default")
        await desk.open_first(view, chosen)
        told = _("“Tickets” in your menu opens it.") if chosen else _("“Tickets” in your menu opens all tickets.")
        return go(request, "/views", say=told)

    @post("/deletion", status_code=200)
    async def delete(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Response[Any]:
        desk = SavedViews(db, actor)
        view = await desk.find(row_id(view_id))
        await desk.delete(view)
        return go(request, "/views", say=_("Deleted: %(name)s.") % {"name": view.name})


async def _counts(db: AsyncSession, actor: Actor, views: Sequence[SavedView]) -> Sequence[Count | None]:
    """In one statement. Somebody's filters may be dear: what is not soon counted has no numbers."""
    fields = await list_fields(db, actor) if views else {}
    lists = [await understood(db, actor, view.filters, fields) for view in views]

    async def count() -> Sequence[Count | None]:
        return await counts_of(db, actor, lists, now=utc_now()) if lists else []

    return await Patience(db, at_most=COUNTED_WITHIN).wait_for("counts", count, [None] * len(views))


async def _new(
    request: AnyRequest, db: AsyncSession, actor: Actor, filters: TicketFilters, form: ViewForm, *, status: int = 200
) -> Template:
    own = [one.view for one in await views_of(db, actor) if one.view.owner_id == actor.id]
    filters = await understood(db, actor, filters)
    return await page(
        request, "tickets/saved_views/new", active="tickets", status=status, form=form, filters=filters, own=own,
        chips=chips(filters, await names_of_filters(db, filters)), roles=await _roles(db, actor),
    )  # fmt: skip


async def _edit(
    request: AnyRequest, db: AsyncSession, actor: Actor, view: SavedView, form: ViewForm, *, status: int = 200
) -> Template:
    filters = await understood(db, actor, view.filters)
    said = chips(filters, await names_of_filters(db, filters))
    return await page(
        request, "tickets/saved_views/edit", active="tickets", status=status, form=form, view=view, chips=said,
        roles=await _roles(db, actor, view),
    )  # fmt: skip


async def _roles(db: AsyncSession, actor: Actor, view: SavedView | None = None) -> list[dict[str, Any]]:
    """One's own, and the one that the view has already."""
    ids = {*actor.role_ids, *((view.role_id,) if view and view.role_id else ())}
    names = sorted((await role_names(db, ids)).items(), key=lambda row: row[1].casefold())
    return [{"value": str(role), "label": name} for role, name in names]
