"""The verbs on saved views: their owner shapes them, whoever they are shared with opens and pins them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.errors import NotAllowed, NotFound, NotPossible, Refused
from app.tickets.filters import TicketFilters
from app.tickets.saved_views.models import LONGEST_NAME, SavedView
from app.tickets.saved_views.policy import MayView
from app.tickets.saved_views.repository import find_view, how_many_of, open_first, open_no_longer_first, pin, unpin

MOST = 100
"""Views of one person."""


class SavedViews:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def find(self, view_id: int) -> SavedView:
        view = await find_view(self.session, self.actor, view_id)
        if view is None:
            raise NotFound
        return view

    async def find_own(self, view_id: int) -> SavedView:
        view = await self.find(view_id)
        if not self.may(view).change:
            raise NotAllowed("Only who made this view can change it. You can make a copy.")
        return view

    def may(self, view: SavedView) -> MayView:
        return MayView(self.actor, view)

    async def keep(self, filters: TicketFilters, *, name: str, role_id: int | None, pinned: bool) -> SavedView:
        if await how_many_of(self.session, self.actor) >= MOST:
            raise NotPossible("You have a hundred views already. Delete one that you no longer use.")
        self._insist_on_role(role_id)
        view = SavedView(owner_id=self.actor.id, name=name, role_id=role_id, query=_pairs(filters))
        self.session.add(view)
        await self.session.flush()
        if pinned:
            await self.pin(view, True)
        return view

    async def rename(self, view: SavedView, *, name: str, role_id: int | None) -> None:
        """It may stay with a role that its owner has left meanwhile, and not go to another."""
        if role_id != view.role_id:
            self._insist_on_role(role_id)
        view.name, view.role_id = name, role_id
        await self.session.flush()

    async def refilter(self, view: SavedView, filters: TicketFilters) -> None:
        view.query = _pairs(filters)
        await self.session.flush()

    async def copy(self, view: SavedView, *, name: str) -> SavedView:
        """One's own, whoever made the first."""
        return await self.keep(view.filters, name=name[:LONGEST_NAME], role_id=None, pinned=False)

    async def pin(self, view: SavedView, pinned: bool) -> None:
        await (pin if pinned else unpin)(self.session, self.actor, view)

    async def open_first(self, view: SavedView, is_default: bool) -> None:
        """What their menu's "Tickets" opens is in their menu."""
        if is_default:
            await self.pin(view, True)
        await (open_first if is_default else open_no_longer_first)(self.session, self.actor, view)

    async def delete(self, view: SavedView) -> None:
        if not self.may(view).delete:
            raise NotAllowed("Only who made this view can delete it.")
        view.delete_softly(at=utc_now())
        await self.session.flush()

    def _insist_on_role(self, role_id: int | None) -> None:
        if role_id is not None and role_id not in self.actor.role_ids:
            raise Refused.at("role_id", "Choose one of your own roles.")


def _pairs(filters: TicketFilters) -> list[list[str]]:
    return [list(pair) for pair in filters.pairs()]
