"""The list as columns: counted and paged each by itself, with the same filters; a card moves as the life cycle says."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from app.clock import utc_now
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import form_values


async def on_the_board(
    session: AsyncSession, company: Company, who: Browser, count: int, status: str = "open"
) -> list[Ticket]:
    at = utc_now()
    made = [
        Ticket(
            ticket_no=f"TIC-{60_000 + n}", title=f"Card {n}", status=status, requester_id=who.id, created_by=who.id,
            updated_by=who.id, submitted_at=at, created_at=at, updated_at=at, assignee_id=company.cast["jonas"].id,
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(made)
    await session.commit()
    return made


def keys(text: str) -> list[str]:
    return re.findall(r'data-key="([A-Z]+-\d+)"', text)


async def test_columns_are_counted_and_paged_and_hold_only_what_their_reader_sees(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    made = await on_the_board(session, company, hana, 45)
    made[10].visibility = "restricted"
    await session.commit()
    first = await otto.get("/tickets/board")
    assert 'data-count="44"' in first.text
    seen, more = keys(first.text), re.search(r'hx-get="(/tickets/board/column[^"]+)"', first.text)
    while more:
        answer = await otto.get(more[1].replace("&amp;", "&"), htmx=True)
        seen += keys(answer.text)
        more = re.search(r'hx-get="(/tickets/board/column[^"]+)"', answer.text)
    assert len(seen) == len(set(seen)) == 44
    assert made[10].ticket_no not in seen
    assert keys((await otto.get("/tickets/board?status=resolved")).text) == []
    assert "data-drops" not in first.text, "an outsider moves nothing"


async def test_a_card_moves_where_it_may_and_the_rest_is_asked_for_or_refused(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser, otto: Browser
) -> None:
    [ticket] = await on_the_board(session, company, hana, 1)
    board = (await jonas.get("/tickets/board?assignee=me")).text
    assert 'data-drops="in_progress"' in board
    form = form_values(board, "/tickets/board/moves")
    moved = await jonas.submit(form.action, {**form.values, "to": "in_progress"})
    place = f"card-{ticket.ticket_no}"
    assert moved.headers["location"] == f"/tickets/board?assignee=me#{place}", "the focus stays with the card"
    assert f'id="{place}" href' in (await jonas.get("/tickets/board?assignee=me")).text
    asked = await jonas.submit(form.action, {**form.values, "to": "resolved"})
    assert "to Resolved" in asked.text
    again = form_values(asked.text, "/tickets/board/moves")
    assert "How was it resolved?" in asked.text
    assert (await jonas.submit(again.action, {**again.values, "reason": "Restarted."})).status_code == 303
    await session.refresh(ticket)
    assert (ticket.status, ticket.resolution) == ("resolved", "Restarted.")
    refused = await otto.post("/tickets/board/moves", ticket=ticket.ticket_no, to="closed")
    assert refused.status_code == 403
    assert "It was not moved" in refused.text
    assert (await jonas.post("/tickets/board/moves", ticket=ticket.ticket_no, to="open")).status_code == 409


async def test_the_board_is_searched_and_filtered_as_the_list_is(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser
) -> None:
    made = await on_the_board(session, company, hana, 2)
    made[0].priority = "urgent"
    await session.commit()
    assert keys((await jonas.get("/tickets/board?priority=urgent")).text) == [made[0].ticket_no]
    board = (await jonas.get("/tickets/board?priority=urgent&q=card")).text
    assert form_values(board, "/tickets/board").values == {"q": "card", "priority": "urgent"}
    assert 'href="/tickets/board?q=card"' in board, "a chip is taken away on the board"
    assert 'href="/tickets?q=card&amp;priority=urgent"' in board, "and the list has the same filters"
    tidied = await jonas.get("/tickets/board?q=&priority=urgent")
    assert (tidied.status_code, tidied.headers["location"]) == (303, "/tickets/board?priority=urgent")
    for page in (
        (await jonas.get("/tickets/board?priority=urgent&edit=0")).text,
        (await jonas.get("/tickets/filters?priority=urgent&on=board&edit=0", htmx=True)).text,
    ):
        form = form_values(page, "/tickets/filters")
        applied = await jonas.submit(form.action, form.values)
        assert applied.headers["location"] == "/tickets/board?priority=urgent"
    opened = await jonas.get("/tickets/filters?priority=urgent&on=board&add=1")
    place, _, query = opened.headers["location"].partition("?")
    assert (place, set(query.split("&"))) == ("/tickets/board", {"priority=urgent", "add=1"})
    unfinished = {**form.values, "act": "add.0"}
    again = await jonas.submit(form.action, unfinished)
    assert (again.status_code, keys(again.text)) == (200, [made[0].ticket_no]), "without a script the board stays"


async def test_a_hidden_card_is_moved_like_one_that_never_was(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    [ticket] = await on_the_board(session, company, hana, 1)
    ticket.visibility = "restricted"
    await session.commit()
    hidden, never = [
        await otto.post("/tickets/board/moves", ticket=number, to="closed") for number in (ticket.ticket_no, "TIC-9")
    ]
    assert hidden.status_code == never.status_code == 404


async def test_words_are_looked_for_in_every_column_and_every_saved_view(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    await on_the_board(session, company, hana, 2)
    for words in ("card", "camera"):
        await hana.api("POST", "/views", {"name": words, "query": f"q={words}", "role_id": None, "pinned": True})
    for address in ("/tickets/board?q=card", "/tickets?q=card", "/views"):
        answer = await hana.get(address)
        assert answer.status_code == 200, address
