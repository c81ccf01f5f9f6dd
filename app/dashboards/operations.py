"""The operations overview: everything on its page, for one viewer, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.dashboards import durations, history, risk, states, throughput, tiles, waiting, workload
from app.dashboards.counting import Linked, Numbers, count_all
from app.dashboards.scope import Scope
from app.dashboards.waiting import Holder, WaitingStep
from app.dashboards.workload import Load, Team
from app.db.patience import Patience
from app.tickets.filters import TicketFilters
from app.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Overview:
    scope: Scope
    tiles: Sequence[tiles.Tile]
    states: Sequence[states.State]
    resolved: Linked
    """What the approvals' share of the cycle time was computed from."""
    share: float | None
    throughput: throughput.Throughput
    waiting: Linked
    steps: Sequence[WaitingStep]
    holders: Sequence[Holder]
    at_risk: Linked
    urgent: Sequence[risk.AtRisk]
    workload: Sequence[Load]
    teams: Sequence[Team]
    left_out: Sequence[str]
    """What took too long, in words."""

    @property
    def now(self) -> datetime:
        return self.scope.now

    @property
    def team(self) -> Team | None:
        return next((team for team in self.teams if team.id == self.scope.team), None)

    @property
    def over_capacity(self) -> list[str]:
        return [load.team.name for load in self.workload if load.over]

    @property
    def is_empty(self) -> bool:
        """Nothing was ever asked that this viewer may see."""
        counted = [*(state.count.number for state in self.states), self.throughput.created.number]
        return self.scope.team is None and not any(counted)


_NO_POINTS: list[int] = []
_NO_MEDIANS: Mapping[str, timedelta] = {}
_NO_HOLDERS: list[Holder] = []
_NO_SHARE: float | None = None


async def overview(session: AsyncSession, scope: Scope) -> Overview:
    teams = await workload.teams(session)
    moves, work = history.asks(scope, tiles.OPEN), workload.asks(scope, teams)
    also = [ask for asks in (*moves.values(), *work.values()) for ask in asks]
    numbers, sums = await count_all(session, scope, asked(scope), also)
    flows = await history.flows(session, scope, moves, sums)
    by_team = {team: sum(sums[ask] for ask in asks) for team, asks in work.items()}
    patience = Patience(session)
    medians = await patience.wait_for(
        _("how long tickets have been where they are"),
        lambda: durations.medians_by_status(session, scope, states.STATES), _NO_MEDIANS,
    )  # fmt: skip
    tiles_shown = await _tiles(session, scope, numbers, flows, patience)
    share = await patience.wait_for(
        _("the share of time in approvals"), lambda: durations.approvals_share(session, scope), _NO_SHARE
    )
    holders = await patience.wait_for(
        _("who holds approvals longest"), lambda: waiting.longest_holders(session, scope), _NO_HOLDERS
    )
    return Overview(
        scope=scope,
        tiles=tiles_shown,
        states=states.states(scope, numbers, medians),
        resolved=numbers[scope.in_period("resolved")],
        share=share,
        throughput=throughput.throughput(scope, numbers),
        waiting=numbers[scope.tickets(status=tiles.WAITING)],
        steps=await waiting.waiting_steps(session, scope),
        holders=holders,
        at_risk=numbers[risk.at_risk(scope)],
        urgent=await risk.most_urgent(session, scope),
        workload=await workload.workload(session, scope, by_team, teams),
        teams=teams,
        left_out=patience.left_out,
    )


def asked(scope: Scope) -> list[TicketFilters]:
    resolved = scope.in_period("resolved")
    return [
        *tiles.asked(scope), *tiles.on_time_points(scope), *states.asked(scope), *throughput.asked(scope), resolved
    ]  # fmt: skip


async def _tiles(
    session: AsyncSession, scope: Scope, numbers: Numbers, flows: history.Flows, patience: Patience
) -> list[tiles.Tile]:
    oldest = await tiles.oldest_waiting(session, scope)
    late = await patience.wait_for(
        _("how many were at risk before"), lambda: history.at_risk_at(session, scope, scope.points[:-1]), _NO_POINTS
    )
    times = await patience.wait_for(
        _("how long approvals took"), lambda: durations.approval_times(session, scope), durations.ApprovalTimes()
    )
    return [
        tiles.open_tickets(scope, numbers, flows),
        tiles.waiting_approval(scope, numbers, flows, oldest),
        tiles.median_approval_time(scope, numbers, times),
        tiles.resolved_on_time(scope, numbers, tiles.shares(scope, numbers)),
        tiles.at_risk(scope, numbers, late),
    ]
