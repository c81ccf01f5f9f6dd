"""An administrator's ways out of an approval that nobody can decide: each one a command with a reason."""

from collections.abc import Callable
from datetime import datetime

from app.approvals.core import commands as c
from app.approvals.core.state import RunStatus, SeatKind
from app.errors import NotPossible
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.approving.facts import reminders_before
from app.tickets.approving.people import hold_still
from app.tickets.models import Ticket
from app.web.i18n import gettext as _


class RescueDesk(ApprovalDesk):
    """Steps are named by their key, seats by the engine's number; the engine refuses whom rule 4 bars."""

    async def re_resolve(self, ticket: Ticket, *, step: str, reason: str) -> Running:
        return await self._help(ticket, lambda now: c.ReResolve(self.actor.id, run_of(now, step), reason))

    async def add_approver(
        self, ticket: Ticket, *, step: str, user_id: int, reason: str, kind: SeatKind = SeatKind.OWN
    ) -> Running:
        """`advice` and `required` are ad-hoc: where the step says so, who holds a seat in it may ask for them too."""

        def command(now: Running) -> c.Command:
            return c.AddApprover(self.actor.id, run_of(now, step), user_id, kind, reason)

        return await self._help(ticket, command, user_id)

    async def replace_seat(self, ticket: Ticket, *, seat: int, user_id: int, reason: str) -> Running:
        return await self._help(ticket, lambda _now: c.ReplaceSeat(self.actor.id, seat, user_id, reason), user_id)

    async def go_on_without(self, ticket: Ticket, *, seat: int, reason: str) -> Running:
        return await self._help(ticket, lambda _now: c.GoOnWithout(self.actor.id, seat, reason))

    async def open_step(self, ticket: Ticket, *, step: str, reason: str) -> Running:
        return await self._help(ticket, lambda now: c.OpenStep(self.actor.id, run_of(now, step), reason))

    async def extend(self, ticket: Ticket, *, step: str, due_at: datetime, reason: str) -> Running:
        def command(now: Running) -> c.Command:
            reminders = _reminders(now, step, due_at)
            return c.ExtendDeadline(self.actor.id, run_of(now, step), due_at, reason, reminders)

        return await self._help(ticket, command)

    async def return_to_requester(self, ticket: Ticket, *, reason: str) -> Running:
        return await self._help(ticket, lambda _now: c.ReturnToRequester(self.actor.id, reason))

    async def force_close(self, ticket: Ticket, *, step: str, outcome: RunStatus, reason: str) -> Running:
        """Only where the flow allows it; recorded as forced, never as a vote."""
        return await self._help(ticket, lambda now: c.ForceClose(self.actor.id, run_of(now, step), outcome, reason))

    async def _help(self, ticket: Ticket, command: Callable[[Running], c.Command], *people: int) -> Running:
        await hold_still(self.session, [self.actor.id, *people])
        running = await self._needed(ticket, *people)
        return await self._apply(ticket, running, command(running))


def run_of(running: Running, step_key: str) -> int:
    """The run of a step that counts now."""
    found = next((run.number for run in running.state.live_runs if run.step_key == step_key), None)
    if found is None:
        raise NotPossible(_("There is no such step."))
    return found


def _reminders(running: Running, step_key: str, due_at: datetime) -> tuple[datetime, ...]:
    """At the step's own distances before the new deadline, in its calendar's hours, as far as still to come."""
    deadline = running.flow.steps[step_key].deadline if step_key in running.flow.steps else None
    if deadline is None:
        return ()
    moments = reminders_before(due_at, deadline.remind, running.directory.calendar)
    return tuple(at for at in moments if at > running.context.now)
