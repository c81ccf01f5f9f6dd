"""Two commands at the same moment, on real PostgreSQL: what comes out is what one after the other would have given."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.people import People
from app.actor import SYSTEM, Actor, acting_as
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.approvals.core.state import TimerKind, state_from_json
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalTimer,
)
from app.clock import utc_now
from app.errors import NotAllowed, NotPossible
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.rescue import RescueDesk
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.tickets.models import Ticket
from tests.real import RealCompany
from tests.story import CHANGE, republish_flow

TRIALS = 40 if os.environ.get("COUNTERSIGN_PROFILE") == "nightly" else 5
Seat = ApprovalProcessStepApprover


@dataclass
class Scene:
    """A change that waits for Lucas among others, and who acts on it."""

    real: RealCompany
    actors: dict[str, Actor]
    ticket_no: str
    seat: int
    seen: str

    def id(self, key: str) -> int:
        return self.real.company.cast[key].id

    async def run(self, key: str, act: Callable[[RescueDesk, Ticket], Awaitable[Any]]) -> bool:
        """In a transaction of its own; whether it was accepted."""
        actor = self.actors[key]
        with acting_as(actor):
            try:
                async with self.real.database.in_its_own() as session:
                    desk = RescueDesk(session, actor)
                    await act(desk, await desk.lock(self.ticket_no))
            except (NotAllowed, NotPossible):
                return False
            return True


Move = Callable[[Scene], Awaitable[bool]]


async def approve(scene: Scene) -> bool:
    async def act(desk: RescueDesk, ticket: Ticket) -> None:
        await desk.decide(ticket, seat=scene.seat, decision=Decision.APPROVE, seen_hash=scene.seen)

    return await scene.run("lucas", act)


async def reject(scene: Scene) -> bool:
    async def act(desk: RescueDesk, ticket: Ticket) -> None:
        running = await desk.running(ticket)
        assert running is not None
        votes = explain(running.state, scene.id("elena"), running.context).votes
        seat = votes[0].seat if votes else scene.seat
        await desk.decide(ticket, seat=seat, decision=Decision.REJECT, seen_hash=scene.seen, comment="No.")

    return await scene.run("elena", act)


async def delegate(scene: Scene) -> bool:
    return await scene.run("lucas", lambda desk, ticket: desk.delegate(ticket, seat=scene.seat, to=scene.id("maya")))


async def withdraw(scene: Scene) -> bool:
    return await scene.run("hana", lambda desk, ticket: desk.withdraw(ticket))


async def go_on_without(scene: Scene) -> bool:
    return await scene.run("ada", lambda desk, ticket: desk.go_on_without(ticket, seat=scene.seat, reason="He left."))


async def replace(scene: Scene) -> bool:
    maya = scene.id("maya")
    return await scene.run(
        "ada", lambda desk, ticket: desk.replace_seat(ticket, seat=scene.seat, user_id=maya, reason="Ill.")
    )


async def send_back(scene: Scene) -> bool:
    return await scene.run("ada", lambda desk, ticket: desk.return_to_requester(ticket, reason="Say more."))


async def deadline(scene: Scene) -> bool:
    async def act(desk: RescueDesk, ticket: Ticket) -> None:
        running = await desk.running(ticket)
        assert running is not None
        run = running.state.runs[-1]
        due_at = next(timer.due_at for timer in run.timers if timer.kind is TimerKind.DEADLINE)
        await desk.fire(ticket, run=run.number, kind=TimerKind.DEADLINE, ordinal=0, due_at=due_at)

    return await scene.run("system", act)


async def deactivate(scene: Scene) -> bool:
    ada = scene.actors["ada"]
    with acting_as(ada):
        async with scene.real.database.in_its_own() as session:
            people = People(session, ada)
            await people.deactivate(await people.find(scene.id("lucas")))
    return True


PAIRS: dict[str, tuple[Move, Move]] = {
    "decide and decide": (approve, reject),
    "decide and delegate": (approve, delegate),
    "decide and withdraw": (approve, withdraw),
    "decide and deactivate": (approve, deactivate),
    "decide and timer": (approve, deadline),
    "decide and an administrator going on without": (approve, go_on_without),
    "decide and an administrator asking somebody else": (approve, replace),
    "decide and an administrator sending back": (approve, send_back),
    "delegate and an administrator going on without": (delegate, go_on_without),
    "delegate and withdraw": (delegate, withdraw),
}


@pytest.mark.parametrize("pair", PAIRS)
async def test_a_pair_of_commands_leaves_what_some_order_of_them_leaves(real_company: RealCompany, pair: str) -> None:
    one, other = PAIRS[pair]
    async with real_company.database.session() as session:
        await republish_flow(session, "change", _rejected_when_late)
    actors = {key: await real_company.actor(key) for key in ("hana", "lucas", "elena", "ada")} | {"system": SYSTEM}
    in_order = []
    for first, second in ((one, other), (other, one)):
        scene = await _scene(real_company, actors)
        accepted = {first: await first(scene), second: await second(scene)}
        in_order.append((accepted[one], accepted[other], await _ends(scene)))
    for _trial in range(TRIALS):
        scene = await _scene(real_company, actors)
        accepted_one, accepted_other = await asyncio.gather(one(scene), other(scene))
        assert (accepted_one, accepted_other, await _ends(scene)) in in_order


def _rejected_when_late(definition: dict[str, Any]) -> None:
    definition["stages"][0]["steps"][0]["deadline"] = {"business_hours": 8, "remind": [], "then": "reject", "to": []}


async def _scene(real: RealCompany, actors: dict[str, Actor]) -> Scene:
    await _bring_back(real, actors["ada"])
    hana = actors["hana"]
    with acting_as(hana):
        async with real.database.in_its_own() as session:
            form = await TicketTemplates(session, hana).form("change")
            drafting = Drafting(session, hana)
            ticket = await drafting.start(Content("A change", fields=CHANGE), form=form)
            await drafting.submit(ticket)
            await _make_late(session, ticket)
    async with real.database.session() as session:
        desk = RescueDesk(session, actors["lucas"])
        running = await desk.running(await desk.find(ticket.ticket_no))
        assert running is not None
        vote = explain(running.state, actors["lucas"].id, running.context).votes[0]
    return Scene(real, actors, ticket.ticket_no, vote.seat, vote.content_hash)


async def _make_late(session: AsyncSession, ticket: Ticket) -> None:
    """As if the step had opened long ago: its deadline has come, and nothing has fired."""
    await session.flush()
    process = (await session.execute(select(ApprovalProcess).filter_by(ticket_id=ticket.id))).scalars().one()
    past = utc_now() - timedelta(minutes=1)
    state = dict(process.state)
    for run in state["runs"]:
        for timer in run["timers"]:
            timer["due_at"] = past.isoformat()
    state_from_json(state)
    await session.execute(update(ApprovalProcess).filter_by(id=process.id).values(state=state))
    steps = select(ApprovalProcessStep.id).filter_by(process_id=process.id)
    await session.execute(update(ApprovalTimer).where(ApprovalTimer.step_id.in_(steps)).values(due_at=past))


async def _bring_back(real: RealCompany, ada: Actor) -> None:
    with acting_as(ada):
        async with real.database.in_its_own() as session:
            people = People(session, ada)
            lucas = await people.find(real.company.cast["lucas"].id)
            if not lucas.is_active:
                await people.reactivate(lucas)


async def _ends(scene: Scene) -> tuple[Any, ...]:
    """After the job that settles the ticket: its state, its approval's, and every seat's."""
    await scene.run("system", lambda desk, ticket: desk.settle(ticket))
    async with scene.real.database.session() as session:
        ticket = (await session.execute(select(Ticket).filter_by(ticket_no=scene.ticket_no))).scalars().one()
        process = (await session.execute(select(ApprovalProcess).filter_by(ticket_id=ticket.id))).scalars().one()
        seats = (
            select(Seat.user_id, Seat.status, Seat.void_reason)
            .join(ApprovalProcessStep, ApprovalProcessStep.id == Seat.step_id)
            .where(ApprovalProcessStep.process_id == process.id)
            .order_by(Seat.number)
        )
        rows = [tuple(row) for row in (await session.execute(seats)).all()]
    return ticket.status, process.status, process.attention, process.stage, rows
