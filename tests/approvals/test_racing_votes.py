"""Votes at the same moment, on real PostgreSQL: no step is stuck, none advances twice, no vote comes late."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM, Actor, acting_as
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalTemplate,
    ApprovalTemplateVersion,
)
from app.clock import utc_now
from app.errors import NotPossible
from app.publishing.service import fingerprint
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.tickets.models import Ticket
from tests.real import RealCompany

ROUNDS = 300
AT_ONCE = 4
VOTERS = ("maya", "tomas", "ruth")
NEEDED = {"any": 1, "count": 2, "all": 3}


@pytest.mark.parametrize("mode", ["any", "count", "all"])
async def test_concurrent_votes_close_a_step_once_and_none_comes_late(real_company: RealCompany, mode: str) -> None:
    version_id = await _flow(real_company, mode)
    voters = [await real_company.actor(key) for key in VOTERS]
    hana = await real_company.actor("hana")
    gate = asyncio.Semaphore(AT_ONCE)
    tickets = await _asked(real_company, hana, version_id)
    counted = await asyncio.gather(*(_round(real_company, gate, voters, ticket_no) for ticket_no in tickets))
    assert counted == [NEEDED[mode]] * ROUNDS, "as many votes as were needed, and not one more"
    assert await _stored(real_company) == dict(zip(tickets, counted, strict=True)), (
        "every vote that was acknowledged is there, and no other"
    )
    async with real_company.database.session() as session:
        status = await session.execute(select(ApprovalProcess.status, func.count()).group_by(ApprovalProcess.status))
        steps = await session.execute(
            select(ApprovalProcessStep.status, func.count()).group_by(ApprovalProcessStep.status)
        )
        ends = await session.execute(select(Ticket.status, func.count()).group_by(Ticket.status))
    assert [tuple(row) for row in status] == [("approved", ROUNDS)]
    assert [tuple(row) for row in steps] == [("approved", ROUNDS)]
    assert [tuple(row) for row in ends] == [("open", ROUNDS)]


async def _flow(real_company: RealCompany, mode: str) -> int:
    people = [{"source": "user", "user_id": real_company.company.cast[key].id} for key in VOTERS]
    step: dict[str, Any] = {"key": "vote", "name": "Vote", "mode": mode, "approvers": people}
    if mode == "count":
        step["threshold"] = NEEDED[mode]
    definition = {"key": f"race-{mode}", "name": "Race", "stages": [{"steps": [step]}]}
    with acting_as(SYSTEM):
        async with real_company.database.in_its_own() as session:
            flow = ApprovalTemplate(key=definition["key"], name="Race")
            session.add(flow)
            await session.flush()
            version = ApprovalTemplateVersion(
                template_id=flow.id, number=1, status="published", definition=definition,
                sha256=fingerprint(definition), published_at=utc_now(), published_by=SYSTEM.id,
            )  # fmt: skip
            session.add(version)
            await session.flush()
            return version.id


async def _asked(real_company: RealCompany, hana: Actor, version_id: int) -> list[str]:
    with acting_as(hana):
        async with real_company.database.in_its_own() as session:
            version = await session.get_one(ApprovalTemplateVersion, version_id)
            return [await _ask(session, hana, version) for _ in range(ROUNDS)]


async def _ask(session: AsyncSession, hana: Actor, version: ApprovalTemplateVersion) -> str:
    ticket = await Drafting(session, hana).start(Content("A race"))
    ticket.submitted_at = utc_now()
    await ApprovalDesk(session, hana).start(ticket, version)
    return ticket.ticket_no


async def _round(real_company: RealCompany, gate: asyncio.Semaphore, voters: list[Actor], ticket_no: str) -> int:
    """Everybody votes at once on what they all see; returns how many votes were acknowledged."""
    async with gate:
        seen = await _seen(real_company, voters, ticket_no)
        return sum(
            await asyncio.gather(
                *(_vote(real_company, voter, ticket_no, *what) for voter, what in zip(voters, seen, strict=True))
            )
        )


async def _seen(real_company: RealCompany, voters: list[Actor], ticket_no: str) -> list[tuple[int, str]]:
    """Of each their seat, and what they vote on."""
    async with real_company.database.session() as session:
        desk = ApprovalDesk(session, voters[0])
        running = await desk.running(await desk.find(ticket_no))
        assert running is not None
        votes = [explain(running.state, voter.id, running.context).votes[0] for voter in voters]
        return [(vote.seat, vote.content_hash) for vote in votes]


async def _stored(real_company: RealCompany) -> dict[str, int]:
    approved = (
        select(Ticket.ticket_no, func.count().label("votes"))
        .join(ApprovalProcess, ApprovalProcess.ticket_id == Ticket.id)
        .join(ApprovalProcessStep)
        .join(ApprovalProcessStepApprover)
        .where(ApprovalProcessStepApprover.status == "approved")
        .group_by(Ticket.ticket_no)
    )
    async with real_company.database.session() as session:
        return {row.ticket_no: row.votes for row in await session.execute(approved)}


async def _vote(real_company: RealCompany, voter: Actor, ticket_no: str, seat: int, seen_hash: str) -> bool:
    with acting_as(voter):
        try:
            async with real_company.database.in_its_own() as session:
                desk = ApprovalDesk(session, voter)
                ticket = await desk.lock(ticket_no)
                await desk.decide(ticket, seat=seat, decision=Decision.APPROVE, seen_hash=seen_hash)
        except NotPossible:
            return False
        return True
