"""The people behind names, and whom a ticket's texts call."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.activity.models import TicketNote
from app.actor import SYSTEM_ID
from app.db.constants import among, given
from app.tickets.mentions.models import TicketMention
from app.tickets.models import Ticket
from app.web.markdown import LONG, calls_in, is_called

MOST_CALLED = 20
LONGEST_NAME = 120
MOST_OFFERED = 8
_IS_HERE = (User.deactivated_at.is_(None), User.id != SYSTEM_ID)


_MENTIONED = (
    select(TicketMention.note_id, TicketNote.system, User.name)
    .join(TicketNote, TicketNote.id == TicketMention.note_id)
    .join(User, User.id == TicketMention.user_id)
    .where(
        TicketMention.ticket_id == given("ticket"), or_(TicketNote.system, among(TicketMention.note_id, "notes"))
    )
    .order_by(User.name)
    .limit(2000)
)  # fmt: skip


async def called_in(session: AsyncSession, text: str) -> dict[int, str]:
    """Names by id of the active people whom this text calls; those who share a name are all called by it."""
    found = await asyncio.to_thread(calls_in, text) if len(text) > LONG else calls_in(text)
    calls = [call[:LONGEST_NAME] for call in found[:MOST_CALLED]]
    if not calls:
        return {}
    begins = (func.starts_with(func.lower(literal(call)), func.lower(User.name)) for call in calls)
    rows = (await session.execute(select(User.id, User.name).where(*_IS_HERE, or_(*begins)))).all()
    called: dict[int, str] = {}
    for call in calls:
        fitting = [row for row in rows if is_called(row.name, call)]
        longest = max((len(row.name) for row in fitting), default=0)
        called |= {row.id: row.name for row in fitting if len(row.name) == longest}
    return called


async def people_like(session: AsyncSession, words: str) -> Sequence[User]:
    """Active people: those first whose name begins like that."""
    name, asked = func.lower(User.name), func.lower(literal(words))
    query = select(User).where(*_IS_HERE, func.strpos(name, asked) > 0)
    ordered = query.order_by(func.starts_with(name, asked).desc(), User.name, User.id)
    return (await session.execute(ordered.limit(MOST_OFFERED))).scalars().all()


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Names that stand out in a ticket's texts."""

    comments: Mapping[int, tuple[str, ...]]
    """By comment."""
    description: tuple[str, ...] = ()


async def mentioned_on(session: AsyncSession, ticket: Ticket, note_ids: Iterable[int]) -> Mentioned:
    """In its description, and in these of its comments."""
    comments, description = defaultdict[int, list[str]](list), set[str]()
    asked = {"ticket": ticket.id, "notes": sorted(note_ids)}
    for note_id, is_event, name in (await session.execute(_MENTIONED, asked)).all():
        if is_event:
            description.add(name)
        else:
            comments[note_id].append(name)
    return Mentioned({note: tuple(names) for note, names in comments.items()}, tuple(sorted(description)))


async def called_by(session: AsyncSession, note_ids: Iterable[int]) -> dict[int, set[int]]:
    """Ids of the people called, by note."""
    found = defaultdict[int, set[int]](set)
    query = select(TicketMention.note_id, TicketMention.user_id).where(TicketMention.note_id.in_(note_ids))
    for note_id, user_id in (await session.execute(query)).all():
        found[note_id].add(user_id)
    return found
