"""A list as a board: one column a status, each with its count and its own keyset; and where each card may go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.vocabulary import word
from app.actor import Actor
from app.tickets.filters import BOARD, TicketFilters
from app.tickets.lifecycle import STEPS, Move
from app.tickets.listing import ListedTicket, with_names
from app.tickets.models import Ticket, TicketStatus
from app.tickets.policy import May
from app.tickets.repository import counts_of, page_of_tickets
from app.web.paging import Count

CARDS = 20
COLUMNS = (
    TicketStatus.DRAFT, TicketStatus.WAITING_APPROVAL, TicketStatus.OPEN, TicketStatus.IN_PROGRESS,
    TicketStatus.RESOLVED,
)  # fmt: skip
"""What is over has no column, unless somebody filters for it."""


@dataclass(frozen=True, slots=True)
class Target:
    status: str
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    listed: ListedTicket
    targets: tuple[Target, ...]

    @property
    def drops(self) -> str:
        return " ".join(target.status for target in self.targets)


@dataclass(frozen=True, slots=True)
class Column:
    status: str
    label: str
    count: Count
    cards: Sequence[Card]
    more_url: str


def shown_statuses(filters: TicketFilters) -> tuple[TicketStatus, ...]:
    wanted = {TicketStatus(status) for status in filters.status} or set(COLUMNS)
    return tuple(status for status in TicketStatus if status in wanted)


async def columns_of(
    session: AsyncSession, actor: Actor, filters: TicketFilters, *, now: datetime, cursor: str | None = None
) -> list[Column]:
    """`cursor`: further down in the only column that is asked for."""
    lists = [replace(filters, status=(str(status),), unknown=()) for status in shown_statuses(filters)]
    counts = await counts_of(session, actor, lists, now=now)
    pages = [
        await page_of_tickets(session, actor, one, now=now, cursor=cursor, size=CARDS, count=count)
        for one, count in zip(lists, counts, strict=True)
    ]
    named = iter(await with_names(session, [row for page in pages for row in page.rows]))
    return [
        Column(
            one.status[0], word(one.status[0]), count, [_card(actor, next(named)) for _row in page.rows],
            one.url(cursor=page.next_cursor, path=f"{BOARD}/column") if page.next_cursor else "",
        )
        for one, count, page in zip(lists, counts, pages, strict=True)
    ]  # fmt: skip


def _card(actor: Actor, listed: ListedTicket) -> Card:
    return Card(listed, targets_of(actor, listed.row))


def targets_of(actor: Actor, row: Any) -> tuple[Target, ...]:
    """Where this person may move it; submitting has a page of its own. `row` has what the policy looks at."""
    allowed = set(May(actor, cast(Ticket, row)).moves) - {Move.SUBMIT}
    found = [step.target for step in STEPS if step.source == row.status and step.move in allowed]
    return tuple(Target(str(status), word(status)) for status in dict.fromkeys(found))
