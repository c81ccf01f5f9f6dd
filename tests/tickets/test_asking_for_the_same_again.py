"""A copy is a request of whoever copies, with what they may read; on paper a ticket has nothing to press."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.explain import explain
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.drafting import Drafting
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import CAMERAS, ask, decide, republish_form


async def copied(session: AsyncSession, who: Browser, ticket: Ticket) -> Ticket:
    answer = await who.post(f"/tickets/{ticket.ticket_no}/copies")
    assert answer.status_code == 303, answer.text
    number = answer.headers["location"].split("/")[2]
    return (await session.execute(select(Ticket).filter_by(ticket_no=number))).scalar_one()


async def test_a_copy_is_asked_by_whoever_copies_and_approved_anew_by_others(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, description="As **always**", priority="high")
    await hana.post(f"/tickets/{ticket.ticket_no}/comments", note="Said on the first one")
    await decide(session, daniel, ticket.ticket_no)
    copy = await copied(session, daniel, ticket)
    assert (copy.created_by, copy.requester_id, copy.status, copy.approval) == (daniel.id, daniel.id, "draft", None)
    assert (copy.title, copy.description, copy.priority) == (ticket.title, "As **always**", "high")
    assert copy.custom_fields_data == CAMERAS
    page = (await daniel.get(f"/tickets/{copy.ticket_no}")).text
    assert ticket.ticket_no in page, "it says what it is a copy of"
    assert "Said on the first one" not in page
    assert copy.ticket_no not in (await hana.get(f"/tickets/{ticket.ticket_no}")).text, "a draft is its writer's"
    await daniel.post(f"/tickets/{copy.ticket_no}/submission")
    desk = ApprovalDesk(session, await daniel.actor())
    running = await desk.running(await desk.find(copy.ticket_no))
    assert running is not None
    assert explain(running.state, daniel.id, running.context).votes == (), "four eyes: who copied asks"
    api = await otto.api("POST", f"/tickets/{ticket.ticket_no}/copies", idempotency_key="once")
    again = await otto.api("POST", f"/tickets/{ticket.ticket_no}/copies", idempotency_key="once")
    assert (api.status_code, api.json()["requester"]["id"]) == (201, otto.id)
    assert again.json()["ticket_no"] == api.json()["ticket_no"]


async def test_a_copy_has_nothing_that_its_maker_may_not_read_and_stays_as_restricted(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, daniel: Browser, otto: Browser, maya: Browser
) -> None:
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [company.cast.roles["Finance"].id]})
    ticket = await ask(session, hana)
    assert "supplier" not in (await copied(session, otto, ticket)).custom_fields_data
    assert (await copied(session, maya, ticket)).custom_fields_data["supplier"] == CAMERAS["supplier"]
    await hana.post(f"/tickets/{ticket.ticket_no}/visibility", visibility="restricted")
    copy = await copied(session, daniel, ticket)
    assert copy.visibility == "restricted"
    for path in (f"/tickets/{ticket.ticket_no}/copies", "/tickets/PUR-999999/copies"):
        assert (await otto.post(path)).status_code == 404
    there = await otto.api("POST", f"/tickets/{ticket.ticket_no}/copies")
    never = await otto.api("POST", "/tickets/PUR-999999/copies")
    assert (there.status_code, there.content) == (404, never.content)


async def test_what_can_be_asked_for_no_more_is_not_copied(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    assert (await ada.post("/admin/ticket-templates/purchase-request/archival")).status_code == 303
    refused = await hana.post(f"/tickets/{ticket.ticket_no}/copies", htmx=True)
    assert refused.status_code == 409
    assert "Nothing can be asked for with this form any more" in refused.text


async def test_on_paper_is_all_that_its_reader_may_read_and_nothing_to_press(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, description="| a | b |\n|---|---|\n| 1 | 2 |")
    drafting = Drafting(session, await hana.actor())
    url = f"/tickets/{ticket.ticket_no}"
    for n in range(60):
        await drafting.log.comment(ticket, f"Comment number {n}.")
    await session.commit()
    await daniel.post(f"{url}/comments", note="Between approvers", audience="approvers")
    page = (await hana.get(f"{url}/print")).text
    for told in ("Nordtherm Imaging Oy", "<table>", "Comment number 0.", "Comment number 59.", "Printed by Hana Sato"):
        assert told in page, told
    assert "Between approvers" not in page
    assert "Between approvers" in (await daniel.get(f"{url}/print")).text
    main = page[page.index("<main") : page.index("</main>")]
    assert re.search(r"<(button|form|input|textarea|select)", main) is None
    await hana.post(f"{url}/visibility", visibility="restricted")
    assert (await otto.get(f"{url}/print")).status_code == 404
