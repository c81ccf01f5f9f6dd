"""What somebody was told, in the browser: read, unread, and gone when they may no longer see it."""

import re

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.kinds import EventKind, kind_of
from app.activity.log import ActivityLog
from app.actor import SYSTEM
from app.notifications.inbox import Inbox
from app.notifications.models import Notification
from app.tickets.models import Ticket, Visibility
from app.web.markdown import plain_text
from tests.activity.makers import HAPPENED, a_ticket, happened
from tests.cast import Browser, Cast

TYPED = EventKind("example_typed", "{actor} typed {what}", "pencil", quote="reason")


async def ring(
    session: AsyncSession, who: Browser, *, times: int = 1, ticket: Ticket | None = None, reason: str = "creator"
) -> Ticket:
    """So many lines in this person's inbox, about one ticket."""
    ticket = ticket or await a_ticket(session, creator=who.id)
    for number in range(times):
        note = await happened(session, ticket.id, f"thing {number + 1}")
        session.add(Notification(user_id=who.id, ticket_id=ticket.id, note_id=note.id, reason=reason))
        await session.flush()
    await session.commit()
    return ticket


async def numbers(session: AsyncSession, who: Browser, *, unread: bool = False) -> list[int]:
    query = select(Notification.id).where(Notification.user_id == who.id).order_by(Notification.id)
    return list((await session.execute(query.where(Notification.read_at.is_(None)) if unread else query)).scalars())


async def test_an_empty_inbox_says_so(hana: Browser) -> None:
    page = await hana.get("/notifications")
    assert page.status_code == 200
    assert "Nobody told you anything yet" in page.text
    assert "Mark all read" not in page.text
    assert "Everything is read" in (await hana.get("/notifications?show=unread")).text


async def test_a_line_says_what_happened_where_and_why_one_was_told(session: AsyncSession, hana: Browser) -> None:
    ticket = await ring(session, hana)
    page = (await hana.get("/notifications")).text
    note = (await session.execute(select(Notification.note_id))).scalar_one()
    assert "<b>Countersign</b> did thing 1" in page
    assert f'href="/tickets/{ticket.ticket_no}?note={note}#note-{note}"' in page
    assert "Broken printer" in page
    assert "You asked for this." in page
    assert "Today" in page


async def test_who_is_asked_reads_that_a_decision_is_theirs(
    session: AsyncSession, hana: Browser, maya: Browser
) -> None:
    ticket = await a_ticket(session, creator=hana.id)
    kind = kind_of("approval_step_started")
    assert kind is not None
    note = await ActivityLog(session, SYSTEM).record(kind, ticket, step_name="Finance review")
    for who, reason in ((maya, "approvers"), (hana, "creator")):
        session.add(Notification(user_id=who.id, ticket_id=ticket.id, note_id=note.id, reason=reason))
    await session.commit()
    assert "Finance review waits for your decision" in (await maya.get("/notifications")).text
    assert "Finance review started" in (await hana.get("/notifications")).text


def test_a_quoted_comment_is_its_words() -> None:
    written = (
        "The **supplier** says:\n- [x] drawings\n- [ ] order\n\n![reading](attachment:line-3.png)\n\n```\nx = 1\n```"
    )
    assert plain_text(written) == "The supplier says:\n☑ drawings\n☐ order\nreading\nx = 1"


async def test_looking_changes_nothing(session: AsyncSession, hana: Browser) -> None:
    await ring(session, hana, times=2)
    await hana.get("/notifications")
    assert len(await numbers(session, hana, unread=True)) == 2


async def test_a_line_is_marked_read_in_its_place(session: AsyncSession, hana: Browser) -> None:
    await ring(session, hana, times=2)
    first, second = await numbers(session, hana)
    answer = await hana.post(f"/notifications/{first}/reading", htmx=True)
    assert answer.status_code == 200
    assert f'id="line-{first}"' in answer.text
    assert 'class="unread"' not in answer.text
    assert re.search(r'id="nav-notifications-n"[^>]*data-count="1"', answer.text)
    assert await numbers(session, hana, unread=True) == [second]


async def test_opening_a_line_reads_it_and_leads_to_the_event(session: AsyncSession, hana: Browser) -> None:
    ticket = await ring(session, hana)
    [number] = await numbers(session, hana)
    answer = await hana.post(f"/notifications/{number}/reading", htmx=True, open="1")
    assert answer.headers["hx-redirect"].startswith(f"/tickets/{ticket.ticket_no}?note=")
    assert await numbers(session, hana, unread=True) == []


async def test_without_javascript_marking_leads_back_to_the_list(session: AsyncSession, hana: Browser) -> None:
    await ring(session, hana)
    [number] = await numbers(session, hana)
    answer = await hana.post(f"/notifications/{number}/reading")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications")


async def test_all_are_read_up_to_what_was_on_the_page(session: AsyncSession, hana: Browser, maya: Browser) -> None:
    ticket = await ring(session, hana, times=2)
    await ring(session, maya, ticket=ticket)
    page = (await hana.get("/notifications")).text
    newest = re.search(r'name="up_to" value="(\d+)"', page)
    assert newest
    await ring(session, hana, ticket=ticket)
    answer = await hana.post("/notifications/reading", up_to=newest[1])
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications#main"), "the button is gone"
    assert len(await numbers(session, hana, unread=True)) == 1
    assert len(await numbers(session, maya, unread=True)) == 1


async def test_somebody_elses_line_is_not_there(session: AsyncSession, hana: Browser, otto: Browser) -> None:
    await ring(session, hana)
    [number] = await numbers(session, hana)
    theirs = await otto.post(f"/notifications/{number}/reading")
    never = await otto.post("/notifications/987654321/reading")
    assert (theirs.status_code, never.status_code) == (404, 404)
    assert (await otto.post("/notifications/-1/reading")).status_code == 404
    assert await numbers(session, hana, unread=True) == [number]


async def test_a_ticket_that_turns_restricted_leaves_the_inbox_of_those_outside(
    session: AsyncSession, otto: Browser, hana: Browser
) -> None:
    ticket = await a_ticket(session, creator=hana.id)
    await ring(session, otto, ticket=ticket)
    [number] = await numbers(session, otto)
    assert "Broken printer" in (await otto.get("/notifications")).text
    await session.execute(update(Ticket).where(Ticket.id == ticket.id).values(visibility=Visibility.RESTRICTED))
    await session.commit()
    page = (await otto.get("/notifications")).text
    assert "Broken printer" not in page
    assert ticket.ticket_no not in page
    assert "Nobody told you anything yet" in page
    assert (await otto.post(f"/notifications/{number}/reading")).status_code == 404
    assert (await Inbox(session, await otto.actor()).unread()).number == 0


async def test_what_approvers_wrote_to_each_other_is_not_read_by_the_requester(
    session: AsyncSession, hana: Browser, ada: Browser
) -> None:
    ticket = await a_ticket(session, creator=hana.id)
    note = await ActivityLog(session, SYSTEM).comment(ticket, "Keep this between us", audience="approvers")
    for who in (hana, ada):
        session.add(Notification(user_id=who.id, ticket_id=ticket.id, note_id=note.id, reason="user"))
    await session.commit()
    assert "Keep this between us" not in (await hana.get("/notifications")).text
    page = (await ada.get("/notifications")).text
    assert "Keep this between us" in page
    assert "wrote to the approvers" in page


async def test_a_removed_comment_is_gone_from_the_inbox(session: AsyncSession, hana: Browser) -> None:
    ticket = await a_ticket(session, creator=hana.id)
    note = await ActivityLog(session, SYSTEM).comment(ticket, "I should not have said that")
    session.add(Notification(user_id=hana.id, ticket_id=ticket.id, note_id=note.id, reason="creator"))
    await session.commit()
    assert "I should not have said that" in (await hana.get("/notifications")).text
    note.delete_softly(at=note.created_at)
    await session.commit()
    assert "I should not have said that" not in (await hana.get("/notifications")).text


async def test_pages_follow_each_other_without_a_gap(session: AsyncSession, hana: Browser) -> None:
    await ring(session, hana, times=53)
    first = (await hana.get("/notifications")).text
    older = re.search(r'href="(/notifications\?after=[^"]+)"', first)
    assert older
    second = (await hana.get(older[1])).text
    assert [first.count('<li id="line-'), second.count('<li id="line-')] == [50, 3]
    assert "did thing 3<" in second
    assert (await hana.get("/notifications?after=%F0%9F%99%82")).status_code == 200


async def test_what_somebody_typed_cannot_run(session: AsyncSession, hana: Browser) -> None:
    ticket = await a_ticket(session, creator=hana.id, title="<script>alert(1)</script>")
    note = await ActivityLog(session, SYSTEM).record(
        TYPED, ticket, what="<img src=x onerror=alert(2)>", reason="</p><b>"
    )
    session.add(Notification(user_id=hana.id, ticket_id=ticket.id, note_id=note.id, reason="creator"))
    await session.commit()
    page = (await hana.get("/notifications")).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "</p><b>" not in page


async def test_the_page_runs_the_same_number_of_queries_however_long_it_is(
    session: AsyncSession, hana: Browser, cast: Cast
) -> None:
    inbox = Inbox(session, await hana.actor())
    await ring(session, hana)
    await queries_of(session, inbox)  # who is named is read once
    await ring(session, hana)
    one = await queries_of(session, inbox)
    await ring(session, hana, times=30)
    assert await queries_of(session, inbox) == one
    assert HAPPENED.code


async def queries_of(session: AsyncSession, inbox: Inbox) -> int:
    from sqlalchemy import event

    seen: list[str] = []
    connection = (await session.connection()).sync_connection

    def note_down(*told: object) -> None:
        seen.append(str(told[2]))

    event.listen(connection, "before_cursor_execute", note_down)
    await inbox.page()
    event.remove(connection, "before_cursor_execute", note_down)
    return len(seen)
