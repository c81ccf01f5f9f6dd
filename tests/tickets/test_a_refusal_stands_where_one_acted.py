"""A ticket's page is long: what was refused is told at the form that was sent, and not a screen above it."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.tickets.conversation import Conversation
from tests.cast import Browser, Company
from tests.story import ask


def places(html: str) -> list[str]:
    """For each refusal the id of the part of the page that it stands in, and of the form before it."""
    found = []
    for note in re.finditer(r'<div class="note neg"', html):
        ids = re.findall(r'\bid="([^"]+)"', html[: note.start()])
        found.append(re.sub(r"\d+", "N", ids[-1]))
    return found


async def test_each_form_of_a_ticket_tells_its_own_refusal(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    talk = Conversation(session, await hana.actor())
    await talk.comment(await talk.lock(ticket.ticket_no), "Why 24?", audience="everyone", is_approver=False)
    await session.commit()
    note = (await session.execute(select(TicketNote.id).where(~TicketNote.system))).scalar_one()
    place = f"/tickets/{ticket.ticket_no}"
    empty = await hana.post(f"{place}/comments", note="", htmx=True)
    stale = await hana.post(f"{place}/comments/{note}/wording", note="Why 24, not 18?", seen="earlier", htmx=True)
    no_file = await hana.upload(f"{place}/files", ("", b""), htmx=True)
    priority = await hana.post(f"{place}/priority", priority="enormous", htmx=True)
    unlinked = await hana.post(f"{place}/links", relation="relates", ticket_no="PUR-9999", htmx=True)
    early = await hana.post(f"{place}/confirmation", htmx=True)
    for answer, where in (
        (empty, ["composer-N-text"]), (stale, [f"note-{note}-own".replace(str(note), "N")]), (no_file, ["files-h"]),
        (priority, ["ticket-N-details"]), (unlinked, []), (early, ["ticket-N"]),
    ):  # fmt: skip
        assert answer.status_code >= 400
        assert places(answer.text) == where, answer.text[:300]
    assert "Why 24, not 18?" in stale.text
