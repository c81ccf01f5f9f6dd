"""Ask for 38,400 EUR: manager, two of three in Finance, Legal because the supplier is new, handler, requester."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.tickets.handling import Handling
from tests.cast import Browser, Company
from tests.story import ask, decide


async def test_the_whole_story(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    aisha: Browser, jonas: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    assert ticket.status == "waiting_approval"
    assert ticket.ticket_no.startswith("PUR-")
    for approver in (daniel, maya, tomas):
        await decide(session, approver, ticket.ticket_no)
        assert ticket.status == "waiting_approval"
    await decide(session, aisha, ticket.ticket_no)
    assert (ticket.status, ticket.approval) == ("open", "approved")

    work = Handling(session, await jonas.actor())
    await work.take(await work.lock(ticket.ticket_no))
    assert (ticket.status, ticket.assignee_id) == ("in_progress", jonas.id)
    await work.resolve(ticket, resolution="Ordered, delivery on 16 December.")
    mine = Handling(session, await hana.actor())
    await mine.confirm(await mine.lock(ticket.ticket_no))
    assert ticket.status == "closed"

    notes = (
        await session.execute(select(TicketNote).filter_by(ticket_id=ticket.id).order_by(TicketNote.seq))
    ).scalars()
    told = [note.event_type for note in notes]
    assert told[:3] == ["created", "approval_submitted", "approval_step_started"]
    assert told.count("approval_approved") == 4
    assert told.count("approval_step_skipped") == 1, "38,400 is under the CFO's 50,000"
    assert told[-1] == "status_change"
