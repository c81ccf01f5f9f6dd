"""The queries behind saved views: each starts from what this person may open."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.accounts.repository import people, role_names
from app.actor import Actor
from app.db.constants import planned_once
from app.tickets.saved_views.models import SavedView, SavedViewPin

MOST_SHOWN = 200
MOST_PINNED = 20


def open_to(actor: Actor) -> ColumnElement[bool]:
    """One's own and those of one's roles: who leaves the role has the view no longer."""
    return or_(SavedView.owner_id == actor.id, SavedView.role_id.in_(actor.role_ids))


@dataclass(frozen=True, slots=True)
class ListedView:
    view: SavedView
    owner: str
    role: str | None
    pinned: bool
    is_default: bool


async def views_of(
    session: AsyncSession, actor: Actor, *, view_id: int | None = None, every_shared: bool = False
) -> list[ListedView]:
    """By name, one's own first. `every_shared`: those of others' roles too, for whoever looks after them."""
    query = _views(actor.rights, every_shared)
    if view_id is not None:
        query = query.where(SavedView.id == view_id)
    rows = (await session.execute(query)).all()
    owners = await people(session, [view.owner_id for view, _pin, _default in rows])
    roles = await role_names(session, [view.role_id for view, _pin, _default in rows if view.role_id])
    return [
        ListedView(view, owners[view.owner_id].name, roles.get(view.role_id or 0), pin is not None, bool(is_default))
        for view, pin, is_default in rows
    ]


@lru_cache(maxsize=1000)
def _views(actor: Actor, every_shared: bool) -> Any:
    own_pin = (SavedViewPin.view_id == SavedView.id) & (SavedViewPin.user_id == actor.id)
    query = (
        select(SavedView, SavedViewPin.id, SavedViewPin.is_default)
        .outerjoin(SavedViewPin, own_pin)
        .where(or_(open_to(actor), SavedView.role_id.is_not(None)) if every_shared else open_to(actor))
        .order_by(SavedView.owner_id != actor.id, func.lower(SavedView.name), SavedView.id)
        .limit(MOST_SHOWN)
        .execution_options(populate_existing=True)
    )
    return planned_once(query)


async def pinned_by(session: AsyncSession, actor: Actor) -> Sequence[tuple[SavedView, bool]]:
    """Each with whether it is the one that "Tickets" opens."""
    return [(row[0], row[1]) for row in (await session.execute(_pinned(actor.rights))).all()]


@lru_cache(maxsize=1000)
def _pinned(actor: Actor) -> Select[SavedView, bool]:
    """On every page, so made once for who sees the same."""
    query = select(SavedView, SavedViewPin.is_default).join(SavedViewPin, SavedViewPin.view_id == SavedView.id)
    mine = query.where(SavedViewPin.user_id == actor.id, open_to(actor))
    return planned_once(mine.order_by(SavedViewPin.id).limit(MOST_PINNED))


async def find_view(session: AsyncSession, actor: Actor, view_id: int) -> SavedView | None:
    """Held until the transaction ends. Administrators find whatever is shared."""
    may_find = or_(open_to(actor), SavedView.role_id.is_not(None)) if actor.is_admin else open_to(actor)
    query = select(SavedView).where(SavedView.id == view_id, may_find).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def how_many_of(session: AsyncSession, actor: Actor) -> int:
    query = select(func.count()).select_from(SavedView).where(SavedView.owner_id == actor.id)
    return (await session.execute(query)).scalar_one()


async def pin(session: AsyncSession, actor: Actor, view: SavedView) -> None:
    pinned = insert(SavedViewPin).values(user_id=actor.id, view_id=view.id)
    await session.execute(pinned.on_conflict_do_nothing())


async def open_first(session: AsyncSession, actor: Actor, view: SavedView) -> None:
    """This one of theirs and no other. One choice at a time: of two at once, neither would see the other's."""
    await session.execute(select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
    mine = update(SavedViewPin).where(SavedViewPin.user_id == actor.id)
    await session.execute(mine.where(SavedViewPin.is_default).values(is_default=False))
    await session.execute(mine.where(SavedViewPin.view_id == view.id).values(is_default=True))


async def open_no_longer_first(session: AsyncSession, actor: Actor, view: SavedView) -> None:
    this = update(SavedViewPin).where(SavedViewPin.user_id == actor.id, SavedViewPin.view_id == view.id)
    await session.execute(this.values(is_default=False))


async def unpin(session: AsyncSession, actor: Actor, view: SavedView) -> None:
    mine = delete(SavedViewPin).where(SavedViewPin.user_id == actor.id, SavedViewPin.view_id == view.id)
    await session.execute(mine)
