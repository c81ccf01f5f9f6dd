"""A company with some history, made quickly."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.commands import Decision
from app.approvals.models import ApprovalProcess, ApprovalProcessStep
from app.clock import utc_now
from app.tickets.handling import Handling
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import ask, decide, draft


@pytest.fixture
async def past(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    aisha: Browser, jonas: Browser, lucas: Browser, ada: Browser,
) -> list[Ticket]:  # fmt: skip
    """Tickets in every state, some restricted, some late, some long ago."""
    now = utc_now()
    waiting = [await ask(session, hana, title=f"Waits {n}") for n in range(5)]
    for ticket in waiting[:2]:
        await decide(session, daniel, ticket.ticket_no)
    secret = [await ask(session, hana, title=f"Secret {n}", visibility="restricted") for n in range(3)]
    of_lucas = await ask(session, lucas, title="Secret of Lucas", visibility="restricted")
    done = [await ask(session, lucas, title=f"Done {n}", due_at=now + timedelta(days=1 - n)) for n in range(3)]
    for ticket in done:
        for approver in (daniel, maya, tomas, aisha):
            await decide(session, approver, ticket.ticket_no)
    for ticket in done[:2]:
        desk = Handling(session, await jonas.actor())
        await desk.take(await desk.lock(ticket.ticket_no))
        await desk.resolve(await desk.lock(ticket.ticket_no), resolution="Ordered.")
    await Handling(session, await lucas.actor()).confirm(done[0])
    rejected = await ask(session, hana, title="Rejected")
    await decide(session, daniel, rejected.ticket_no, Decision.REJECT, "No.")
    returned = await ask(session, hana, title="Sent back")
    await decide(session, daniel, returned.ticket_no, Decision.RETURN, "Two quotes, please.")
    drafts = [await draft(session, who, title="Only mine") for who in (hana, daniel, ada)]
    await _long_ago(session, waiting[0])
    late = now - timedelta(days=2)
    await session.execute(update(Ticket).where(Ticket.id == secret[0].id).values(due_at=late))
    await session.commit()
    return [*waiting, *secret, of_lucas, *done, rejected, returned, *drafts]


async def _long_ago(session: AsyncSession, ticket: Ticket) -> None:
    """Its open steps have waited for four days, and are late."""
    then = utc_now() - timedelta(days=4)
    process = select(ApprovalProcess.id).where(ApprovalProcess.ticket_id == ticket.id)
    moved = update(ApprovalProcessStep).where(ApprovalProcessStep.process_id.in_(process))
    await session.execute(moved.values(opened_at=then, due_at=then + timedelta(days=1)))
    await session.execute(update(Ticket).where(Ticket.id == ticket.id).values(created_at=then, status_since=then))
