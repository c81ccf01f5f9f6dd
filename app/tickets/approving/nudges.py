"""The steps whose approvers a reader of the ticket may remind, and when that was last done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.counting import may_still_vote
from app.approvals.core.state import SeatKind, StepRun
from app.approvals.models import ApprovalProcessStep
from app.db.constants import among, given
from app.tickets.approving.desk import Running
from app.tickets.approving.reminding import PAUSE, last_reminders, may_remind
from app.tickets.models import Ticket

_STEPS = select(ApprovalProcessStep.number, ApprovalProcessStep.id).where(
    ApprovalProcessStep.process_id == given("process"), among(ApprovalProcessStep.number, "runs")
)


@dataclass(frozen=True, slots=True)
class Nudge:
    """`reminded_at`: within the last four hours, so not again yet."""

    step_id: int
    reminded_at: datetime | None


def _waits_for_others(actor: Actor, running: Running, run: StepRun) -> bool:
    """Nobody needs to remind themselves, nor those who cannot decide."""
    further = {seat.user_id for seat in run.seats if seat.is_pending and seat.kind is not SeatKind.OWN}
    return bool((may_still_vote(running.state, running.context, run) | further) - {actor.id, None})


async def nudges_for(session: AsyncSession, actor: Actor, ticket: Ticket, running: Running) -> dict[int, Nudge]:
    """By the engine's number of each open run; empty for whoever may remind nobody."""
    open_runs = [run.number for run in running.state.open_runs if _waits_for_others(actor, running, run)]
    if not open_runs or not may_remind(actor, ticket):
        return {}
    asked = {"process": running.process.id, "runs": open_runs}
    steps = {row.number: row.id for row in await session.execute(_STEPS, asked)}
    reminded = await last_reminders(session, list(steps.values()), since=running.context.now - PAUSE)
    return {number: Nudge(step_id, reminded.get(step_id)) for number, step_id in steps.items()}
