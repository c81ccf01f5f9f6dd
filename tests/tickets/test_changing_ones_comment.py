"""One's own comment is edited and removed on the page; a link to a comment opens the page that has it."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.conversation import Conversation
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import ask


async def said(session: AsyncSession, who: Browser, ticket: Ticket, *texts: str, audience: str = "everyone") -> int:
    """The id of the first of these comments."""
    talk = Conversation(session, await who.actor())
    notes = [await talk.comment(ticket, text, audience=audience, is_approver=True) for text in texts]
    await session.commit()
    return notes[0].id


async def test_who_wrote_a_comment_edits_it_and_its_readers_see_that(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    note = await said(session, otto, ticket, "Which suplier?")
    url = f"/tickets/{ticket.ticket_no}"
    assert f"{note}/wording" not in (await hana.get(url)).text
    assert f"{note}/wording" not in (page := (await ada.get(url)).text)
    assert f"{note}/removal" in page, "an administrator removes what must go, and rewrites nothing"
    for who in (hana, ada):
        assert (await who.post(f"{url}/comments/{note}/wording", note="Mine now")).status_code == 403
    edited = await otto.post(f"{url}/comments/{note}/wording", note="Which **supplier**?", htmx=True)
    assert "Which <strong>supplier</strong>?" in edited.text
    assert edited.text.count("data-focus") == 1, "the focus stays where the comment is"
    page = (await hana.get(url)).text
    assert "edited a comment" in page
    assert "suplier" not in page
    plain = await otto.post(f"{url}/comments/{note}/wording", note="Which one?")
    assert plain.headers["location"] == f"{url}?note={note}#note-{note}"


async def test_a_refused_edit_keeps_what_was_typed_on_whatever_page_it_was(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    note = await said(session, hana, ticket, *(f"Number {n}." for n in range(60)))
    refused = await hana.post(f"/tickets/{ticket.ticket_no}/comments/{note}/wording", note="x" * 20_001, htmx=True)
    assert refused.status_code == 422
    assert "x" * 20_001 in refused.text
    assert f'id="note-{note}-own" open' in refused.text


async def test_a_removed_comment_is_gone_and_its_removal_is_told(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    note = await said(session, otto, ticket, "Forget this")
    url = f"/tickets/{ticket.ticket_no}"
    assert (await hana.post(f"{url}/comments/{note}/removal")).status_code == 403
    assert (await otto.post(f"{url}/comments/{note}/removal", htmx=True)).status_code == 200
    page = (await hana.get(url)).text
    assert "Forget this" not in page
    assert "removed a comment" in page
    assert (await otto.post(f"{url}/comments/{note}/removal")).status_code == 404


async def test_removing_a_comment_asks_first(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    note = await said(session, hana, ticket, "Forget this")
    for who in (hana, ada):
        page = (await who.get(f"/tickets/{ticket.ticket_no}")).text
        opener, dialog = page.index(f'data-opens="comment-{note}-removal"'), page.index(f'id="comment-{note}-removal"')
        assert opener < dialog < page.index(f'action="/tickets/{ticket.ticket_no}/comments/{note}/removal"')
        assert page.count(f"comments/{note}/removal") == 2, "the dialog's form alone, plain and by htmx"


async def test_what_one_does_not_read_is_not_there_to_be_changed(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket, other = await ask(session, hana), await ask(session, hana, title="Six desks", visibility="restricted")
    among = await said(session, daniel, ticket, "Too dear?", audience="approvers")
    mine, hidden = await said(session, hana, ticket, "Here"), await said(session, hana, other, "There")
    for who, number, note in (
        (hana, ticket.ticket_no, among), (hana, other.ticket_no, mine), (otto, other.ticket_no, hidden),
        (hana, ticket.ticket_no, 987_654),
    ):  # fmt: skip
        for noun in ("wording", "removal"):
            answer = await who.post(f"/tickets/{number}/comments/{note}/{noun}", note="x")
            assert answer.status_code == 404, (number, note, noun)


async def test_a_link_to_a_comment_opens_the_page_that_has_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    note = await said(session, hana, ticket, *(f"Number {n}." for n in range(90)))
    url = f"/tickets/{ticket.ticket_no}"
    assert "Number 0." not in (await hana.get(url)).text
    linked = (await hana.get(url, note=note)).text
    assert f'id="note-{note}"' in linked
    assert f'href="{url}?note={note}#note-{note}"' in linked
    assert "Number 89." not in linked
    await said(session, daniel, ticket, *("Between us." for _ in range(30)), audience="approvers")
    unheard = (await hana.get(url, note=note)).text
    assert re.findall(r'id="note-(\d+)"', unheard) == re.findall(r'id="note-(\d+)"', linked), "unheard, uncounted"
    for odd in ("x", "-1", "99999999999999999999"):
        assert (await hana.get(url, note=odd)).status_code == 200
