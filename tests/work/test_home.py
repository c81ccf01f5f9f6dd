"""Home: what waits for me, what is my turn, what I asked for, what I handle, and forms to ask with."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.approvals.core.commands import Decision
from app.tickets.handling import Handling
from tests.cast import Browser, Company
from tests.story import ask, decide


async def test_somebody_new_is_welcomed_and_shown_where_to_start(company: Company, otto: Browser) -> None:
    page = await otto.get("/")
    assert page.status_code == 200
    assert "Welcome, Otto Brandt" in page.text
    assert "Purchase request" in page.text
    assert "What you handle" not in page.text


async def test_each_sees_what_is_theirs(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    asked = await hana.get("/")
    assert ticket.ticket_no in asked.text
    assert "Waiting approval" in asked.text
    waiting = await daniel.get("/")
    assert ticket.title in waiting.text
    assert 'href="/approvals" data-count="1"' in waiting.text
    assert ticket.title not in (await otto.get("/")).text


async def test_what_was_sent_back_and_what_is_resolved_is_my_turn(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
    aisha: Browser, jonas: Browser,
) -> None:  # fmt: skip
    returned, done = await ask(session, hana, title="Two quotes"), await ask(session, hana, title="Nine cameras")
    await decide(session, daniel, returned.ticket_no, Decision.RETURN, "Two quotes, please.")
    for approver in (daniel, maya, tomas, aisha):
        await decide(session, approver, done.ticket_no)
    assert "not taken in your teams" in (await jonas.get("/")).text
    desk = Handling(session, await jonas.actor())
    await desk.take(await desk.lock(done.ticket_no))
    await session.commit()
    assert "1 assigned to you" in (await jonas.get("/")).text
    await desk.resolve(await desk.lock(done.ticket_no), resolution="Ordered.")
    await session.commit()
    page = await hana.get("/")
    assert "Your turn" in page.text
    assert "1 sent back" in page.text
    assert "1 to confirm" in page.text


async def test_it_asks_as_many_questions_for_many_rows_as_for_one(
    session: AsyncSession, connection: AsyncConnection, company: Company, hana: Browser, daniel: Browser
) -> None:
    asked: list[str] = []
    event.listen(connection.sync_connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
    await ask(session, hana)
    await daniel.get("/")
    asked.clear()
    await daniel.get("/")
    for_one = len(asked)
    for _ in range(3):
        await ask(session, hana)
    asked.clear()
    await daniel.get("/")
    assert len(asked) == for_one
