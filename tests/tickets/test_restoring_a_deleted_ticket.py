"""An admin brings a deleted ticket back: a draft with its past, and no approval that runs again."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcess
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import ask, decide, draft


async def status_of(session: AsyncSession, ticket: Ticket) -> str:
    query = select(Ticket.status).filter_by(id=ticket.id)
    return str((await session.execute(query)).scalar_one())


async def test_it_is_a_draft_again_and_its_approval_stays_ended(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    url = f"/tickets/{ticket.ticket_no}"
    assert (await ada.post(f"{url}/deletion")).status_code == 303
    assert (await hana.get(url)).status_code == 404
    page = (await ada.get("/admin/deleted-tickets")).text
    assert ticket.title in page
    assert ticket.title in (await ada.get("/admin/deleted-tickets", q=ticket.ticket_no)).text
    assert ticket.title not in (await ada.get("/admin/deleted-tickets", q="nothing like it")).text

    restored = await ada.post(f"/admin/deleted-tickets/{ticket.ticket_no}/restoration")
    assert restored.headers["location"] == url
    assert await status_of(session, ticket) == "draft"
    told = (await hana.get(url)).text
    assert "restored this ticket: it is a draft again" in told
    assert ticket.ticket_no not in (await maya.get("/approvals")).text
    statuses = (await session.execute(select(ApprovalProcess.status).filter_by(ticket_id=ticket.id))).scalars().all()
    assert statuses == ["cancelled"]
    again = await hana.api("POST", f"{url}/submission")
    assert again.json()["status"] == "waiting_approval"
    statuses = (await session.execute(select(ApprovalProcess.status).filter_by(ticket_id=ticket.id))).scalars().all()
    assert sorted(statuses) == ["cancelled", "running"]


async def test_only_an_administrator_does_it_and_once(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, daniel: Browser, ada: Browser
) -> None:
    gone, there = await draft(session, hana, title="Never submitted"), await ask(session, hana, visibility="restricted")
    await session.commit()
    assert (await hana.api("DELETE", f"/tickets/{gone.ticket_no}")).status_code == 204
    paths = [f"/deleted-tickets/{number}/restoration" for number in (gone.ticket_no, there.ticket_no, "PUR-99999")]
    for who in (hana, otto, daniel):
        refused = [await who.api("POST", path) for path in paths]
        assert {answer.status_code for answer in refused} == {403}
        assert len({answer.content for answer in refused}) == 1
        assert (await who.api("GET", "/deleted-tickets")).status_code == 403
    [listed] = (await ada.api("GET", "/deleted-tickets")).json()["items"]
    assert (listed["ticket_no"], listed["deleted_by"]["id"]) == (gone.ticket_no, hana.id)
    first = await ada.api("POST", paths[0], idempotency_key="back")
    assert (first.status_code, first.json()["status"]) == (200, "draft")
    assert (await ada.api("POST", paths[0], idempotency_key="back")).content == first.content
    assert [(await ada.api("POST", path)).status_code for path in paths] == [409, 409, 404]
    assert (await hana.get(f"/tickets/{gone.ticket_no}")).status_code == 200
    assert (await otto.get(f"/tickets/{gone.ticket_no}")).status_code == 404
