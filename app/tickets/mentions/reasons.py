"""Calling people in words that come with an act: a reason, a vote's comment, a resolution."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.tickets.mentions.models import TicketMention
from app.tickets.mentions.repository import called_in
from app.tickets.visibility import who_may_see


class Calls:
    """Of one act: the same words call once, however many events tell them. No act waits for it; its result says who
    will not hear."""

    def __init__(self) -> None:
        self.unheard: list[str] = []
        self._said: set[str] = set()

    async def hear(self, session: AsyncSession, note: TicketNote, words: str) -> None:
        if "@" not in words or words in self._said:
            return
        self._said.add(words)
        named = await called_in(session, words)
        if not named:
            return
        rows = [{"ticket_id": note.ticket_id, "note_id": note.id, "user_id": user} for user in named]
        await session.execute(insert(TicketMention).values(rows).on_conflict_do_nothing())
        await session.flush()
        seeing = await who_may_see(session, note.ticket_id, named)
        self.unheard += [name for user, name in named.items() if user not in seeing]
