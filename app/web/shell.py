"""What the frame around every page shows: who is signed in, the menu and its counts."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from litestar import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.web.door import NOBODY, visit_of
from app.web.paging import Count
from app.web.places import Place, admin_places, main_places, personal_places
from app.web.security import csrf_token
from app.web.updates import seal

Counts = Mapping[str, Count]
CountFor = Callable[[Actor], Awaitable[Counts]]


@dataclass(frozen=True, slots=True)
class LivePart:
    """A part of the page that follows what others do: what it shows now, and of what."""

    name: str
    state: str
    about: str


@dataclass(frozen=True, slots=True)
class MenuView:
    """A saved view in the menu."""

    name: str
    url: str
    opens_first: bool = False
    """It is what "Tickets" opens."""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the menu shows somebody on every page."""

    counts: Counts
    saved_views: Sequence[MenuView] = ()
    stands_in_for: Sequence[str] = ()
    """Names of those whose proxy they are now."""


Around = Callable[[Actor, AsyncSession | None], Awaitable[Surroundings]]
"""With the session of the request, if it has one."""


@dataclass(frozen=True, slots=True)
class Shell:
    actor: Actor
    company: str
    demo: bool
    csrf: str
    path: str
    active: str
    counts: Counts
    said: str = ""
    stands_in_for: Sequence[str] = ()
    """Names of those whose proxy this person is now."""
    saved_views: Sequence[MenuView] = ()
    updates: str = ""
    """Where the page hears of changes, and what it has seen."""
    since: str = ""

    @property
    def theme(self) -> str:
        return self.actor.theme

    @property
    def density(self) -> str:
        return self.actor.density

    @property
    def places(self) -> Sequence[Place]:
        """Where "Tickets" opens a view, it has no number: that would be of all tickets."""
        first = next((view.url for view in self.saved_views if view.opens_first), "")
        return [
            replace(one, url=first, counted=False) if first and one.id == "tickets" else one
            for one in main_places(self.actor)
        ]

    @property
    def personal_places(self) -> Sequence[Place]:
        return personal_places()

    @property
    def admin_places(self) -> Sequence[Place]:
        return admin_places(self.actor)

    @property
    def frame(self) -> tuple[Any, ...]:
        """All that what stands around a page can show, but where that is and the token of its forms."""
        one = self.actor
        person = one.id, one.name, one.title, one.capabilities, one.theme, one.density, one.single_keys
        menu = self.active, tuple(self.counts.items()), tuple(self.saved_views)
        return person, menu, self.company, tuple(self.stands_in_for)


def menu_state(counts: Counts) -> str:
    """The numbers that somebody waits for, in no language: who watches has none."""
    shown = (counts.get(name) for name in ("approvals", "notifications", "attention"))
    return " ".join(f"{one.number}{'' if one.exact else '+'}" if one else "" for one in shown)


async def build_shell(request: Request[Any, Any, Any], *, active: str, live: Sequence[LivePart] = ()) -> Shell:
    state, visit = request.app.state, visit_of(request)
    actor = visit.actor or NOBODY
    surroundings: Around = state.surroundings
    around = await surroundings(actor, visit.session)
    views = [_at(request, view) for view in around.saved_views]
    states = {"menu": menu_state(around.counts), **{part.name: part.state for part in live}}
    return Shell(
        actor=actor,
        company=state.settings.company,
        demo=state.settings.demo,
        csrf=csrf_token(state.settings.secret_key, visit.token),
        path=request.url.path,
        active="" if any(view.current for view in views) else active,
        counts=around.counts,
        saved_views=views,
        updates="/updates?" + urlencode({part.name: part.about for part in live}),
        since=seal(state.settings.secret_key, visit.token, states) if visit.actor else "",
        stands_in_for=around.stands_in_for,
        said=unquote(request.cookies.get("said", "")),
    )


def _at(request: Request[Any, Any, Any], view: MenuView) -> MenuView:
    """Whether this page is the view, in whatever order its address says so."""
    address = urlsplit(view.url)
    here = request.url.path == address.path and sorted(request.query_params.multi_items()) == sorted(
        parse_qsl(address.query)
    )
    return replace(view, current=here)
