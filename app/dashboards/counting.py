"""A number and the list behind it: both come from one `TicketFilters`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.dashboards.rollup import Ask, asks_for, summed
from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.filters import TicketFilters
from app.tickets.matching import matching
from app.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Linked:
    """How many, and where they are listed."""

    number: int
    filters: TicketFilters

    @property
    def url(self) -> str:
        return self.filters.url()


Numbers = dict[TicketFilters, Linked]


async def count_all(
    session: AsyncSession, scope: Scope, asked: Iterable[TicketFilters], also: Sequence[Ask] = ()
) -> tuple[Numbers, Mapping[Ask, int]]:
    """From what is summed up already where the filters allow it, else counted; `also`: sums without a list."""
    lists = list(dict.fromkeys(asked))
    made_of = {filters: asks_for(filters, scope) for filters in lists}
    sums = await summed(session, scope, [*(ask for asks in made_of.values() for ask in asks or ()), *also])
    counted = await count_plainly(session, scope, [filters for filters, asks in made_of.items() if asks is None])
    numbers = {filters: sum(sums[ask] for ask in asks) for filters, asks in made_of.items() if asks is not None}
    return {filters: Linked((numbers | counted)[filters], filters) for filters in lists}, sums


async def count_plainly(
    session: AsyncSession, scope: Scope, lists: Sequence[TicketFilters]
) -> dict[TicketFilters, int]:
    """Each list's tickets, whole, in one statement."""
    if not lists:
        return {}
    counts = select(*(_count(filters, scope).scalar_subquery() for filters in lists))
    row = (await session.execute(planned_each_time(counts))).one()
    return dict(zip(lists, row, strict=True))


def _count(filters: TicketFilters, scope: Scope) -> Select[int]:
    return select(func.count()).select_from(Ticket).where(*matching(filters, scope.actor, scope.now))
