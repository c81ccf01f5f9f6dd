"""Tickets by what somebody types to get to one: its number, whole or without its prefix, or words."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.clock import utc_now
from app.db.constants import planned_each_time
from app.ticket_templates.models import TicketTemplateVersion
from app.tickets.drafting import DEFAULT_PREFIX
from app.tickets.filters import TicketFilters
from app.tickets.models import Ticket
from app.tickets.repository import page_of_tickets
from app.tickets.visibility import visible

_NUMBER = re.compile(r"(?:([a-z]{2,8})[- ]?)?#?([1-9][0-9]{0,14})", re.ASCII | re.IGNORECASE)
FEWEST_LETTERS = 2
"""One letter begins half of all words: nothing is looked for before the second."""


def is_number(words: str) -> bool:
    return _NUMBER.fullmatch(words) is not None


async def by_number(session: AsyncSession, actor: Actor, words: str) -> Sequence[Any]:
    """`PUR-1042`, `pur 1042` and `1042`: numbers come from one sequence, whatever the prefix."""
    found = _NUMBER.fullmatch(words)
    if found is None:
        return []
    query = planned_each_time(select(Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.approval))
    return (await session.execute(query.where(_is_called(*found.groups()), visible(actor)).limit(5))).all()


async def by_words(session: AsyncSession, actor: Actor, words: str, most: int) -> Sequence[Any]:
    """As the list's own search finds them, the newest first."""
    if len(words) < FEWEST_LETTERS and words.isascii():
        return []
    page = await page_of_tickets(session, actor, TicketFilters(q=words), now=utc_now(), size=most)
    return page.rows


def _is_called(prefix: str | None, digits: str) -> ColumnElement[bool]:
    if prefix:
        return Ticket.ticket_no == f"{prefix.upper()}-{digits}"
    prefixes = select(func.concat(TicketTemplateVersion.definition["prefix"].astext, f"-{digits}")).distinct()
    return or_(Ticket.ticket_no == f"{DEFAULT_PREFIX}-{digits}", Ticket.ticket_no.in_(prefixes))
