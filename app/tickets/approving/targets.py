"""Whom a seat could be given to: drawn from the predicates that would refuse it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import active_people
from app.actor import Actor
from app.approvals.core import commands as c
from app.approvals.core.context import Context
from app.approvals.core.denied import Denied
from app.approvals.core.staffing import check_add, check_delegate, check_replace
from app.approvals.core.state import SeatKind, State
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.models import Ticket

Check = Callable[[State, Context, int], Denied | None]
ANY_REASON = "?"


@dataclass(frozen=True, slots=True)
class Target:
    """A person as the pickers list them."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The approval, read together with everybody who could be brought in."""

    running: Running
    actor: Actor
    everybody: Sequence[Target]

    def for_delegation(self, seat: int) -> list[Target]:
        me = self.actor.id
        return self._allowed(lambda state, ctx, to: check_delegate(state, ctx, c.Delegate(me, seat, to, ANY_REASON)))

    def for_addition(self, run: int, kind: SeatKind) -> list[Target]:
        me = self.actor.id
        return self._allowed(
            lambda state, ctx, to: check_add(state, ctx, c.AddApprover(me, run, to, kind, ANY_REASON))
        )  # fmt: skip

    def for_replacement(self, seat: int) -> list[Target]:
        me = self.actor.id
        return self._allowed(
            lambda state, ctx, to: check_replace(state, ctx, c.ReplaceSeat(me, seat, to, ANY_REASON))
        )  # fmt: skip

    def _allowed(self, check: Check) -> list[Target]:
        state, context = self.running.state, self.running.context
        return [person for person in self.everybody if check(state, context, person.value) is None]


async def targets_of(session: AsyncSession, actor: Actor, ticket: Ticket) -> Targets | None:
    """None: the ticket never had an approval."""
    people = [
        Target(row.id, f"{row.name} ({row.title})" if row.title else row.name) for row in await active_people(session)
    ]
    running = await ApprovalDesk(session, actor).running(ticket, *(person.value for person in people))
    return Targets(running, actor, people) if running else None
