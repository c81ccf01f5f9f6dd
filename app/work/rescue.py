"""One approval with everything that may be done to it, for an administrator: asked of the engine, not guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core import commands as c
from app.approvals.core.attention import SENTENCES
from app.approvals.core.engine import is_possible
from app.approvals.core.staffing import check_go_on, why_not_admin
from app.approvals.core.state import RunStatus, Seat, SeatKind, StepRun
from app.approvals.core.voting import SENTENCES as WHY_VOID
from app.tickets.approving.deciding import rows_of_seats
from app.tickets.approving.desk import Running, refusal
from app.tickets.approving.targets import Target, Targets, targets_of
from app.tickets.lifecycle import Move
from app.tickets.models import Ticket
from app.tickets.policy import May
from app.web.i18n import gettext as _

WHY = "?"
"""A stand-in for the reason, which the form asks for."""


@dataclass(frozen=True, slots=True)
class RescueSeat:
    """`loosens`: it may be replaced, or gone on without."""

    id: int
    who: str
    how: str
    loosens: bool


@dataclass(frozen=True, slots=True)
class RescueStep:
    key: str
    name: str
    is_open: bool
    flags: list[str]
    seats: list[RescueSeat]
    people: list[Target]
    due_at: datetime | None
    may_open: bool
    may_force: bool
    takes_more: bool

    @property
    def loose(self) -> list[dict[str, object]]:
        return [{"value": seat.id, "label": seat.who} for seat in self.seats if seat.loosens]


@dataclass(frozen=True, slots=True)
class Rescue:
    """`barred` says why this administrator may do none of it."""

    ticket: Ticket
    flow: str
    flags: list[str]
    barred: str
    steps: list[RescueStep]
    may_return: bool
    may_cancel: bool


async def rescue_of(session: AsyncSession, actor: Actor, ticket: Ticket) -> Rescue | None:
    """None: there is no approval that goes on."""
    targets = await targets_of(session, actor, ticket)
    if targets is None or targets.running.state.status.is_final:
        return None
    running = targets.running
    rows = await rows_of_seats(session, running.process.id)
    state, context = running.state, running.context
    barred = why_not_admin(state, context, actor.id, WHY)
    shown = [run for run in state.live_runs if run.is_open or run.status is RunStatus.SKIPPED]
    returns = is_possible(state, c.ReturnToRequester(actor.id, WHY), context) is None
    cancels = is_possible(state, c.Cancel(actor.id, WHY), context) is None and May(actor, ticket).make(Move.CANCEL)
    return Rescue(
        ticket=ticket, flow=running.flow.name, barred=refusal(barred, running.directory).sentence if barred else "",
        flags=[_(SENTENCES[one.code]) for one in state.attention if one.run is None],
        steps=[_Drawing(targets, rows).step(run) for run in shown], may_return=returns, may_cancel=cancels,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Drawing:
    targets: Targets
    rows: Mapping[int, int]

    @property
    def running(self) -> Running:
        return self.targets.running

    def step(self, run: StepRun) -> RescueStep:
        state, context, me = self.running.state, self.running.context, self.targets.actor.id
        step = self.running.flow.steps[run.step_key]
        forced = c.ForceClose(me, run.number, RunStatus.REJECTED, WHY)
        return RescueStep(
            key=step.key, name=step.name, is_open=run.is_open, due_at=run.due_at, takes_more=step.ad_hoc,
            flags=[_(SENTENCES[one.code]) for one in state.attention if one.run == run.number],
            seats=[self._seat(seat) for seat in run.seats if not seat.replaced_by] if run.is_open else [],
            people=self.targets.for_addition(run.number, SeatKind.OWN) if run.is_open else [],
            may_open=is_possible(state, c.OpenStep(me, run.number, WHY), context) is None,
            may_force=is_possible(state, forced, context) is None,
        )  # fmt: skip

    def _seat(self, seat: Seat) -> RescueSeat:
        loosened = c.GoOnWithout(self.targets.actor.id, seat.number, WHY)
        loosens = check_go_on(self.running.state, self.running.context, loosened) is None
        return RescueSeat(self.rows[seat.number], self._who(seat), self._how(seat), loosens)

    def _who(self, seat: Seat) -> str:
        if seat.is_pool and seat.role_id:
            return self.running.directory.role_names.get(seat.role_id, _("a role"))
        return self.running.directory.names.get(seat.user_id or 0, _("nobody"))

    def _how(self, seat: Seat) -> str:
        if seat.void_reason is not None:
            return _(WHY_VOID[seat.void_reason])
        return _("Waiting") if seat.is_pending else _("Has decided")
