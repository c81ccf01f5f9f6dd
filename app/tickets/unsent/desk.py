"""Keeping what somebody types into a comment until they send it: across reloads, devices and lost sessions."""

from sqlalchemy import Text, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from app.db.constants import given, plain_write, table_of
from app.tickets.commands import CommandBook
from app.tickets.desk import Desk
from app.tickets.models import Ticket
from app.tickets.unsent.models import CommentDraft

LONGEST = 60_000
_MINE = (
    select(CommentDraft)
    .where(CommentDraft.user_id == given("person"), CommentDraft.ticket_id == given("ticket"))
    .execution_options(populate_existing=True)
)

_TABLE = table_of(CommentDraft)
_FORGET = plain_write(delete(_TABLE).where(_TABLE.c.user_id == given("person"), _TABLE.c.ticket_id == given("ticket")))
_TURN = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("turn", type_=Text), literal_column("7"))))


class CommentDrafts(Desk):
    """Each person's own. The ticket was found for them: of one that is hidden from them nobody comes this far."""

    async def of(self, ticket: Ticket, *, is_approver: bool) -> CommentDraft | None:
        """What was meant for approvers is not laid before everybody by whoever is none any more."""
        mine = {"person": self.actor.id, "ticket": ticket.id}
        draft = (await self.session.execute(_MINE, mine)).scalar_one_or_none()
        return draft if draft is None or is_approver or draft.audience == "everyone" else None

    async def keep_unless_sent(self, ticket: Ticket, text: str, *, audience: str, command: str) -> None:
        """What comes after its comment was sent is no draft any more."""
        await self._take_turns(ticket)
        if not await CommandBook(self.session, self.actor).knows(command):
            await self.keep(ticket, text, audience=audience)

    async def keep(self, ticket: Ticket, text: str, *, audience: str) -> None:
        """The last word wins; nothing typed is nothing kept."""
        if not text.strip():
            await self.forget(ticket)
            return
        said = {"text": text[:LONGEST], "audience": audience, "updated_at": await self.now()}
        draft = insert(CommentDraft).values(user_id=self.actor.id, ticket_id=ticket.id, **said)
        again = draft.on_conflict_do_update(index_elements=[CommentDraft.user_id, CommentDraft.ticket_id], set_=said)
        await self.session.execute(again)

    async def forget(self, ticket: Ticket) -> None:
        await self._take_turns(ticket)
        await self.session.execute(_FORGET, {"person": self.actor.id, "ticket": ticket.id})

    async def _take_turns(self, ticket: Ticket) -> None:
        """A draft that is on its way while its comment is sent comes before that, or finds that it was sent."""
        await self.session.execute(_TURN, {"turn": f"comment draft {self.actor.id} {ticket.id}"})
