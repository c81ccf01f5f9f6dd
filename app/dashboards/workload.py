"""What each team has to do now, against what it can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Role, UserCard
from app.accounts.repository import members_of
from app.dashboards.counting import Linked
from app.dashboards.rollup import ALWAYS, Ask
from app.dashboards.scope import Scope

MOST = 8
AT_WORK = ("open", "in_progress")


@dataclass(frozen=True, slots=True)
class Team:
    id: int
    name: str
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Load:
    team: Team
    people: Sequence[UserCard]
    tickets: Linked

    @property
    def over(self) -> int:
        return max(0, self.tickets.number - self.team.capacity) if self.team.capacity is not None else 0

    @property
    def parts(self) -> list[tuple[int, str]]:
        within = [(self.tickets.number - self.over, "acc")]
        return [*within, (self.over, "neg")] if self.over else within

    @property
    def scale(self) -> int:
        return max(self.tickets.number, self.team.capacity or 0)


async def teams(session: AsyncSession) -> list[Team]:
    query = select(Role.id, Role.name, Role.capacity).where(Role.archived_at.is_(None)).order_by(Role.name).limit(500)
    return [Team(*row) for row in (await session.execute(query)).all()]


async def workload(
    session: AsyncSession, scope: Scope, numbers: Mapping[int, int], every: Sequence[Team]
) -> list[Load]:
    """The fullest first, of those that have work or a capacity; `numbers` are by role."""
    shown = [team for team in every if scope.team in (None, team.id)]
    shown = [team for team in shown if numbers.get(team.id) or team.capacity is not None]
    shown = sorted(shown, key=lambda team: (-numbers.get(team.id, 0), team.name))[:MOST]
    members = await members_of(session, [team.id for team in shown])
    return [Load(team, members[team.id][:2], _linked(scope, team, numbers)) for team in shown]


def _linked(scope: Scope, team: Team, numbers: Mapping[int, int]) -> Linked:
    return Linked(numbers.get(team.id, 0), scope.tickets(status=AT_WORK, assigned_role=(str(team.id),)))


def asks(scope: Scope, every: Sequence[Team]) -> dict[int, list[Ask]]:
    """By team, the sums that what it has to do is made of."""
    shown = [team for team in every if scope.team in (None, team.id)]
    return {team.id: [Ask("now", status, team.id, *ALWAYS) for status in AT_WORK] for team in shown}
