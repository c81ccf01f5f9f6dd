"""A request that came back: what to fix stands above the form, and its next submission tells what was changed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.approvals.core.commands import Decision
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import ask, decide, draft, edited, open_steps, republish_flow, republish_form


async def sent_back_by_finance(session: AsyncSession, hana: Browser, daniel: Browser, maya: Browser) -> Ticket:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    await decide(session, maya, ticket.ticket_no, Decision.RETURN, "Two quotes, please.")
    await session.refresh(ticket)
    assert (ticket.status, ticket.approval) == ("draft", "returned")
    return ticket


async def submitted(who: Browser, ticket: Ticket) -> Any:
    answer = await who.post(f"/tickets/{ticket.ticket_no}/submission")
    assert answer.status_code == 303, answer.text
    return answer


async def test_what_was_asked_to_be_fixed_stands_above_the_form_until_it_is_submitted_again(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket = await sent_back_by_finance(session, hana, daniel, maya)
    url = f"/tickets/{ticket.ticket_no}"
    for page in (url, f"{url}/edit"):
        html = (await hana.get(page)).text
        assert "Sent back, and what to fix" in html
        assert "Two quotes, please." in html
    await submitted(hana, ticket)
    assert "Sent back, and what to fix" not in (await hana.get(url)).text


async def test_what_was_rejected_says_why_at_the_top(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no, Decision.REJECT, "Not from this budget.")
    await session.commit()
    html = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert "Rejected, and why" in html
    assert html.index("Not from this budget.") < html.index('id="approval-')


async def test_the_next_submission_lists_what_was_changed(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket = await sent_back_by_finance(session, hana, daniel, maya)
    await edited(hana, ticket, title="Replace 30 thermal cameras", **{"fields.supplier": "Another Oy"})
    await submitted(hana, ticket)
    query = select(TicketNote.event_details).filter_by(ticket_id=ticket.id, event_type="approval_resubmitted")
    facts = (await session.execute(query)).scalar_one()
    assert [(one["label"], one["old"], one["new"]) for one in facts["changes"]] == [
        ("Supplier", "Nordtherm Imaging Oy", "Another Oy"),
        ("Title", "Replace 24 thermal cameras", "Replace 30 thermal cameras"),
    ]
    page = await maya.get(f"/tickets/{ticket.ticket_no}?activity=decisions")
    told = page.text.split("submitted this request again")[1]
    assert "Another Oy" in told.split("</li>")[0]


async def test_after_a_withdrawal_too(session: AsyncSession, company: Company, hana: Browser, daniel: Browser) -> None:
    ticket = await ask(session, hana)
    assert (await hana.post(f"/tickets/{ticket.ticket_no}/withdrawal")).status_code == 303
    await session.refresh(ticket)
    await edited(hana, ticket, **{"fields.supplier": "Another Oy"})
    await submitted(hana, ticket)
    query = select(TicketNote.event_details).filter_by(ticket_id=ticket.id, event_type="approval_submitted")
    first, second = (await session.execute(query.order_by(TicketNote.seq))).scalars()
    assert "changes" not in first
    assert [one["field"] for one in second["changes"]] == ["supplier"]


def from_the_returning_step(flow: Any) -> None:
    flow["resubmit"] = "returning_step"
    flow["stages"][0]["steps"][0]["watches"] = ["amount"]


async def test_it_goes_on_at_the_returning_step_where_what_was_settled_before_is_about_the_same_content(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    await republish_flow(session, "capital-purchase", from_the_returning_step)
    ticket = await sent_back_by_finance(session, hana, daniel, maya)
    await edited(hana, ticket, **{"fields.supplier": "Another Oy"})
    await submitted(hana, ticket)
    assert await open_steps(session, hana, ticket) == {"Finance review"}


async def test_it_starts_anew_where_something_changed_that_was_settled_before(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    await republish_flow(session, "capital-purchase", from_the_returning_step)
    ticket = await sent_back_by_finance(session, hana, daniel, maya)
    await edited(hana, ticket, **{"fields.amount": "39,000"})
    await submitted(hana, ticket)
    assert await open_steps(session, hana, ticket) == {"Line manager"}


async def test_by_default_it_starts_anew_even_if_nothing_changed(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket = await sent_back_by_finance(session, hana, daniel, maya)
    await submitted(hana, ticket)
    assert await open_steps(session, hana, ticket) == {"Line manager"}


async def test_a_draft_follows_the_form_that_was_published_meanwhile_with_what_was_typed(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    await republish_form(
        session, ada, "purchase-request", supplier={"label": "Who sells it"}, reason={"required": True}
    )
    answer = await submitted(hana, ticket)
    assert answer.headers["location"] == f"/tickets/{ticket.ticket_no}/edit"
    page = await hana.get(answer.headers["location"])
    assert "Who sells it" in page.text
    assert 'value="Nordtherm Imaging Oy"' in page.text
    await session.refresh(ticket)
    assert ticket.status == "draft"
    refused = await hana.post(f"/tickets/{ticket.ticket_no}/submission")
    assert refused.status_code == 422, "the new form wants a reason"
    await edited(hana, ticket, **{"fields.reason": "They are blind."})
    await submitted(hana, ticket)
    await session.refresh(ticket)
    assert ticket.status == "waiting_approval"


async def test_an_answer_that_the_new_form_asks_for_in_another_way_is_asked_again_and_stays_on_record(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    money = {"type": "money", "currencies": ["EUR"], "max": None}
    await republish_form(session, ada, "purchase-request", supplier=money)
    await submitted(hana, ticket)
    assert (await hana.get(f"/tickets/{ticket.ticket_no}/edit")).status_code == 200
    await session.refresh(ticket)
    assert "supplier" not in ticket.custom_fields_data
    query = select(TicketNote.event_details).filter_by(ticket_id=ticket.id, event_type="form_followed")
    [gone] = (await session.execute(query)).scalar_one()["changes"]
    assert (gone["label"], gone["old"], gone["new"]) == ("Supplier", "Nordtherm Imaging Oy", None)
