"""An administrator asks why one person does not see a ticket; who shares it is told beforehand what that means."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.properties import Properties
from tests.cast import Browser, Company
from tests.story import ask


async def test_an_administrator_is_told_why_somebody_sees_a_ticket_or_not(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser, maya: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    url = f"/admin/sight/{ticket.ticket_no}"
    assert url in (await ada.get(f"/tickets/{ticket.ticket_no}")).text
    not_seen = (await ada.get(url, user_id=otto.id)).text
    assert "Otto Brandt cannot see it" in not_seen
    assert "It is opened to nobody else" in not_seen
    asked = (await ada.get(url, user_id=daniel.id)).text
    assert "Daniel Okafor can see it" in asked
    assert "is asked to approve" in asked
    desk = Properties(session, await ada.actor())
    await desk.grant(await desk.lock(ticket.ticket_no), user_id=otto.id, role_id=None)
    await session.commit()
    assert "Otto Brandt can see it" in (await ada.get(url, user_id=otto.id)).text
    assert "It is opened to Otto Brandt, but not to them." in (await ada.get(url, user_id=maya.id)).text
    assert (await ada.get("/admin/sight/PUR-9999")).status_code == 404
    for number in (ticket.ticket_no, "PUR-9999"):
        assert (await hana.get(f"/admin/sight/{number}")).status_code == 403


async def test_what_restricting_and_opening_mean_is_said_before(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    page = (await hana.get(url)).text
    assert "Everybody else finds no such ticket" in page
    assert "/admin/sight/" not in page
    await hana.post(f"{url}/visibility", visibility="restricted")
    assert "Open, everybody who is signed in reads all of it" in (await hana.get(url)).text
    assert (await otto.get(url)).status_code == 404
