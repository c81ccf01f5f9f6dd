"""What the palette offers for what was typed so far: places, forms, views and tickets, in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.vocabulary import shown_status, status_word
from app.actor import Actor
from app.db.patience import Patience
from app.errors import NotFound
from app.ticket_templates.service import TicketTemplates
from app.tickets.desk import Desk
from app.tickets.finding import by_number, by_words, is_number
from app.tickets.policy import May
from app.tickets.recent.repository import recent_tickets
from app.tickets.requesting import BLANK
from app.tickets.saved_views.repository import views_of
from app.web.i18n import gettext as _
from app.web.params import ticket_no as canonical
from app.web.places import Place, admin_places, further_places, main_places, personal_places

MOST_TICKETS, MOST_OTHERS = 8, 6
IN_A_HURRY = 400
"""Milliseconds: who types does not wait for a word that is in every ticket."""
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose. A ticket has its number and the glyph of its status instead of an icon."""

    url: str
    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    number: str = ""
    status: str = ""
    status_label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Found:
    """`cut_off`: the words are in too many tickets to look through them while somebody types."""

    words: str
    groups: list[Group]
    cut_off: bool = False

    @property
    def number(self) -> int:
        return sum(len(group.choices) for group in self.groups)


class Palette:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def find(self, words: str, *, page: str = "") -> Found:
        """`page`: the path of the page that it was opened on, where no script knows what can be done there.

        What is there comes before what could be asked for under these words: Enter takes the first.
        """
        patience, none = Patience(self.session, IN_A_HURRY), list[Choice]()
        found = await patience.wait_for("tickets", lambda: self._tickets(words), none)
        tickets = Group("tickets", _("Tickets") if words else _("Looked at last"), found)
        forms = await self._forms(words)
        new = Group("new", _("New request"), [*forms, *_titled(words)])
        groups = [
            *await self._on(page),
            Group("go", _("Go to"), self._places(words)),
            *([new] if forms else []),
            Group("views", _("Views"), await self._views(words)),
            tickets,
            *([] if forms else [new]),
        ]
        if is_number(words):
            groups = [tickets, *(group for group in groups if group is not tickets)]
        return Found(words, [group for group in groups if group.choices], bool(patience.left_out))

    async def _tickets(self, words: str) -> list[Choice]:
        if not words:
            return [_ticket(row) for row in await recent_tickets(self.session, self.actor, MOST_TICKETS)]
        rows = [
            *await by_number(self.session, self.actor, words),
            *await by_words(self.session, self.actor, words, MOST_TICKETS),
        ]
        return [_ticket(row) for row in {row.ticket_no: row for row in rows}.values()][:MOST_TICKETS]

    def _places(self, words: str) -> list[Choice]:
        if not words:
            return [_place(one) for one in main_places(self.actor)]
        known = [*main_places(self.actor), *personal_places(), *further_places(), *admin_places(self.actor)]
        return [_place(one) for one in known if _fits(words, one.name)][:MOST_OTHERS]

    async def _forms(self, words: str) -> list[Choice]:
        """The forms that fit; where nothing is typed, the way to all of them."""
        if not words:
            return [Choice("/tickets/new", _("New request…"), "plus", ("C",))]
        offered = await TicketTemplates(self.session, self.actor).offered()
        fitting = [one for one in offered if _fits(words, f"{_('New request')} {one.name} {one.prefix}")]
        return [Choice(f"/tickets/new/{one.key}", one.name, one.icon) for one in fitting[:MOST_OTHERS]]

    async def _views(self, words: str) -> list[Choice]:
        found = await views_of(self.session, self.actor)
        fitting = [one.view for one in found if words and _fits(words, one.view.name)]
        return [Choice(view.url, view.name, "bookmark") for view in fitting[:MOST_OTHERS]]

    async def _on(self, page: str) -> list[Group]:
        """Of a ticket's page."""
        try:
            ticket = await Desk(self.session, self.actor).find(canonical(page.removeprefix("/tickets/")))
        except NotFound:
            return []
        may, url = May(self.actor, ticket), f"/tickets/{ticket.ticket_no}"
        choices = [Choice(url, ticket.title, "arrow-left")]
        choices += [Choice(f"{url}#activity", _("Comment"), "message-square")] if may.comment else []
        choices += [Choice(f"{url}/edit", _("Edit"), "pencil")] if may.edit_content else []
        return [Group("on", _("On %(number)s") % {"number": ticket.ticket_no}, choices)]


def _titled(words: str) -> list[Choice]:
    """Words that are no number make a title."""
    if not words or is_number(words):
        return []
    title = urlencode({"title": words[:LONGEST_TITLE]})
    return [Choice(f"/tickets/new/{BLANK}?{title}", _("Ask for “%(words)s”") % {"words": words}, "plus")]


def _fits(words: str, name: str) -> bool:
    text = name.casefold()
    return all(word in text for word in words.casefold().split())


def _place(place: Place) -> Choice:
    return Choice(place.url, place.name, place.icon, ("G", place.go.upper()) if place.go else ())


def _ticket(row: Any) -> Choice:
    status, said = shown_status(row.status, row.approval), status_word(row.status, row.approval)
    return Choice(f"/tickets/{row.ticket_no}", row.title, "", (), row.ticket_no, status, said)
