"""Sums that the database keeps along (`TicketRollup`), and what this viewer alone may see counted on top."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.dashboards.scope import Scope
from app.db.constants import planned_each_time
from app.tickets.filters import TicketFilters
from app.tickets.matching import end_of_day, midnight
from app.tickets.visibility import opened_ids

ALL_TEAMS = 0
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, 1, tzinfo=UTC))
"""Where `now` is kept: it has no time."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One sum, from `first` to before `last`."""

    measure: str
    key: str
    team: int
    first: datetime
    last: datetime

    @property
    def whole_hours(self) -> bool:
        """In a zone of half hours a day begins inside an hour: the tickets themselves are counted then."""
        return all(at.minute == at.second == at.microsecond == 0 for at in (self.first, self.last))


def asks_for(filters: TicketFilters, scope: Scope) -> list[Ask] | None:
    """The sums that a list's length is made of; None where the tickets have to be counted."""
    said = {one.name for one in fields(filters) if one.compare and getattr(filters, one.name) != one.default}
    team = _team(filters)
    shape = _shape(filters, said - {"assigned_role"})
    if team is None or shape is None:
        return None
    measure, keys, stretch = shape
    first, last = ALWAYS if stretch is None else _stretch(filters, stretch, scope)
    asks = [Ask(measure, key, team, first, last) for key in keys]
    return asks if all(ask.whole_hours for ask in asks) else None


def _team(filters: TicketFilters) -> int | None:
    if not filters.assigned_role:
        return ALL_TEAMS
    return (
        int(filters.assigned_role[0])
        if len(filters.assigned_role) == 1 and filters.assigned_role != ("none",)
        else None
    )


def _shape(filters: TicketFilters, said: set[str]) -> tuple[str, Sequence[str], str | None] | None:
    """(measure, keys, which dates), by what the filters say."""
    dates = {name for name in said if name.endswith(("_from", "_to"))}
    about = {name.partition("_")[0] for name in dates}
    rest = said - dates
    if rest == {"status"} and not about:
        return "now", [str(status) for status in filters.status], None
    if rest == {"status"} and about == {"closed"} and filters.status == ("closed",):
        return "closed", [""], "closed"
    if not rest and len(about) == 1 and about <= {"created", "resolved"}:
        return about.copy().pop(), [""], about.pop()
    if rest == {"on_time"} and about == {"resolved"}:
        return "on_time", list(filters.on_time), "resolved"
    return None


def _stretch(filters: TicketFilters, about: str, scope: Scope) -> tuple[datetime, datetime]:
    first, last = getattr(filters, f"{about}_from"), getattr(filters, f"{about}_to")
    begins = midnight(date.fromisoformat(first), scope.zone) if first else datetime(1970, 1, 1, tzinfo=UTC)
    ends = midnight(date.fromisoformat(last) + timedelta(days=1), scope.zone) if last else _next_day(scope)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _next_day(scope: Scope) -> datetime:
    """Nothing is created, resolved or closed after today."""
    return end_of_day(scope.now, scope.zone)


_ASKED = """
    unnest(CAST(:measures AS text[]), CAST(:keys AS text[]), CAST(:teams AS bigint[]), CAST(:firsts AS timestamptz[]),
        CAST(:lasts AS timestamptz[])) WITH ORDINALITY AS a (measure, key, team_id, first, last, place)
"""
_MEANT = "c.measure = a.measure AND c.team_id = a.team_id AND c.key = a.key AND c.hour >= a.first AND c.hour < a.last"
_KEPT = text(f"""
    SELECT a.place, sum(c.number) FROM {_ASKED} JOIN ticket.ticket_rollup AS c
    ON {_MEANT} AND (c.open_to_all OR :everything) GROUP BY a.place
""")  # noqa: S608  (the parts are this file's own)
_OWN = text(f"""
    WITH c AS MATERIALIZED (
        SELECT c.measure, c.team_id, c.key, c.hour, 1 AS number FROM ticket.tickets AS t, ticket.counted(t) AS c
        WHERE t.id = ANY(CAST(:own AS bigint[]))
        UNION ALL
        SELECT 'moved', u.team_id, m.key, m.hour, m.number
        FROM ticket.tickets AS t, ticket.counted_under(t) AS u, ticket.moves(t.id) AS m
        WHERE t.id = ANY(CAST(:own AS bigint[]))
    )
    SELECT a.place, sum(c.number) FROM {_ASKED} JOIN c ON {_MEANT} GROUP BY a.place
""")  # noqa: S608  (the parts are this file's own)


async def summed(session: AsyncSession, scope: Scope, asks: Iterable[Ask]) -> Mapping[Ask, int]:
    """What is open to all, and of the rest what this viewer may see; all of it for who sees all."""
    wanted = list(dict.fromkeys(asks))
    found = dict.fromkeys(wanted, 0)
    if not wanted:
        return found
    sees_all = scope.actor.is_admin
    results = [await session.execute(_KEPT, {**_columns(wanted), "everything": sees_all})]
    own = [] if sees_all else await _own(session, scope)
    if own:
        results.append(await session.execute(_OWN, {**_columns(wanted), "own": own}))
    for result in results:
        for place, number in result:
            found[wanted[place - 1]] += int(number)
    return found


def _columns(asks: Sequence[Ask]) -> dict[str, Any]:
    return {
        "measures": [ask.measure for ask in asks], "keys": [ask.key for ask in asks],
        "teams": [ask.team for ask in asks], "firsts": [ask.first for ask in asks],
        "lasts": [ask.last for ask in asks],
    }  # fmt: skip


async def _own(session: AsyncSession, scope: Scope) -> list[int]:
    """Tickets that are not open to all and that this viewer may see."""
    return list((await session.execute(planned_each_time(opened_ids(scope.actor)))).scalars())
