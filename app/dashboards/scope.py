"""What one look at the dashboard covers: whose, when, and of which team."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.actor import Actor
from app.tickets.filters import TicketFilters
from app.tickets.matching import midnight
from app.web.formats import zone_of
from app.web.params import optional_row_id

PERIODS = (7, 30, 90)
USUAL = 30
POINTS = 12
"""Of a spark line, the last one being now."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The period is the last `days` days of the viewer's calendar, today included."""

    actor: Actor
    now: datetime
    days: int = USUAL
    team: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, Any], actor: Actor, now: datetime) -> Self:
        """What the address does not say, or says in no way that is understood, is as usual."""
        days = {f"{days}d": days for days in PERIODS}.get(str(query.get("range", "")), USUAL)
        return cls(actor, now, days, optional_row_id(query.get("team")))

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.actor.time_zone)

    @property
    def begins(self) -> datetime:
        return midnight(self.now.astimezone(self.zone).date() - timedelta(days=self.days - 1), self.zone)

    @property
    def begins_before(self) -> datetime:
        """The start of the period before this one, as long as this one."""
        return midnight(self.begins.date() - timedelta(days=self.days), self.zone)

    @property
    def points(self) -> list[datetime]:
        """Whole hours from the start of the period to now; the last is now itself."""
        span = (self.now - self.begins) / (POINTS - 1)
        hours = [(self.begins + span * n).replace(minute=0, second=0, microsecond=0) for n in range(POINTS - 1)]
        return [*hours, self.now]

    def tickets(self, **filters: Any) -> TicketFilters:
        """Of this team, where one was chosen."""
        return TicketFilters(**({"assigned_role": (str(self.team),)} if self.team else {}) | filters)

    def in_period(self, name: str, **filters: Any) -> TicketFilters:
        """`name`: resolved, closed, decided."""
        return self.tickets(**{f"{name}_from": self.begins.date().isoformat()}, **filters)

    def url(self, *, days: int | None = None, team: int | None = None, everybody: bool = False) -> str:
        days, team = days or self.days, None if everybody else team or self.team
        said = [f"range={days}d"] * (days != USUAL) + ([f"team={team}"] if team else [])
        return "/dashboards/operations" + (f"?{'&'.join(said)}" if said else "")
