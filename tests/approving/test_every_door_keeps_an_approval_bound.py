"""Page, API and properties: no door changes what was approved, or costs decisions without a yes (rule 9)."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask, decide, edited, open_steps, republish_flow, republish_form


def manager_reads_labels(label: int) -> Any:
    """A check on the first step."""
    tree = {"v": 1, "field": "labels", "op": "any_of", "value": [label]}

    def change(flow: Any) -> None:
        flow["stages"][0]["steps"][0]["checks"] = [{"label": "Planned", "condition": tree}]

    return change


async def patched(who: Browser, ticket_no: str, **body: Any) -> Any:
    seen = await who.api("GET", f"/tickets/{ticket_no}")
    return await who.api("PATCH", f"/tickets/{ticket_no}", body, if_match=seen.headers["etag"])


async def test_a_script_hears_which_decisions_it_would_lose_and_says_yes_in_so_many_words(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    refused = await patched(hana, ticket.ticket_no, fields={"supplier": "Another Oy"})
    assert refused.status_code == 409
    [lost] = refused.json()["lost"]
    assert (lost["step"]["name"], lost["user"]["name"], lost["decision"]) == (
        "Line manager", "Daniel Okafor", "approved",
    )  # fmt: skip
    await session.refresh(ticket)
    assert ticket.custom_fields_data["supplier"] == "Nordtherm Imaging Oy"
    accepted = await patched(hana, ticket.ticket_no, fields={"supplier": "Another Oy"}, accept_rewind=True)
    assert accepted.status_code == 200, accepted.text
    assert await open_steps(session, hana, ticket) == {"Line manager"}


async def test_several_changes_in_one_call_are_one_new_round(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    label = company.labels["capex"].id
    await republish_flow(session, "capital-purchase", manager_reads_labels(label))
    ticket = await ask(session, hana)
    await patched(hana, ticket.ticket_no, title="Thirty", fields={"supplier": "Another Oy"}, label_ids=[label])
    approval = (await hana.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()
    assert approval["round"] == 2


async def test_a_label_is_free_unless_a_condition_reads_labels(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    free = await ask(session, hana)
    await decide(session, daniel, free.ticket_no)
    label = company.labels["capex"].id
    assert (await hana.post(f"/tickets/{free.ticket_no}/labels", add=label)).status_code == 303
    assert await open_steps(session, hana, free) == {"Finance review"}
    await republish_flow(session, "capital-purchase", manager_reads_labels(label))
    read = await ask(session, hana)
    await decide(session, daniel, read.ticket_no)
    url = f"/tickets/{read.ticket_no}/labels"
    refused = await hana.post(url, add=label, htmx=True)
    assert refused.status_code == 409
    assert "Line manager: Daniel Okafor, approved" in refused.text
    form = form_values(refused.text, "/labels")
    assert form.values["accept_rewind"] == "yes"
    accepted = await hana.submit(form.action, form.values, htmx=True)
    assert accepted.status_code == 200, accepted.text
    assert await open_steps(session, hana, read) == {"Line manager"}


async def approved(session: AsyncSession, hana: Browser, *approvers: Browser) -> Any:
    ticket = await ask(session, hana)
    for approver in approvers:
        await decide(session, approver, ticket.ticket_no)
    await session.refresh(ticket)
    assert ticket.status == "open"
    return ticket


async def test_once_approved_nobody_changes_what_was_approved_through_any_door(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    aisha: Browser, jonas: Browser, ada: Browser,
) -> None:  # fmt: skip
    label = company.labels["capex"].id
    await republish_flow(session, "capital-purchase", manager_reads_labels(label))
    ticket = await approved(session, hana, daniel, maya, tomas, aisha)
    assert (await patched(jonas, ticket.ticket_no, title="Other")).status_code == 409
    assert (await patched(ada, ticket.ticket_no, fields={"supplier": "Other"})).status_code == 409
    assert (await patched(ada, ticket.ticket_no, label_ids=[label], accept_rewind=True)).status_code == 409
    assert (await ada.post(f"/tickets/{ticket.ticket_no}/labels", add=label)).status_code == 409
    assert (await ada.post(f"/tickets/{ticket.ticket_no}/priority", priority="high")).status_code == 303
    await session.refresh(ticket)
    assert (ticket.title, ticket.priority) == ("Replace 24 thermal cameras", "high")
    assert ticket.custom_fields_data["supplier"] == "Nordtherm Imaging Oy"


async def test_a_free_field_changes_without_a_new_round_and_after_approval(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    aisha: Browser, jonas: Browser, ada: Browser,
) -> None:  # fmt: skip
    await republish_form(session, ada, "purchase-request", reason={"approval_relevant": False})
    waiting = await ask(session, hana)
    await decide(session, daniel, waiting.ticket_no)
    assert (await edited(hana, waiting, **{"fields.reason": "They are blind."})).status_code == 303
    assert await open_steps(session, hana, waiting) == {"Finance review"}
    ticket = await approved(session, hana, daniel, maya, tomas, aisha)
    changed = await patched(jonas, ticket.ticket_no, fields={"reason": "Ordered as 4711."})
    assert changed.status_code == 200, changed.text


async def test_a_locked_field_stays_as_it_was_submitted(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    await republish_form(session, ada, "purchase-request", cost_center={"locked": True})
    ticket = await ask(session, hana)
    page = await hana.get(f"/tickets/{ticket.ticket_no}/edit")
    assert 'name="fields.cost_center"' not in page.text
    refused = await patched(hana, ticket.ticket_no, fields={"cost_center": "cc_2200"}, accept_rewind=True)
    assert refused.status_code == 409
    assert "Cost centre" in refused.json()["detail"]
    assert (await hana.post(f"/tickets/{ticket.ticket_no}/withdrawal")).status_code == 303
    still = await patched(hana, ticket.ticket_no, fields={"cost_center": "cc_2200"})
    assert still.status_code == 409, "as a draft again too"


async def test_past_the_last_round_nothing_can_be_changed_until_it_is_withdrawn(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    await republish_flow(session, "capital-purchase", lambda flow: flow.update(max_rounds=1))
    ticket = await ask(session, hana)
    assert (await edited(hana, ticket, title="Second")).status_code == 303
    page = await hana.get(f"/tickets/{ticket.ticket_no}/edit")
    assert "After this many rounds" in page.text
    refused = await patched(hana, ticket.ticket_no, title="Third", accept_rewind=True)
    assert refused.status_code == 409
    await session.refresh(ticket)
    assert ticket.title == "Second"
