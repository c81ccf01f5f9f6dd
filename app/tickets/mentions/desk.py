"""Calling people in a text: who would not hear is said first, and nobody is let in by being named."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import Actor
from app.errors import Refused
from app.tickets.mentions.models import TicketMention
from app.tickets.mentions.repository import called_by, called_in
from app.tickets.models import Ticket
from app.tickets.policy import May
from app.tickets.properties import Properties
from app.tickets.visibility import approvers_among, who_may_see
from app.web.i18n import gettext as _
from app.web.i18n import series


class Unheard(StrEnum):
    """What becomes of a text that calls somebody who could not read it."""

    REFUSE = "refuse"
    ACCEPT = "accept"
    OPEN = "open"
    """The ticket is opened to them first, by whoever may."""


class WouldNotHear(Refused):
    """Nothing was sent: the writer has not said that it may be, though these people are not told."""

    def __init__(self, sentence: str, names: list[str], *, may_open: bool) -> None:
        super().__init__(sentence, {"note": sentence}, code="unheard", unheard=names)
        self.names, self.may_open = names, may_open


class Mentions:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def called(self, ticket: Ticket, text: str, *, audience: str, unheard: Unheard) -> dict[int, str]:
        """Whom this text calls, before it is written down."""
        named = await called_in(self.session, text)
        if unheard == Unheard.OPEN:
            desk = Properties(self.session, self.actor)
            for user_id in await self._blind(ticket, named):
                await desk.grant(ticket, user_id=user_id, role_id=None)
        elif unheard == Unheard.REFUSE:
            await self._insist_on_hearing(ticket, named, audience)
        return named

    async def keep(self, note: TicketNote, named: Mapping[int, str]) -> None:
        """Exactly these; whether they are told is found out when they are."""
        gone = (TicketMention.note_id == note.id, TicketMention.user_id.not_in(list(named)))
        await self.session.execute(delete(TicketMention).where(*gone))
        rows = [{"ticket_id": note.ticket_id, "note_id": note.id, "user_id": user} for user in named]
        if rows:
            await self.session.execute(insert(TicketMention).values(rows).on_conflict_do_nothing())

    async def kept(self, note: TicketNote) -> set[int]:
        return (await called_by(self.session, [note.id])).get(note.id, set())

    async def described(self, ticket: Ticket, *, before: str, kinds: tuple[str, ...]) -> list[str]:
        """Whom the description calls now and did not before; the names of those of them who will not hear of it.

        `kinds`: the events by which it came to say that; the last of them on this ticket is told to them.
        """
        old = await called_in(self.session, before)
        named = await called_in(self.session, ticket.description)
        new = {user: name for user, name in named.items() if user not in old}
        if not new:
            return []
        last = select(func.max(TicketNote.id)).where(
            TicketNote.ticket_id == ticket.id, TicketNote.event_type.in_(kinds)
        )
        note = await self.session.get(TicketNote, (await self.session.execute(last)).scalar_one())
        if note is not None:
            await self.keep(note, new)
        return [new[user] for user in await self._blind(ticket, new)]

    async def _insist_on_hearing(self, ticket: Ticket, named: Mapping[int, str], audience: str) -> None:
        blind = await self._blind(ticket, named)
        may_open = May(self.actor, ticket).share
        if blind:
            sentence = _("They cannot see this ticket, and will not be told: %(names)s.")
        elif audience == "approvers":
            blind, may_open = await self._no_approvers(ticket, named), False
            sentence = _("They do not read what approvers write to each other, and will not be told: %(names)s.")
        if blind:
            names = [named[user] for user in blind]
            raise WouldNotHear(sentence % {"names": series(names)}, names, may_open=may_open)

    async def _blind(self, ticket: Ticket, named: Mapping[int, str]) -> list[int]:
        await self.session.flush()
        seeing = await who_may_see(self.session, ticket.id, named)
        return [user for user in named if user not in seeing]

    async def _no_approvers(self, ticket: Ticket, named: Mapping[int, str]) -> list[int]:
        reading = await approvers_among(self.session, ticket.id, named)
        return [user for user in named if user not in reading]
