"""The palette: whatever somebody may go to, by a few letters; what they may not see is not there."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.filters import TicketFilters
from app.tickets.models import Visibility
from app.tickets.properties import Properties
from app.tickets.saved_views.service import SavedViews
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import ask

LIST = 'id="palette-choices"'


async def offered(who: Browser, words: str = "") -> str:
    answer = await who.get("/palette", htmx=True, q=words)
    assert answer.status_code == 200
    assert LIST in answer.text
    return answer.text


async def test_letters_lead_to_places_forms_views_and_tickets(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, title="Purchase of forklift batteries")
    views = SavedViews(session, await hana.actor())
    await views.keep(TicketFilters(priority=("high",)), name="Purchases in a hurry", role_id=None, pinned=False)
    await session.commit()
    found = await offered(hana, "purchase")
    assert 'href="/tickets/new/purchase-request"' in found
    assert 'href="/tickets?priority=high"' in found
    assert f'href="/tickets/{ticket.ticket_no}"' in found
    assert 'href="/tickets/new/blank?title=purchase"' in found, "words make the title of a request without a form"
    assert 'href="/notifications"' in await offered(hana, "notif")
    assert "/admin/" not in await offered(hana, "ca"), "a place for administrators"
    assert 'href="/admin/categories"' in await offered(ada, "categ")
    assert "Nothing found" not in found


async def test_what_is_there_comes_before_what_could_be_asked_for(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await ask(session, hana, title="Forklift batteries")
    await session.commit()
    found = await offered(hana, "forklift")
    assert found.index("Forklift batteries") < found.index("Ask for “forklift”"), "Enter takes the first"
    found = await offered(hana, "purchase")
    assert found.index("/tickets/new/purchase-request") < found.index("Ask for “purchase”")


async def test_a_number_is_found_with_and_without_its_prefix(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    shown = await ask(session, hana, title="Two desks")
    hidden = await ask(session, hana, title="A severance", visibility=Visibility.RESTRICTED)
    digits = shown.ticket_no.removeprefix("PUR-")
    for words in (shown.ticket_no, shown.ticket_no.lower(), f"pur {digits}", digits):
        assert "Two desks" in await offered(otto, words), words
    for words in (hidden.ticket_no, hidden.ticket_no.removeprefix("PUR-"), "severance"):
        assert "A severance" in await offered(hana, words)
        assert "A severance" not in await offered(otto, words)
        assert hidden.ticket_no not in (await offered(otto, words)).replace(f"“{words}”", "")


async def test_what_one_looked_at_last_comes_first_and_what_is_hidden_by_now_falls_out(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    first, second = await ask(session, hana, title="Twelve chairs"), await ask(session, hana, title="Two desks")
    for ticket in (first, second, second):
        await otto.get(f"/tickets/{ticket.ticket_no}")
    recent = await offered(otto)
    assert "Looked at last" in recent
    assert recent.index("Two desks") < recent.index("Twelve chairs")
    assert "Two desks" not in await offered(hana), "everybody has their own"
    desk = Properties(session, await hana.actor())
    await desk.show_to(await desk.lock(second.ticket_no), Visibility.RESTRICTED)
    await session.commit()
    assert (await otto.get(f"/tickets/{second.ticket_no}")).status_code == 404
    assert "Two desks" not in await offered(otto)
    assert "Twelve chairs" in await offered(otto)


async def test_it_asks_as_much_of_the_database_for_many_tickets_as_for_none(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    with counting() as few:
        await offered(hana, "desks")
    for number in range(4):
        ticket = await ask(session, hana, title=f"Desks {number}")
        await hana.get(f"/tickets/{ticket.ticket_no}")
    with counting() as many:
        assert "Desks 3" in await offered(hana, "desks")
    assert len(many) == len(few)
    with counting() as recent:
        assert "Desks 0" in await offered(hana)
    assert len(recent) <= len(few)


async def test_without_a_script_the_same_stands_on_a_page_with_what_can_be_done_where_one_was(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    hidden = await ask(session, hana, title="A severance", visibility=Visibility.RESTRICTED)
    page = await hana.get("/palette", q="sever", on=f"/tickets/{hidden.ticket_no}")
    assert f"On {hidden.ticket_no}" in page.text
    assert f'href="/tickets/{hidden.ticket_no}/edit"' in page.text
    assert '<form class="row" method="get" action="/palette"' in page.text
    strange = await otto.get("/palette", on=f"/tickets/{hidden.ticket_no}")
    assert f"On {hidden.ticket_no}" not in strange.text
    assert "A severance" not in strange.text


async def test_a_title_from_the_palette_begins_a_request_unless_one_is_begun_already(
    company: Company, hana: Browser
) -> None:
    assert 'value="A new lamp"' in (await hana.get("/tickets/new/blank", title="A new lamp")).text
    await hana.post("/tickets/new/blank/forecast", title="What I was at", htmx=True)
    again = (await hana.get("/tickets/new/blank", title="A new lamp")).text
    assert 'value="What I was at"' in again
    assert "A new lamp" not in again
