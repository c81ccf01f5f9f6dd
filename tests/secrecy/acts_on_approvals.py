"""What is done to an approval: to the product, then to the oracle."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.commands import Decision
from app.approvals.core.explain import PossibleVote, explain
from app.errors import DomainError
from app.tickets.approving.desk import ApprovalDesk, Running
from tests.secrecy.house import House


class OnApprovals(House):
    async def vote(self, number: str, by: str, decision: str) -> None:
        """The first that this person may cast."""

        async def act(session: AsyncSession, actor: Actor) -> tuple[str, str]:
            desk = ApprovalDesk(session, actor)
            ticket = await desk.lock(number)
            running = await _running(desk, ticket)
            vote = _first(explain(running.state, actor.id, running.context).votes)
            found = running.state.seat(vote.seat)
            await desk.decide(
                ticket, seat=vote.seat, decision=Decision(decision), seen_hash=vote.content_hash, comment="So it is.",
                on_behalf_of=vote.on_behalf_of,
            )  # fmt: skip
            return vote.step_key, self.key_of(vote.on_behalf_of or (found and found[1].user_id) or actor.id)

        if done := await self.act_as(by, act):
            step, holder = done
            self.oracle.voted(self.oracle.cases[number], decision=decision, step=step, voter=by, holder=holder)

    async def take_back(self, number: str, by: str) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = ApprovalDesk(session, actor)
            ticket = await desk.lock(number)
            running = await _running(desk, ticket)
            await desk.retract(ticket, seat=explain(running.state, actor.id, running.context).retractable or 0)

        if await self.act_as(by, act):
            self.oracle.took_back(self.oracle.cases[number])

    async def hand_over(self, number: str, by: str, to: str) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = ApprovalDesk(session, actor)
            ticket = await desk.lock(number)
            running = await _running(desk, ticket)
            own = [seat for run in running.state.open_runs for seat in run.seats if seat.user_id == actor.id]
            pending = [seat.number for seat in own if seat.is_pending]
            await desk.delegate(ticket, seat=pending[0] if pending else 0, to=self.id_of(to), reason="Away.")

        if await self.act_as(by, act):
            self.oracle.handed_over(self.oracle.cases[number], holder=by, to=to)

    async def withdraw(self, number: str) -> None:
        async def act(session: AsyncSession, actor: Actor) -> None:
            desk = ApprovalDesk(session, actor)
            await desk.withdraw(await desk.lock(number))

        case = self.oracle.cases[number]
        if await self.act_as(case.creator, act):
            self.oracle.ended(case)


async def _running(desk: ApprovalDesk, ticket: Any) -> Running:
    running = await desk.running(ticket)
    if running is None:
        raise desk.not_possible(ticket)
    return running


def _first(votes: tuple[PossibleVote, ...]) -> PossibleVote:
    if not votes:
        raise DomainError("There is nothing to decide.")
    return votes[0]
