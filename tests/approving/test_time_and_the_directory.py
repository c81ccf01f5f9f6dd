"""A deadline fires once across workers; who leaves no longer decides, and nothing is approved by that."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from app.accounts.models import User
from app.activity.models import TicketNote
from app.actor import acting_as
from app.approvals.models import ApprovalProcess, ApprovalTimer
from app.clock import utc_now
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.jobs import directory_changed, fire_timers
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from tests.real import RealCompany
from tests.story import CAMERAS


async def _asked(real_company: RealCompany) -> str:
    hana = await real_company.actor("hana")
    with acting_as(hana):
        async with real_company.database.in_its_own() as session:
            form = await TicketTemplates(session, hana).form("purchase-request")
            drafting = Drafting(session, hana)
            ticket = await drafting.start(Content("Cameras", fields=CAMERAS), form=form)
            await drafting.submit(ticket)
            return ticket.ticket_no


async def test_a_deadline_that_has_come_fires_once_however_many_workers_look(real_company: RealCompany) -> None:
    await _asked(real_company)
    past = utc_now() - timedelta(minutes=1)
    async with real_company.database.in_its_own() as session:
        timer = (await session.execute(select(ApprovalTimer))).scalars().one()
        assert timer.due_at > utc_now() + timedelta(hours=23)
    await asyncio.gather(*(fire_timers(real_company.database) for _ in range(3)))
    assert await _kinds(real_company, "approval_overdue", "approval_reminded") == [], "it is not due yet"
    async with real_company.database.in_its_own() as session:
        await _make_due(session, past)
    await asyncio.gather(*(fire_timers(real_company.database) for _ in range(3)))
    assert await _kinds(real_company, "approval_overdue", "approval_reminded") == ["approval_reminded"]


async def _make_due(session, past) -> None:  # type: ignore[no-untyped-def]
    """As if the step had opened a day earlier: the timer's row and the engine's own timer alike."""
    process = (await session.execute(select(ApprovalProcess))).scalars().one()
    state = dict(process.state)
    for run in state["runs"]:
        for timer in run["timers"]:
            timer["due_at"] = past.isoformat()
    await session.execute(update(ApprovalProcess).values(state=state))
    await session.execute(update(ApprovalTimer).values(due_at=past))


async def test_the_only_approver_leaving_brings_attention_not_an_approval(real_company: RealCompany) -> None:
    await _asked(real_company)
    async with real_company.database.in_its_own() as session:
        for key in ("daniel", "ingrid"):
            user = await session.get_one(User, real_company.company.cast[key].id)
            user.deactivated_at = utc_now()
            user.updated_by = 1
    await directory_changed(real_company.database, {"user_id": real_company.company.cast["daniel"].id})
    async with real_company.database.session() as session:
        process = (await session.execute(select(ApprovalProcess))).scalars().one()
    assert process.status == "running"
    assert process.attention
    assert await _kinds(real_company, "approval_seat_voided") == ["approval_seat_voided"]


async def _kinds(real_company: RealCompany, *kinds: str) -> list[str | None]:
    async with real_company.database.session() as session:
        query = select(TicketNote.event_type).where(TicketNote.event_type.in_(kinds)).order_by(TicketNote.id)
        return list((await session.execute(query)).scalars())
