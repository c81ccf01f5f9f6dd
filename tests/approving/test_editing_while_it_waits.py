"""Rule 9 at the pages: an approval is bound to what was approved, and the editor is told what a change costs."""

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.story import ask, decide, edited, open_steps


async def test_before_anybody_decided_an_edit_loses_nothing_and_needs_no_yes(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    answer = await edited(hana, ticket, title="Replace 30 thermal cameras")
    assert answer.status_code == 303, answer.text
    await session.refresh(ticket)
    assert (ticket.title, ticket.status) == ("Replace 30 thermal cameras", "waiting_approval")


async def test_the_editor_is_told_beforehand_whose_decisions_an_edit_costs(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    page = await hana.get(f"/tickets/{ticket.ticket_no}/edit")
    assert "Line manager: Daniel Okafor, approved" in page.text


async def test_without_a_yes_nothing_is_saved_and_what_was_typed_is_kept(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    answer = await edited(hana, ticket, htmx=True, **{"fields.supplier": "Another Oy"})
    assert answer.status_code == 409
    assert "Line manager: Daniel Okafor, approved" in answer.text
    assert "Save and ask again" in answer.text
    assert 'value="Another Oy"' in answer.text
    await session.refresh(ticket)
    assert ticket.custom_fields_data["supplier"] == "Nordtherm Imaging Oy"
    assert await open_steps(session, hana, ticket) == {"Finance review"}


async def test_with_a_yes_it_is_saved_and_asked_from_the_first_step_that_watches_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    answer = await edited(hana, ticket, accept_rewind="yes", **{"fields.supplier": "Another Oy"})
    assert answer.status_code == 303, answer.text
    await session.refresh(ticket)
    assert ticket.custom_fields_data["supplier"] == "Another Oy"
    assert await open_steps(session, hana, ticket) == {"Line manager"}
    page = await hana.get(f"/tickets/{ticket.ticket_no}")
    assert "Earlier approvals no longer count" in page.text


async def test_saving_what_stands_there_already_resets_nothing(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    assert (await edited(hana, ticket)).status_code == 303
    assert await open_steps(session, hana, ticket) == {"Finance review"}


async def test_nobody_else_edits_what_waits(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, nora: Browser, otto: Browser
) -> None:
    ticket, hidden = await ask(session, hana), await ask(session, hana, visibility="restricted")
    mine = {"title": "Mine", "version": "1"}
    for who, restricted, status in ((daniel, False, 409), (nora, False, 403), (otto, True, 404)):
        url = f"/tickets/{hidden.ticket_no if restricted else ticket.ticket_no}/edit"
        assert (await who.get(url)).status_code == status
        assert (await who.submit(url, mine)).status_code == status
        assert (await who.api("PATCH", url[:-5], {"title": "Mine"}, if_match='"1"')).status_code in {status, 412}
    await session.refresh(ticket)
    assert ticket.title == hidden.title == "Replace 24 thermal cameras"


async def test_a_step_that_was_skipped_is_asked_once_the_amount_needs_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    small = {"amount": {"amount": "4999.00", "currency": "EUR"}, "cost_center": "cc_4410", "supplier": "Local"}
    ticket = await ask(session, hana, {**small, "supplier_is_new": True})
    await decide(session, daniel, ticket.ticket_no)
    assert await open_steps(session, hana, ticket) == {"Legal"}
    await edited(hana, ticket, accept_rewind="yes", **{"fields.amount": "49,000"})
    assert await open_steps(session, hana, ticket) == {"Line manager"}
    await decide(session, daniel, ticket.ticket_no)
    assert await open_steps(session, hana, ticket) == {"Finance review"}
