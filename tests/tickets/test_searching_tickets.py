"""What a search shows of what it found: the place, the words marked, and only what all who see the ticket may read."""

import re
from html import unescape

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.conversation import Conversation
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import CAMERAS, ask, republish_form


def snippets(text: str) -> list[str]:
    return [unescape(one) for one in dict.fromkeys(re.findall(r'<p class="snip">(.*?)</p>', text))]


async def test_the_place_is_shown_with_its_words_marked(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    text = (
        "The old line stands since Monday. " * 6 + "We replace the <b>thermal</b> cameras, 請在ERP裡開採購單附件 soon."
    )
    await ask(session, hana, {**CAMERAS, "reason": "Because the gasket leaks"}, description=text)
    [found] = snippets((await hana.get("/tickets", q="cameras")).text)
    assert found.startswith("… ")
    assert "<mark>cameras</mark>" in found
    assert "<b>thermal</b>" in found, "shown as it was typed, and never as markup"
    assert "&lt;b&gt;thermal" in (await hana.get("/tickets", q="cameras")).text
    for words, marked in (("採購單", "採購單"), ("購", "購"), ("MONDAY repl", "Monday"), ("gasket", "gasket")):
        page = (await hana.get("/tickets", q=words)).text
        assert f"<mark>{marked}</mark>" in page, words
    assert snippets((await hana.get("/tickets", q="Nordtherm")).text) == ["<mark>Nordtherm</mark> Imaging Oy"]


async def test_a_number_is_found_without_its_prefix(session: AsyncSession, company: Company, hana: Browser) -> None:
    ticket = await ask(session, hana, description="Nothing else is known of it")
    prefix, number = ticket.ticket_no.split("-")
    for words in (number, number[:-1], f"{prefix} {number}", ticket.ticket_no.lower(), f"{number} cameras"):
        assert f'href="/tickets/{ticket.ticket_no}' in (await hana.get("/tickets", q=words)).text, words
    assert f'href="/tickets/{ticket.ticket_no}' not in (await hana.get("/tickets", q=f"{number} zebra")).text


async def test_comments_for_approvers_and_closed_fields_are_neither_found_nor_shown(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [company.cast.roles["Finance"].id]})
    ticket = await ask(session, hana, {**CAMERAS, "supplier": "Zebrafish Ltd"})
    talk = Conversation(session, await daniel.actor())
    locked = await talk.lock(ticket.ticket_no)
    await talk.comment(locked, "The quokka clause worries me", audience="approvers", is_approver=True)
    await talk.comment(locked, "Is the wombat clause usual?", audience="everyone")
    await session.commit()
    assert "<mark>wombat</mark>" in (await hana.get("/tickets", q="wombat")).text
    for word in ("quokka", "Zebrafish"):
        page = (await hana.get("/tickets", q=word)).text
        assert ticket.ticket_no not in page.split('id="main"')[1]


@pytest.mark.parametrize("words", ["%", "_", "\\", "(", "[a-z]*", "'", "a" * 199, "採" * 199], ids=list("abcdefgh"))
async def test_odd_words_find_nothing_and_break_nothing(company: Company, hana: Browser, words: str) -> None:
    assert (await hana.get("/tickets", q=words)).status_code == 200


async def test_what_a_search_finds_is_not_counted(session: AsyncSession, company: Company, hana: Browser) -> None:
    await ask(session, hana)
    with counting() as plain:
        await hana.get("/tickets")
    with counting() as searching:
        page = await hana.get("/tickets", q="thermal")
    assert "1 ticket" in page.text
    counts = [one for one in searching if "count(" in one and "@@" in one]
    assert counts == []
    assert len(searching) <= len(plain) + 2, "the forms of the rows, and their comments"
