"""Who is awaited, why and since when; why I cannot act; why a step is there or skipped: in words, for who may read."""

from html import unescape
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.approvals.core.commands import Decision
from app.tickets.approving.rewinding import Rewinding
from tests.cast import Browser, Company
from tests.story import CAMERAS, CHANGE, ask, decide, republish_flow, republish_form


async def page_of(who: Browser, number: str) -> str:
    return unescape((await who.get(f"/tickets/{number}")).text)


async def test_everybody_reads_who_is_awaited_why_and_since_when(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser, maya: Browser
) -> None:
    ticket = await ask(session, hana)
    page = await page_of(jonas, ticket.ticket_no)
    assert "Waiting for Daniel Okafor" in page
    assert "Waiting for Daniel Okafor, " in await page_of(jonas, f"{ticket.ticket_no}/print"), "on paper too"
    assert "Daniel Okafor: the requester’s manager" in page
    await decide(session, daniel, ticket.ticket_no)
    page = await page_of(jonas, ticket.ticket_no)
    assert "Because Amount (€38,400.00) is at least €5,000.00" in page
    assert "Finance: any one of its members" in page
    assert "Not needed: Amount (€38,400.00) is less than €50,000.00" in page
    found = (await maya.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()
    finance = found["steps"][1]
    assert (finance["since"] is not None, found["why_not"]) == (True, None)
    assert finance["approvers"][0]["because"] == "any one of its members"


async def test_steps_that_run_side_by_side_share_their_stage(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser, daniel: Browser
) -> None:
    def merge(definition: dict[str, Any]) -> None:
        definition["stages"][0]["steps"] += definition["stages"].pop(1)["steps"]

    await republish_flow(session, "capital-purchase", merge)
    ticket = await ask(session, hana)
    page = await page_of(jonas, ticket.ticket_no)
    assert "At the same time as Finance" in page
    assert "At the same time as Line manager" in page
    assert page.count('<span class="nd">1</span>') == 2
    assert "Line manager, step 1 of 3" in unescape((await daniel.get("/approvals")).text)


async def test_a_lists_trail_draws_steps_that_will_be_skipped_as_such(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser
) -> None:
    ticket = await ask(session, hana)
    trail = '<i class="now0"></i><i class="wait"></i><i class="wait"></i><i class="{}"></i>'
    assert trail.format("skip") in (await jonas.get("/tickets")).text
    dear = {**CAMERAS, "amount": {"amount": "60000.00", "currency": "EUR"}}
    changed = await hana.api("PATCH", f"/tickets/{ticket.ticket_no}", {"fields": dear}, If_Match=f'"{ticket.version}"')
    assert changed.status_code == 200, changed.text
    assert trail.format("wait") in (await jonas.get("/tickets")).text, "at 60,000 euros the CFO is asked"


async def test_who_has_spoken_and_who_no_longer_may_read_why_they_cannot_act(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, elena: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    await decide(session, lucas, ticket.ticket_no)
    at = (await lucas.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()["why_not"]
    assert at.startswith("You approved this at ")
    assert len(at) < 60, "a clock time, not a timestamp"
    elena.user.deactivated_at = elena.user.created_at
    await session.flush()
    rewinding = Rewinding(session, await ada.actor())
    await rewinding.settle(await rewinding.lock(ticket.ticket_no))
    await session.commit()
    page = await page_of(lucas, ticket.ticket_no)
    assert "You approved this at" in page, "the ten seconds in which it could be taken back have ended"
    assert "no longer decides on Change board: This account is no longer active." in page.replace("<b>", "").replace(
        "</b>", ""
    )
    assert "Change board: The votes that are left cannot decide this step." in await page_of(ada, ticket.ticket_no)
    found = (await ada.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()
    assert "This account is no longer active." in [one["because"] for one in found["steps"][0]["approvers"]]


async def test_conditions_call_people_and_roles_by_name(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    def change(flow: dict[str, Any]) -> None:
        flow["stages"][2]["steps"][0]["condition"] = {"v": 1, "field": "requester", "op": "eq", "value": daniel.id}

    await republish_flow(session, "capital-purchase", change)
    ticket = await ask(session, hana)
    page = await page_of(hana, ticket.ticket_no)
    assert "Not needed: Requester (Hana Sato) is not Daniel Okafor" in page


async def test_what_somebody_may_not_read_is_in_no_sentence(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser, ada: Browser
) -> None:
    await republish_form(
        session, ada, "purchase-request", amount={"readable_by": [company.cast.roles["Finance"].id]}
    )  # fmt: skip
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    page = await page_of(jonas, ticket.ticket_no)
    assert "Because of an answer that you may not read" in page
    assert "38,400" not in page
    approval = (await jonas.api("GET", f"/tickets/{ticket.ticket_no}/approval")).text
    assert "38,400" not in approval
    assert "Because Amount (€38,400.00)" in await page_of(hana, ticket.ticket_no)
    small = await ask(session, hana, {**CAMERAS, "amount": {"amount": "77.00", "currency": "EUR"}})
    await decide(session, daniel, small.ticket_no)
    notes = await jonas.api("GET", f"/tickets/{small.ticket_no}/notes")
    for told in (await page_of(jonas, small.ticket_no), notes.text):
        assert "77.00" not in told
    assert "was skipped: of an answer that you may not read" in (await page_of(jonas, small.ticket_no)).replace(
        "</b>", ""
    )
    assert "Amount (€77.00) is less than €5,000.00" in await page_of(hana, small.ticket_no)
    (await session.get_one(User, jonas.id)).locale = "zh_Hant"
    await session.commit()
    notes = await jonas.api("GET", f"/tickets/{small.ticket_no}/notes")
    for told in (await page_of(jonas, small.ticket_no), notes.text):
        assert "「Finance review」" in told or "approval_step_skipped" in told
        assert "77.00" not in told, "nor in the words of another language that stand beside it"


async def test_the_steps_after_the_end_are_not_promised_to_anybody(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no, Decision.REJECT, "Not this year.")
    page = await page_of(hana, ticket.ticket_no)
    assert "Rejected by Daniel Okafor" in page
    assert "Not asked: it ended before" in page
    assert "Line manager is rejected" in page
    assert "The request is rejected" in page


async def test_a_reason_is_recorded_once_and_read_by_everybody_in_their_language(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser
) -> None:
    """Also where whoever asked reads another language than the others."""
    for reader in (hana, daniel):
        (await session.get_one(User, reader.id)).locale = "zh_Hant"
    await session.commit()
    ticket = await ask(session, hana)
    small = await ask(session, hana, {**CAMERAS, "amount": {"amount": "77.00", "currency": "EUR"}})
    for one in (ticket, small):
        await decide(session, daniel, one.ticket_no)
    assert "Because Amount (€38,400.00) is at least €5,000.00" in await page_of(jonas, ticket.ticket_no)
    assert "原因：Amount (€38,400.00) 至少為 €5,000.00" in await page_of(hana, ticket.ticket_no)
    skipped = "Finance review was skipped: Amount (€77.00) is less than €5,000.00."
    assert skipped in (await page_of(jonas, small.ticket_no)).replace("</b>", "")
    page = await page_of(daniel, small.ticket_no)
    assert "「Finance review」已略過：Amount (€77.00) 小於 €5,000.00。" in page
    notes = (await daniel.api("GET", f"/tickets/{small.ticket_no}/notes")).text
    assert "Amount (77.00 EUR) 小於 5,000.00 EUR" in notes
    assert "is less than" not in notes
