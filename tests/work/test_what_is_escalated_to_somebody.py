"""Whoever an overdue seat is escalated to finds it in the inbox and answers for its holder (approvals.md, rule 10)."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import SYSTEM, acting_as
from app.approvals.core.state import TimerKind
from app.approvals.models import ApprovalProcess
from app.clock import utc_now
from app.notifications.models import NotificationRule
from app.notifications.ready_rules import READY_RULES
from app.notifications.recipients import meant_by
from app.notifications.rule_repository import RuleRecipients
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask, decide, republish_flow


async def overdue(session: AsyncSession, company: Company, hana: Browser, **content: Any) -> Ticket:
    """Daniel was asked, Ingrid is his manager."""

    def within_a_day(flow: dict[str, Any]) -> None:
        flow["stages"][0]["steps"][0]["deadline"] = {"business_hours": 8, "remind": [], "then": "escalate", "to": []}

    await republish_flow(session, "capital-purchase", within_a_day)
    ticket = await ask(session, hana, **content)
    past = utc_now() - timedelta(minutes=1)
    process = (await session.execute(select(ApprovalProcess).filter_by(ticket_id=ticket.id))).scalar_one()
    state = deepcopy(process.state)
    for timer in state["runs"][0]["timers"]:
        timer["due_at"] = past.isoformat()
    process.state = state
    await session.commit()
    desk = ApprovalDesk(session, SYSTEM)
    with acting_as(SYSTEM):
        await desk.fire(
            await desk.lock(ticket.ticket_no), run=state["runs"][0]["number"], kind=TimerKind.DEADLINE, ordinal=0,
            due_at=past,
        )  # fmt: skip
        await session.commit()
    return ticket


async def pending(who: Browser) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await who.api("GET", "/approvals/pending")).json()["items"]
    return items


async def test_it_stands_in_the_inbox_with_whom_it_is_for_and_is_decided_there(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ingrid: Browser, jonas: Browser
) -> None:
    ticket = await overdue(session, company, hana, visibility="restricted")
    [row] = await pending(ingrid)
    assert (row["ticket"]["ticket_no"], row["on_behalf_of"]["name"]) == (ticket.ticket_no, "Daniel Okafor")
    inbox = (await ingrid.get("/approvals")).text
    assert "for Daniel Okafor" in inbox
    assert 'id="nav-approvals-n" data-count="1"' in inbox
    assert ticket.title in (await ingrid.get("/")).text
    assert (
        "Ingrid Solberg: may answer too, for the deadline passed"
        in (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    )
    assert [len(await pending(who)) for who in (daniel, jonas)] == [1, 0], "its holder may still answer"
    form = form_values(inbox, "/decision")
    answer = await ingrid.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert answer.status_code == 200, answer.text
    assert [await pending(who) for who in (daniel, ingrid)] == [[], []]
    step = (await hana.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()["steps"][0]
    [seat] = step["approvers"]
    assert (step["status"], seat["acted_by"]["name"], seat["on_behalf_of"]["name"]) == (
        "approved", "Ingrid Solberg", "Daniel Okafor",
    )  # fmt: skip


async def test_once_its_holder_has_answered_it_is_gone(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ingrid: Browser
) -> None:
    ticket = await overdue(session, company, hana)
    await decide(session, daniel, ticket.ticket_no)
    assert await pending(ingrid) == []
    assert ticket.title not in (await ingrid.get("/approvals")).text


async def test_they_are_told(session: AsyncSession, company: Company, hana: Browser, ingrid: Browser) -> None:
    ticket = await overdue(session, company, hana)
    query = select(TicketNote).filter_by(ticket_id=ticket.id, event_type="approval_escalated")
    escalated = (await session.execute(query)).scalar_one()
    ready = READY_RULES["approval-requested"]
    assert escalated.event_type in ready.events
    rule = RuleRecipients(NotificationRule(recipients=ready.recipients), [], [])
    assert await meant_by(session, rule, escalated, ticket) == {ingrid.id: "approvers"}
