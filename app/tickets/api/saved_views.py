"""Saved views as JSON: one's own, and those of one's roles."""

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.tickets.api.filtering import filters_of_address
from app.tickets.saved_views.models import LONGEST_NAME
from app.tickets.saved_views.repository import ListedView, views_of
from app.tickets.saved_views.service import SavedViews
from app.web.api import AnyRequest, Id, Json, Named, Sent, answer, begin, cleaned, described, nothing, query_of
from app.web.guards import API, access
from app.web.json_body import read
from app.web.params import row_id
from app.web.transaction import Db, Who

Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Address = Annotated[str, Meta(max_length=8_000)]


class NewView(Sent):
    """`query`: what stands after `?` in the address of the list. `role_id`: share it with this role of yours."""

    name: Name
    query: Address
    role_id: Id | None = None
    pinned: bool = False


class ViewChange(Sent, kw_only=True):
    """What is absent stays. `pinned` and `is_default` are about your own menu: they may be set on what others share."""

    name: Name | UnsetType = UNSET
    query: Address | UnsetType = UNSET
    role_id: Id | UnsetType | None = UNSET
    pinned: bool | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


class ViewOut(Struct):
    id: int
    name: str
    query: str
    owner: Named
    role: Named | None
    pinned: bool
    is_default: bool
    """What "Tickets" in your menu opens."""


class ViewsOut(Struct):
    """Yours first, by name."""

    items: list[ViewOut]
    next_cursor: None = None


class SavedViewsApi(Controller):
    path = "/api/v1/views"
    opt = access(API)

    @get(**described("Saved views: yours and those of your roles", gives=ViewsOut))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        query_of(request)
        return answer(ViewsOut([_out(one) for one in await views_of(db, actor)]))

    @post(**described("Save a view", takes=NewView, gives=ViewOut, status=201, refuses=(409,)))
    async def keep(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        command = await begin(request, db, actor)
        if command.known:
            return command.known
        sent = await read(request, NewView)
        made = await SavedViews(db, actor).keep(
            await filters_of_address(db, actor, sent.query),
            name=cleaned("name", sent.name, limit=LONGEST_NAME), role_id=sent.role_id,
            pinned=sent.pinned,
        )  # fmt: skip
        return await command.keep(await _one(db, actor, made.id, status=201, location=f"{self.path}/{made.id}"))

    @patch("/{view_id:str}", **described("Change a view", takes=ViewChange, gives=ViewOut))
    async def change(self, request: AnyRequest, view_id: FromPath[str], db: Db, actor: Who) -> Json:
        desk = SavedViews(db, actor)
        view = await desk.find(row_id(view_id))
        sent = await read(request, ViewChange)
        if not isinstance(sent.pinned, UnsetType):
            await desk.pin(view, sent.pinned)
        if not isinstance(sent.is_default, UnsetType):
            await desk.open_first(view, sent.is_default)
        if any(one is not UNSET for one in (sent.name, sent.query, sent.role_id)):
            await desk.find_own(view.id)
            name = view.name if isinstance(sent.name, UnsetType) else cleaned("name", sent.name, limit=LONGEST_NAME)
            role_id = view.role_id if isinstance(sent.role_id, UnsetType) else sent.role_id
            await desk.rename(view, name=name, role_id=role_id)
            if not isinstance(sent.query, UnsetType):
                await desk.refilter(view, await filters_of_address(db, actor, sent.query))
        return await _one(db, actor, view.id)

    @delete("/{view_id:str}", **described("Delete a view: yours, or for administrators what is shared", status=204))
    async def delete(self, view_id: FromPath[str], db: Db, actor: Who) -> Json:
        desk = SavedViews(db, actor)
        await desk.delete(await desk.find(row_id(view_id)))
        return nothing()


async def _one(db: AsyncSession, actor: Actor, view_id: int, **more: Any) -> Json:
    [listed] = await views_of(db, actor, view_id=view_id, every_shared=actor.is_admin)
    return answer(_out(listed), **more)


def _out(one: ListedView) -> ViewOut:
    view = one.view
    role = Named(view.role_id, one.role or "") if view.role_id else None
    owner = Named(view.owner_id, one.owner)
    return ViewOut(view.id, view.name, urlencode(view.filters.pairs()), owner, role, one.pinned, one.is_default)
