"""Dashboards are for managers; from there they remind those a step waits for."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.notifications.recipients import _approvers
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask


async def test_others_are_refused_and_do_not_see_the_entry(company: Company, hana: Browser, daniel: Browser) -> None:
    assert (await hana.get("/dashboards/operations")).status_code == 403
    assert 'href="/dashboards"' not in (await hana.get("/")).text
    assert 'href="/dashboards"' in (await daniel.get("/")).text
    assert (await daniel.get("/dashboards")).headers["location"] == "/dashboards/operations"
    assert (await daniel.get("/dashboards/other")).status_code == 404


async def test_an_empty_company_is_told_when_numbers_appear(company: Company, daniel: Browser) -> None:
    page = await daniel.get("/dashboards/operations")
    assert "Numbers appear after the first ticket" in page.text


async def test_a_reminder_is_on_the_timeline_once_in_four_hours_and_reaches_the_approvers(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    form = form_values((await ada.get("/dashboards/operations")).text, "/reminders")
    answer = await ada.submit(form.action, {}, htmx=True)
    assert answer.status_code == 200, answer.text
    assert "Reminded" in answer.text
    assert (
        "Ada Kovac</b> reminded the approvers of Line manager" in (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    )
    assert (await ada.submit(form.action, {}, htmx=True)).status_code == 429
    assert "/reminders" not in (await ada.get("/dashboards/operations")).text
    query = select(TicketNote).where(TicketNote.ticket_id == ticket.id, TicketNote.event_type == "approval_reminded")
    note = (await session.scalars(query)).one()
    assert await _approvers(session, note) == {daniel.id}


async def test_who_may_not_see_the_ticket_finds_no_step_to_remind(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, otto: Browser
) -> None:
    await ask(session, hana, visibility="restricted")
    form = form_values((await ada.get("/dashboards/operations")).text, "/reminders")
    assert (await otto.submit(form.action, {})).status_code == 404
    assert (await ada.submit("/approvals/99999999/reminders", {})).status_code == 404


async def test_a_restricted_ticket_counts_only_for_who_may_see_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ingrid: Browser
) -> None:
    ticket: Ticket = await ask(session, hana, visibility="restricted", title="Secret")
    assert 'status=waiting_approval" data-count="1"' in (await daniel.get("/dashboards/operations")).text
    assert ticket.title not in (await ingrid.get("/tickets")).text
