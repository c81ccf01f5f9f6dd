"""What comes by itself of what somebody did is told in one line with it; each has a place of its own to link to."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.approvals.core.commands import Decision
from app.tickets.conversation import Conversation
from tests.cast import Browser, Company
from tests.story import ask, decide

_LINE = re.compile(r'<li id="note-\d+">.*?</li>', re.DOTALL)
_THEN = re.compile(r'<span class="then" id="note-(\d+)">(.*?)</span>', re.DOTALL)


def lines(page: str) -> list[tuple[str, list[str]]]:
    """Of each line the words of the act, and of what came of it."""
    found = []
    for line in _LINE.findall(page):
        then = [_words(said) for _note, said in _THEN.findall(line)]
        found.append((_words(_THEN.sub("", line)), then))
    return found


def _words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


async def test_a_decision_ends_its_step_and_begins_the_next_in_one_line(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    page = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    act, then = lines(page)[-1]
    assert act.startswith("Daniel Okafor approved Line manager.")
    assert then == ["Line manager is approved.", "Finance review started."]
    notes = (await session.execute(select(TicketNote.id).where(TicketNote.ticket_id == ticket.id))).scalars().all()
    assert all(f'id="note-{note}"' in page for note in notes), "whoever links to one finds it"


async def test_what_moves_by_itself_is_told_with_what_moved_it_and_words_have_a_line_of_their_own(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    told = lines((await hana.get(f"/tickets/{ticket.ticket_no}")).text)
    moved = "Hana Sato moved this from Draft to Waiting approval."
    assert [moved in then for act, then in told if act.startswith("Hana Sato submitted")] == [True]
    await decide(session, daniel, ticket.ticket_no, Decision.REJECT, comment="Not this year.")
    act, then = lines((await hana.get(f"/tickets/{ticket.ticket_no}")).text)[-1]
    assert act.startswith("Daniel Okafor rejected Line manager.")
    assert act.endswith("Not this year.")
    assert "The request is rejected." in then


async def test_each_tab_counts_the_lines_that_it_shows(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    place = f"/tickets/{ticket.ticket_no}"
    talk = Conversation(session, await daniel.actor())
    await talk.comment(await talk.lock(ticket.ticket_no), "Why 24?", audience="everyone", is_approver=True)
    await session.commit()
    await decide(session, daniel, ticket.ticket_no, Decision.RETURN, comment="Say why.")
    await hana.post(f"{place}/submission")
    await decide(session, daniel, ticket.ticket_no)
    await hana.post(f"{place}/withdrawal", reason="Not needed any more.")
    for activity in ("all", "comments", "decisions", "changes"):
        page = (await hana.get(place, activity=activity)).text
        counted = re.search(rf'href="[^"]*activity={activity}#activity"[^>]*>.*?<span[^>]*>(\d+)<', page)
        assert counted, activity
        assert int(counted[1]) == len(_LINE.findall(page)) > 0, activity
