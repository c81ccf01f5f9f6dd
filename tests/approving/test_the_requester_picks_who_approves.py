"""A step whose approvers the requester names: chosen with the draft, checked at the submission, then fixed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserRole
from app.approvals.core.definition_json import flow_from_json, flow_to_json
from app.approvals.core.publish_check import PublishFacts, problems
from app.approvals.forms import ApprovalTemplateForm
from app.approvals.service import ApprovalTemplates
from app.flow_forms import forms_of_flow
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import CAMERAS, decide, open_steps, republish_flow

NEW = {"template": "purchase-request", "title": "Replace 24 thermal cameras", "fields": CAMERAS}
FORM = "/tickets/new/purchase-request"
TYPED = {
    "title": "Replace 24 thermal cameras", "fields.amount": "38,400", "fields.amount_currency": "EUR",
    "fields.cost_center": "cc_4410", "fields.supplier": "Nordtherm Imaging Oy", "fields.budgeted": "true",
    "drawn": ["amount", "cost_center", "supplier", "supplier_is_new", "budgeted", "needed_by", "reason"],
}  # fmt: skip


def picked_by_hand(company: Company, count: int = 1) -> Callable[[dict[str, Any]], None]:
    def change(flow: dict[str, Any]) -> None:
        step = flow["stages"][1]["steps"][0]
        role = company.cast.roles["Finance"].id
        step["approvers"] = [{"source": "pick", "role_id": role, "count": count}]
        step["mode"], step["threshold"] = "all", None
        flow["stages"] = flow["stages"][:2]

    return change


@pytest.fixture
async def picking(session: AsyncSession, company: Company) -> Company:
    """Finance decides by one of its members, whom the requester names."""
    await republish_flow(session, "capital-purchase", picked_by_hand(company))
    return company


async def by_number(session: AsyncSession, location: str) -> Ticket:
    query = select(Ticket).filter_by(ticket_no=location.rsplit("/", 1)[1]).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one()


async def test_whom_the_requester_picks_is_asked_and_nobody_else(
    session: AsyncSession, picking: Company, hana: Browser, daniel: Browser, tomas: Browser, maya: Browser
) -> None:
    page = (await hana.get(FORM)).text
    assert 'name="picks.finance"' in page
    assert "Whoever asks chooses who approves here." in page
    typed = {**TYPED, "picks.finance": str(tomas.id)}
    assert "Tomás Herrera" in (await hana.submit(f"{FORM}/forecast", typed, htmx=True)).text
    sent = await hana.submit(FORM, {**typed, "act": "submit"})
    assert sent.status_code == 303, sent.text
    ticket = await by_number(session, sent.headers["location"])
    await decide(session, daniel, ticket.ticket_no)
    approval = (await hana.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()
    assert [one["user"]["id"] for one in approval["steps"][1]["approvers"]] == [tomas.id]
    assert await open_steps(session, hana, ticket) == {"Finance review"}
    await decide(session, tomas, ticket.ticket_no)
    await session.refresh(ticket)
    assert ticket.status == "open"


async def test_a_wrong_choice_is_told_with_everything_else_and_nothing_typed_is_lost(
    session: AsyncSession, picking: Company, hana: Browser, aisha: Browser
) -> None:
    for given in ("", str(aisha.id), str(hana.id), "999999", "x"):
        refused = await hana.submit(FORM, {**TYPED, "title": "", "picks.finance": given, "act": "submit"}, htmx=True)
        assert refused.status_code == 422
        for said in ("Fill this in.", 'id="f-picks.finance-error"', "Nordtherm Imaging Oy"):
            assert said in refused.text, given
    again = await hana.submit(FORM, {**TYPED, "picks.finance": "", "act": "submit"})
    assert "Choose 1 person." in again.text


async def test_the_requester_is_never_offered_though_they_belong_to_the_role(
    session: AsyncSession, picking: Company, maya: Browser, tomas: Browser
) -> None:
    body = {**NEW, "picks": {"finance": [maya.id]}}
    refused = await maya.api("POST", "/tickets", body)
    assert refused.status_code == 422
    assert "picks.finance" in refused.json()["errors"]
    assert f'value="{maya.id}"' not in (await maya.get(FORM)).text


async def test_a_draft_keeps_the_choice_and_may_lack_somebody(
    session: AsyncSession, picking: Company, hana: Browser, tomas: Browser, maya: Browser
) -> None:
    await republish_flow(session, "capital-purchase", picked_by_hand(picking, 2))
    kept = await hana.submit(FORM, {**TYPED, "picks.finance": ["", str(tomas.id)], "act": "keep"})
    assert kept.status_code == 303, kept.text
    ticket = await by_number(session, kept.headers["location"])
    assert ticket.picks == {"finance": [tomas.id]}
    path = f"/tickets/{ticket.ticket_no}"
    few = await hana.api("POST", f"{path}/submission")
    assert (few.status_code, few.json()["errors"]) == (422, {"picks.finance": "Choose 2 different people."})
    edit = (await hana.get(f"{path}/edit")).text
    assert "Tomás Herrera" in edit
    both = {**TYPED, "version": str(ticket.version), "picks.finance": ["", str(tomas.id), str(maya.id)]}
    assert (await hana.submit(f"{path}/edit", both)).status_code == 303
    assert (await by_number(session, path)).picks == {"finance": [tomas.id, maya.id]}
    assert (await hana.api("POST", f"{path}/submission")).status_code == 200


async def test_who_left_the_role_meanwhile_is_refused_at_the_submission(
    session: AsyncSession, picking: Company, hana: Browser, tomas: Browser
) -> None:
    started = await hana.api("POST", "/tickets", {**NEW, "picks": {"finance": [tomas.id]}})
    ticket = started.json()
    assert ticket["picks"] == {"finance": [tomas.id]}
    role = picking.cast.roles["Finance"].id
    row = (await session.execute(select(UserRole).filter_by(user_id=tomas.id, role_id=role))).scalar_one()
    await session.delete(row)
    await session.commit()
    refused = await hana.api("POST", f"/tickets/{ticket['ticket_no']}/submission")
    assert refused.status_code == 422
    assert refused.json()["errors"] == {"picks.finance": "Choose from those in Finance who may decide here now."}


async def test_while_it_waits_the_choice_stands_and_a_withdrawn_one_is_made_anew(
    session: AsyncSession, picking: Company, hana: Browser, tomas: Browser, maya: Browser
) -> None:
    ticket = (await hana.api("POST", "/tickets", {**NEW, "picks": {"finance": [tomas.id]}})).json()
    path = f"/tickets/{ticket['ticket_no']}"
    waiting = (await hana.api("POST", f"{path}/submission")).json()

    async def change(version: int, **picks: Any) -> Any:
        return await hana.api("PATCH", path, {"picks": picks}, if_match=f'"{version}"')

    held = await change(waiting["version"], finance=[maya.id])
    assert held.status_code == 409
    assert "picks." not in (await hana.get(f"{path}/edit")).text
    back = (await hana.api("POST", f"{path}/transitions", {"to": "draft"})).json()
    unknown = await change(back["version"], nobody=[maya.id])
    assert list(unknown.json()["errors"]) == ["picks.nobody"]
    anew = await change(back["version"], finance=[maya.id])
    assert (anew.status_code, anew.json()["picks"]) == (200, {"finance": [maya.id]})


async def test_an_outsider_learns_nothing_of_the_choice(
    session: AsyncSession, picking: Company, hana: Browser, otto: Browser, tomas: Browser
) -> None:
    ticket = (await hana.api("POST", "/tickets", {**NEW, "picks": {"finance": [tomas.id]}})).json()
    sent = {"picks": {"finance": [tomas.id]}}
    hidden = await otto.api("PATCH", f"/tickets/{ticket['ticket_no']}", sent, if_match='"1"')
    never = await otto.api("PATCH", "/tickets/PUR-999999", sent, if_match='"1"')
    assert (hidden.status_code, hidden.content) == (404, never.content)


async def test_the_template_form_offers_the_pick_and_says_where_it_may_stand(
    session: AsyncSession, picking: Company, ada: Browser
) -> None:
    templates = ApprovalTemplates(session, await ada.actor(), forms_of_flow)
    version = await templates.life.published(await templates.find("capital-purchase"))
    assert version is not None
    plain = flow_to_json(flow_from_json(version.definition))
    form = ApprovalTemplateForm.showing(plain)
    assert form.definition(key="capital-purchase")["stages"] == plain["stages"]
    assert "How many they pick" in (await ada.get("/admin/approval-templates/capital-purchase")).text
    step = plain["stages"][1]["steps"][0]
    step["fallback"] = step["approvers"]
    found = [one.path for one in problems(plain, PublishFacts()) if not one.warning]
    assert found == ["$.stages[1].steps[0].fallback"]
