"""Who waits for a decision reminds those who owe it, once in four hours."""

from sqlalchemy.ext.asyncio import AsyncSession

from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask
from tests.work.test_handing_a_seat_over import events


async def test_the_requester_reminds_once_in_four_hours_and_nobody_else_does(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser
) -> None:
    ticket = await ask(session, hana)
    form = form_values((await hana.get(f"/tickets/{ticket.ticket_no}")).text, "/reminders")
    assert (await jonas.submit(form.action, form.values)).status_code == 403
    assert "Remind Line manager" not in (await jonas.get(f"/tickets/{ticket.ticket_no}")).text
    answer = await hana.submit(form.action, form.values)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tickets/{ticket.ticket_no}")
    assert "Line manager: reminded" in (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert (await hana.submit(form.action, form.values)).status_code == 429
    assert len(await events(session, ticket, "approval_reminded")) == 1


async def test_nobody_is_offered_to_remind_themselves(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    assert "Remind Line manager" in (await ada.get(f"/tickets/{ticket.ticket_no}")).text
    assert "Remind Line manager" not in (await daniel.get(f"/tickets/{ticket.ticket_no}")).text
