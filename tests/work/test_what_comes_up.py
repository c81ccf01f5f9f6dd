"""Coming up: requests that will ask me in a later step, of tickets that I may see anyway."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.work.coming_up import coming_up_page
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import CAMERAS, ask, decide

QUEUE = "/approvals?q=coming-up"


async def test_who_is_asked_in_a_later_step_sees_it_coming_until_it_has_come(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, aisha: Browser
) -> None:
    ticket = await ask(session, hana)
    assert ticket.title in (await maya.get(QUEUE)).text, "Finance comes after the manager"
    legal = (await aisha.get(QUEUE)).text
    assert ticket.title in legal
    assert "Legal" in legal
    for somebody in (daniel, hana):
        assert ticket.title not in (await somebody.get(QUEUE)).text, "asked now, or asking"
    await decide(session, daniel, ticket.ticket_no)
    assert ticket.title not in (await maya.get(QUEUE)).text, "it waits for her now"
    assert ticket.title in (await maya.get("/approvals")).text
    assert ticket.title in (await aisha.get(QUEUE)).text


async def test_a_step_that_would_be_skipped_asks_nobody(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser, aisha: Browser
) -> None:
    ticket = await ask(session, hana, {**CAMERAS, "supplier_is_new": False})
    assert ticket.title in (await maya.get(QUEUE)).text
    assert ticket.title not in (await aisha.get(QUEUE)).text


async def test_a_restricted_request_comes_up_for_nobody_who_may_not_see_it_yet(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser, aisha: Browser, otto: Browser
) -> None:
    before = [(who, (await who.get(QUEUE)).text) for who in (maya, aisha, otto)]
    ticket = await ask(session, hana, visibility="restricted")
    for who, text in before:
        after = (await who.get(QUEUE)).text
        assert ticket.ticket_no not in after
        assert len(after) == len(text)


async def test_the_page_pages_and_costs_the_same_for_any_number(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser
) -> None:
    first = await ask(session, hana)
    with counting() as few:
        await maya.get(QUEUE)
    others = [await ask(session, hana, title=f"Camera {number}") for number in range(3)]
    with counting() as many:
        await maya.get(QUEUE)
    assert len(few) == len(many)
    actor, cursor, found = await maya.actor(), None, list[str]()
    while True:
        page = await coming_up_page(session, actor, cursor, limit=2)
        found += [row.ticket_no for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == [ticket.ticket_no for ticket in (first, *others)]
