"""Votes at the same moment, on real PostgreSQL: no step is stuck, none advances twice, no vote comes late."""

import asyncio
import os
from typing import Any

import pytest
from sqlalchemy import func, select

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

ROUNDS = 300 if os.environ.get("COUNTERSIGN_PROFILE") == "nightly" else 100
AT_ONCE = 4
VOTERS = ("maya", "tomas", "ruth")
NEEDED = {"any": 1, "count": 2, "all": 3}


@pytest.mark.parametrize("mode", ["any", "count", "all"])
async def test_concurrent_votes_close_a_step_once_and_none_comes_late(real_company: RealCompany, mode: str) -> None:
    version_id = await _flow(real_company, mode)
    voters = [await real_company.actor(key) for key in VOTERS]
    hana = await real_company.actor("hana")
    gate = asyncio.Semaphore(AT_ONCE)
    votes = await asyncio.gather(*(_round(real_company, gate, hana, voters, version_id) for _ in range(ROUNDS)))
    assert votes == [NEEDED[mode]] * ROUNDS, "as many votes as were needed, and not one more"
    async with real_company.database.session() as session:
        status = await session.execute(select(ApprovalProcess.status, func.count()).group_by(ApprovalProcess.status))
        steps = await session.execute(
            select(ApprovalProcessStep.status, func.count()).group_by(ApprovalProcessStep.status)
        )
        tickets = await session.execute(select(Ticket.status, func.count()).group_by(Ticket.status))
    assert [tuple(row) for row in status] == [("approved", ROUNDS)]
    assert [tuple(row) for row in steps] == [("approved", ROUNDS)]
    assert [tuple(row) for row in tickets] == [("open", ROUNDS)]


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


async def _round(
    real_company: RealCompany, gate: asyncio.Semaphore, hana: Actor, voters: list[Actor], version_id: int
) -> int:
    """Everybody votes at once on what they all see; returns how many votes counted."""
    async with gate:
        ticket_no = await _ask(real_company, hana, version_id)
        seen = [await _seen(real_company, voter, ticket_no) for voter in voters]
        results = await asyncio.gather(
            *(_vote(real_company, voter, ticket_no, *what) for voter, what in zip(voters, seen, strict=True))
        )
    async with real_company.database.session() as session:
        counted = (
            select(func.count())
            .select_from(ApprovalProcessStepApprover)
            .join(ApprovalProcessStep)
            .join(ApprovalProcess)
            .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
            .where(Ticket.ticket_no == ticket_no, ApprovalProcessStepApprover.status == "approved")
        )
        stored = (await session.execute(counted)).scalar_one()
    assert stored == sum(results), "every vote that was acknowledged is there, and no other"
    return stored


async def _ask(real_company: RealCompany, hana: Actor, version_id: int) -> str:
    with acting_as(hana):
        async with real_company.database.in_its_own() as session:
            ticket = await Drafting(session, hana).start(Content("A race"))
            version = await session.get_one(ApprovalTemplateVersion, version_id)
            ticket.submitted_at = utc_now()
            await ApprovalDesk(session, hana).start(ticket, version)
            return ticket.ticket_no


async def _seen(real_company: RealCompany, voter: Actor, ticket_no: str) -> tuple[int, str]:
    async with real_company.database.session() as session:
        desk = ApprovalDesk(session, voter)
        running = await desk.running(await desk.find(ticket_no))
        assert running is not None
        vote = explain(running.state, voter.id, running.context).votes[0]
        return vote.seat, vote.content_hash


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
