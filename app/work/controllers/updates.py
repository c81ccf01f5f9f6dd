"""Live pages: a stream of "this part has changed", and the menu's numbers."""

from typing import Any

from litestar import Controller, Request, get
from litestar.datastructures import State
from litestar.response import Stream, Template
from sqlalchemy import select

from app.actor import Actor
from app.errors import NotFound
from app.tickets.live import newest
from app.tickets.models import Ticket
from app.tickets.presence.repository import others_here
from app.tickets.visibility import visible
from app.web import params
from app.web.door import visit_of
from app.web.guards import SIGNED_IN, access
from app.web.hub import HERE, Place
from app.web.pages import swap
from app.web.shell import menu_state
from app.web.transaction import Who
from app.web.updates import Look, States, stream
from app.work import repository


class Updates(Controller):
    path = "/updates"
    opt = access(SIGNED_IN)

    @get()
    async def follow(self, request: Request[Any, Any, Any], actor: Who, state: State) -> Stream:
        """Takes no session of its own: a stream may be open for hours."""
        state.hub.insist_on_room(actor.id)
        parts = frozenset({"inbox", HERE} & set(request.query_params))
        ticket_id = await _ticket_id(state, actor, request.query_params.get("ticket"))
        place = Place(visit_of(request).token, actor, ticket_id, parts)
        since = request.headers.get("last-event-id") or request.query_params.get("since")
        flow = stream(state.hub, place, _looking(state), secret=state.settings.secret_key, since=since)
        return Stream(flow, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


class Badges(Controller):
    path = "/me/badges"
    opt = access(SIGNED_IN)

    @get()
    async def show(self, actor: Who, state: State) -> Template:
        return swap("work/badges", counts=await state.count_for(actor))


async def _ticket_id(state: State, actor: Actor, ticket_no: str | None) -> int | None:
    if ticket_no is None:
        return None
    query = select(Ticket.id).where(Ticket.ticket_no == params.ticket_no(ticket_no), visible(actor))
    async with state.database.session() as session:
        found: int | None = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _looking(state: State) -> Look:
    async def look(place: Place) -> States | None:
        """With the eyes of the reader as they are now: their session, roles and proxies are read anew."""
        actor: Actor | None = await state.by_session(place.token)
        if actor is None:
            return None
        states = {"menu": menu_state(await state.count_hot(actor))}
        async with state.database.session() as session:
            if "inbox" in place.parts:
                first = await repository.first_seats(session, actor)
                states["inbox"] = repository.live_state(first, await repository.newest_seats(session, actor))
            if place.ticket_id is not None:
                seen = await newest(session, actor, place.ticket_id)
                if seen is None:
                    return None
                states["ticket"] = str(seen)
                if HERE in place.parts:
                    others = await others_here(session, actor, place.ticket_id)
                    states[HERE] = " ".join(str(one.id) for one in others)
        return states

    return look
