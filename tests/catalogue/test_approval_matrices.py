"""Administrators keep a table of who approves for which value, and flows ask whom it names."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import AuditEntry
from app.approvals.models import ApprovalProcess, ApprovalTemplate
from app.approvals.service import ApprovalTemplates
from app.catalogue.matrices import Matrices
from app.catalogue.models import ApprovalMatrixRow
from app.errors import NotAllowed, Refused
from app.flow_forms import forms_of_flow
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.approving.looking_up import texts_of
from app.tickets.models import Ticket
from tests.approvals.makers import typed
from tests.cast import Browser, Company
from tests.story import CAMERAS, ask, decide, edited, open_steps, republish_flow

LIST = "/admin/matrices"
ONE = f"{LIST}/cost-centres"
LINE = {"source": "matrix", "matrix": "cost-centres", "field": "cost_center"}


async def keep(session: AsyncSession, ada: Browser, *rows: dict[str, Any]) -> None:
    """The table, and a first step of the purchase that asks by it and has no fallback."""
    matrices = Matrices(session, await ada.actor())
    matrix = await matrices.add(key="cost-centres", name="Cost centres")
    for row in rows:
        await matrices.add_row(matrix, value="cc_4410", **row)

    def ask_the_table(flow: dict[str, Any]) -> None:
        flow["stages"][0]["steps"][0] |= {"approvers": [LINE], "fallback": []}

    await republish_flow(session, "capital-purchase", ask_the_table)


async def running_of(session: AsyncSession, who: Browser, ticket: Ticket) -> Running:
    running = await ApprovalDesk(session, await who.actor()).running(ticket)
    assert running is not None
    return running


async def test_whom_the_row_names_is_asked_and_the_seat_says_why(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, maya: Browser
) -> None:
    finance = company.cast.roles["Finance"].id
    await keep(session, ada, {"user_id": company.cast["maya"].id}, {"role_id": finance})
    ticket = await ask(session, hana)
    seats = (await running_of(session, hana, ticket)).state.open_runs[0].seats
    assert [(seat.user_id, seat.role_id) for seat in seats] == [(company.cast["maya"].id, None), (None, finance)]
    assert seats[0].provenance == LINE | {"value": "cc_4410"}
    await decide(session, maya, ticket.ticket_no)
    assert (await running_of(session, hana, ticket)).state.open_runs[0].step_key == "finance"


async def test_a_value_without_a_row_leads_to_nobody_and_needs_attention(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser
) -> None:
    await keep(session, ada, {"user_id": company.cast["maya"].id})
    ticket = await ask(session, hana, CAMERAS | {"cost_center": "cc_2200"})
    process = (await session.execute(select(ApprovalProcess))).scalar_one()
    assert process.status == "running"
    assert process.attention
    assert (await hana.get(f"/tickets/{ticket.ticket_no}")).status_code == 200
    queue = await ada.get("/admin/attention")
    assert ticket.ticket_no in queue.text


async def test_another_value_asks_anew_for_the_field_is_watched(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, maya: Browser
) -> None:
    await keep(session, ada, {"user_id": company.cast["maya"].id})
    ticket = await ask(session, hana)
    await decide(session, maya, ticket.ticket_no)
    assert await open_steps(session, hana, ticket) == {"Finance review"}
    answer = await edited(hana, ticket, accept_rewind="yes", **{"fields.cost_center": "cc_2200"})
    assert answer.status_code == 303
    assert await open_steps(session, hana, ticket) == {"Line manager"}


async def test_nobody_is_seated_by_a_row_of_their_own_making(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, maya: Browser
) -> None:
    """Ada asks, and writes a role of friends into the table before the step that asks by it."""
    await keep(session, ada)

    def second(flow: dict[str, Any]) -> None:
        flow["stages"][0]["steps"][0]["approvers"] = [{"source": "user", "user_id": company.cast["maya"].id}]
        flow["stages"][1]["steps"] = [{"key": "table", "name": "By table", "mode": "any", "approvers": [LINE]}]

    await republish_flow(session, "capital-purchase", second)
    ticket = await ask(session, ada)
    for who in ({"role_id": company.cast.roles["Finance"].id}, {"user_id": company.cast["daniel"].id}):
        assert (await ada.submit(f"{ONE}/rows", {"value": "cc_4410", **who})).status_code == 303
    await decide(session, maya, ticket.ticket_no)
    process = (await session.execute(select(ApprovalProcess))).scalar_one()
    assert (process.status, bool(process.attention)) == ("running", True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (LINE, ""),
        (LINE | {"matrix": "gone"}, "There is no approval matrix gone."),
        (LINE | {"matrix": "old"}, "There is no approval matrix old."),
        (LINE | {"field": "shoe_size"}, "There is no field shoe_size."),
    ],
    ids=["good", "no-matrix", "archived", "no-field"],
)
async def test_a_flow_is_published_with_a_matrix_in_use_and_a_field_of_its_form(
    session: AsyncSession, company: Company, ada: Browser, line: dict[str, str], said: str
) -> None:
    await keep(session, ada, {"user_id": company.cast["maya"].id})
    matrices = Matrices(session, await ada.actor())
    await matrices.archive(await matrices.add(key="old", name="Old"))
    templates = ApprovalTemplates(session, await ada.actor(), forms_of_flow)
    template = (await session.execute(select(ApprovalTemplate).filter_by(key="capital-purchase"))).scalar_one()
    live = await templates.life.published(template)
    assert live is not None
    found = [one.sentence for one in await templates.problems(with_line(live.definition, line)) if one.blocking]
    assert found == ([said] if said else [])


def with_line(definition: dict[str, Any], line: dict[str, str]) -> dict[str, Any]:
    first, *others = definition["stages"]
    return definition | {"stages": [{"steps": [first["steps"][0] | {"approvers": [line]}]}, *others]}


async def test_an_administrator_keeps_the_table(session: AsyncSession, company: Company, ada: Browser) -> None:
    maya = company.cast["maya"].id
    assert "No approval matrix yet" in (await ada.get(LIST)).text
    assert (await ada.submit(LIST, {"name": "Cost centres", "key": "Cost Centres"})).status_code == 422
    assert (await ada.submit(LIST, {"name": "Cost centres", "key": "cost-centres"})).status_code == 303
    assert (await ada.submit(LIST, {"name": "Again", "key": "cost-centres"})).status_code == 422
    assert (await ada.submit(f"{ONE}/rows", {"value": "cc_4410", "user_id": maya})).status_code == 303
    again = await ada.submit(f"{ONE}/rows", {"value": "cc_4410", "user_id": maya})
    assert "This is in the table already." in again.text
    both = {"value": "cc_2200", "user_id": maya, "role_id": company.cast.roles["Finance"].id}
    assert "one of the two" in (await ada.submit(f"{ONE}/rows", both)).text
    row = (await session.execute(select(ApprovalMatrixRow))).scalar_one()
    assert "cc_4410" in (await ada.get(ONE)).text
    assert (await ada.post(f"{ONE}/rows/{row.id}/removal")).status_code == 303
    assert (await ada.post(f"{ONE}/rows/{row.id}/removal")).status_code == 404
    assert (await ada.submit(ONE, {"name": "Centres"})).status_code == 303
    assert (await ada.post(f"{ONE}/archival")).status_code == 303
    assert (await ada.post(f"{ONE}/archival")).status_code == 409
    assert (await ada.post(f"{ONE}/restoration")).status_code == 303
    audited = select(func.count()).where(AuditEntry.subject_type == "approval_matrices")
    assert (await session.execute(audited)).scalar_one() == 6


async def test_nobody_else_sees_or_keeps_it(
    session: AsyncSession, ada: Browser, daniel: Browser, otto: Browser
) -> None:
    await Matrices(session, await ada.actor()).add(key="cost-centres", name="Cost centres")
    await session.commit()
    for somebody in (daniel, otto):
        assert (await somebody.get(ONE)).status_code == 403
        assert (await somebody.submit(f"{ONE}/rows", {"value": "x", "user_id": somebody.id})).status_code == 403
        with pytest.raises(NotAllowed):
            await Matrices(session, await somebody.actor()).add(key="mine", name="Mine")
    assert (await ada.get(f"{LIST}/never-was")).status_code == 404
    matrices = Matrices(session, await ada.actor())
    with pytest.raises(Refused):
        await matrices.add_row(await matrices.find("cost-centres"), value="x", user_id=10**9)


async def test_the_form_of_a_flow_offers_the_tables(session: AsyncSession, ada: Browser, company: Company) -> None:
    await keep(session, ada)
    sent = typed(company.cast, act="add.approvers.0.matrix")
    page = unescape((await ada.submit("/admin/approval-templates/rows", sent, htmx=True)).text)
    assert '<option value="cost-centres">Cost centres</option>' in page
    edit = unescape((await ada.get("/admin/approval-templates/capital-purchase")).text)
    assert '<option value="cost-centres" selected>' in edit
    assert '<option value="cost_center" selected>' in edit


def test_a_value_is_looked_up_as_a_row_says_it() -> None:
    assert texts_of("cc_4410") == ["cc_4410"]
    assert texts_of([3, 7]) == ["3", "7"]
    assert texts_of(True) == ["true"]
    assert texts_of(None) == texts_of("") == texts_of({"amount": "1.00"}) == []
