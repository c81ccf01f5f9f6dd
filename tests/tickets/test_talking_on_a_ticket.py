"""Comments and who hears them; the story by tabs and pages; properties in place; who can see it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.clock import utc_now
from app.tickets import jobs, timeline
from app.tickets.conversation import Conversation
from app.tickets.models import Ticket, TicketView
from tests.cast import Browser, Company
from tests.queries import counting
from tests.story import ask, decide


async def notes_of(session: AsyncSession, ticket: Ticket, **facts: Any) -> int:
    query = select(func.count()).select_from(TicketNote).filter_by(ticket_id=ticket.id, **facts)
    return (await session.execute(query)).scalar_one()


async def test_a_comment_is_there_once_however_often_it_is_sent(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    command = re.search(r'name="command" value="([^"]+)"', (await otto.get(url)).text)
    assert command is not None
    for _ in range(2):
        sent = await otto.post(f"{url}/comments", htmx=True, command=command[1], note="A **word**")
        assert sent.status_code == 200
    assert await notes_of(session, ticket, system=False) == 1
    assert "<strong>word</strong>" in (await hana.get(url)).text
    other = await otto.post(f"{url}/comments", htmx=True, command=command[1], note="Something else")
    assert other.status_code == 422


async def test_what_approvers_say_among_themselves_stays_among_them(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    before = [(await who.get(url)).text for who in (hana, otto)]
    said = await daniel.post(f"{url}/comments", note="The supplier was late in 2024", audience="approvers")
    assert said.status_code == 303
    strip = re.compile(r'value="[0-9a-f-]{36}"')
    after = [(await who.get(url)).text for who in (hana, otto)]
    assert [strip.sub("", page) for page in before] == [strip.sub("", page) for page in after]
    for who in (daniel, ada):
        assert "late in 2024" in (await who.get(url)).text
    for who in (hana, otto):
        assert (await who.post(f"{url}/comments", note="Me too", audience="approvers")).status_code == 403
        assert 'name="audience"' not in (await who.get(url)).text


async def test_a_refused_comment_keeps_its_text(session: AsyncSession, company: Company, hana: Browser) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/comments"
    assert (await hana.post(url, note=" ")).status_code == 422
    for text, told in (
        ("with \0 in it", "(U+0000) comes after “with”"), ("turned \u202e round", "(U+202E) comes after “turned”"),
        ("\u202acopied", "It begins with an invisible character that cannot be stored (U+202A)"),
    ):  # fmt: skip
        refused = await hana.post(url, note=text, htmx=True)
        assert refused.status_code == 422
        assert told in refused.text
    long = await hana.post(url, note="x" * 20_001, htmx=True)
    assert long.status_code == 422
    assert "x" * 1000 in long.text


async def test_no_script_runs_from_any_text(session: AsyncSession, company: Company, hana: Browser) -> None:
    ticket = await ask(session, hana, title="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    url = f"/tickets/{ticket.ticket_no}"
    await hana.post(f"{url}/comments", note="<script>alert(2)</script> [x](javascript:alert(3))")
    for page in ((await hana.get(url)).text, (await hana.get("/tickets")).text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page


async def test_the_story_is_told_by_tab_and_page(session: AsyncSession, company: Company, hana: Browser) -> None:
    ticket = await ask(session, hana)
    talk = Conversation(session, await hana.actor())
    for n in range(60):
        await talk.comment(ticket, f"Comment number {n}.")
    await session.commit()
    url = f"/tickets/{ticket.ticket_no}"
    latest = (await hana.get(url, activity="comments")).text
    assert "Comment number 59." in latest
    assert "Comment number 9." not in latest
    older = re.search(r"before=(\d+)", latest)
    assert older is not None
    earlier = (await hana.get(url, activity="comments", before=older[1])).text
    assert "Comment number 9." in earlier
    assert "Comment number 10." not in earlier
    assert "submitted this request" in (await hana.get(url, activity="decisions")).text
    for odd in ("nonsense", "\0"):
        assert (await hana.get(url, activity=odd, before="x")).status_code == 200


async def test_the_page_costs_the_same_with_a_long_story(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    """But for one statement more where PostgreSQL has to count what is on no page."""
    ticket = await ask(session, hana)
    talk, url = Conversation(session, await hana.actor()), f"/tickets/{ticket.ticket_no}"
    await talk.comment(ticket, "One")
    await session.commit()
    with counting() as short:
        await hana.get(url)
    costs = []
    for _more in range(2):
        for n in range(50):
            await talk.comment(ticket, f"{n}")
        await session.commit()
        with counting() as long:
            await hana.get(url)
        costs.append(len(long))
    assert costs == [len(short) + 1] * 2


async def test_what_is_counted_on_the_page_and_what_postgresql_counts_is_the_same(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no, comment="Yes")
    for words in ("One", "Two"):
        await Conversation(session, await hana.actor()).comment(ticket, words)
    asked = Conversation(session, await ada.actor())
    await asked.comment(ticket, "Three", audience="approvers", is_approver=True)
    for who, is_approver, comments in ((hana, False, 2), (daniel, True, 3)):
        reader = timeline.Reader(await who.actor(), is_approver, None, frozenset())
        rows, older = await timeline.rows_before(session, ticket.id, reader, activity=timeline.ALL, before=None)
        at_hand = timeline.counts_at_hand(rows)
        assert older is None
        assert at_hand == await timeline.counts(session, ticket.id, reader)
        assert at_hand["comments"].number == comments
        assert len(rows) > at_hand["all"].number > comments


async def test_properties_are_changed_in_place_by_whoever_may(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, omar: Browser
) -> None:
    fields = {"affects": "me", "what": "Dark"}
    ticket = await ask(session, hana, fields, form="it-incident", title="Dark screen")
    url, label, place = f"/tickets/{ticket.ticket_no}", company.labels["safety"].id, company.categories["Facilities"].id
    changes: list[tuple[str, dict[str, Any], str]] = [
        ("priority", {"priority": "urgent"}, "changed the priority"),
        ("due-date", {"due_at": "2030-12-31"}, "set the due date"),
        ("due-date", {"remove": "1"}, "removed the due date"),
        ("labels", {"add": label}, "added the label"),
        ("labels", {"remove": label}, "removed the label"),
        ("categories", {"add": place}, "put this under"),
        ("categories", {"remove": place}, "took this out of"),
        ("assignment", {"assignee_id": lucas.id}, "assigned this to"),
    ]
    for noun, form, said in changes:
        assert (await omar.post(f"{url}/{noun}", **form)).status_code == 403, noun
        changed = await lucas.post(f"{url}/{noun}", htmx=True, **form)
        assert changed.status_code == 200, changed.text
        assert said in changed.text, noun
        assert f'id="ticket-{ticket.id}"' in changed.text
    for noun, form in (
        ("priority", {"priority": "highest"}), ("due-date", {"due_at": "tomorrow"}), ("labels", {}),
        ("labels", {"add": "-1"}),
        ("assignment", {"assignee_id": "99999999999999999999"}), ("categories", {"add": "1_0"}),
    ):  # fmt: skip
        assert (await lucas.post(f"{url}/{noun}", **form)).status_code == 422, (noun, form)
    assert (await lucas.post(f"{url}/labels", add=987_654)).status_code == 404


async def test_a_ticket_is_opened_to_some_and_closed_again(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, omar: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    assert (await omar.post(f"{url}/visibility", visibility="restricted")).status_code == 403
    await hana.post(f"{url}/visibility", visibility="restricted")
    assert (await otto.get(url)).status_code == 404
    await hana.post(f"{url}/grants", user_id=otto.id)
    assert (await otto.get(url)).status_code == 200
    page = (await hana.get(url)).text
    assert "it was opened to them" in page
    grant = re.search(r'name="remove" value="(\d+)"', page)
    assert grant is not None
    await hana.post(f"{url}/grants", remove=grant[1])
    assert (await otto.get(url)).status_code == 404
    assert (await hana.post(f"{url}/grants")).status_code == 422


async def test_handing_a_restricted_ticket_away_leads_to_the_list(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser
) -> None:
    ticket = await ask(
        session, hana, {"affects": "me", "what": "x"}, form="it-incident", title="Secret", visibility="restricted"
    )
    away = await lucas.post(f"/tickets/{ticket.ticket_no}/assignment", htmx=True, assignee_id="", assigned_role_id="")
    assert away.headers["hx-redirect"] == "/tickets"
    assert (await lucas.get(f"/tickets/{ticket.ticket_no}")).status_code == 404


async def test_looking_at_a_restricted_ticket_is_noted_once_an_hour_and_moves_nothing(
    session: AsyncSession, company: Company, elena: Browser, ada: Browser, app: Any
) -> None:
    fields = {"system": "erp", "level": "read", "purpose": "Month end"}
    ticket = await ask(session, elena, fields, form="access-request", title="Ledger")
    version, updated = ticket.version, ticket.updated_at
    for _ in range(2):
        await ada.get(f"/tickets/{ticket.ticket_no}")
    views = select(TicketView.hour).filter_by(ticket_id=ticket.id, user_id=ada.id)
    [hour] = (await session.execute(views)).scalars()
    told = {
        "ticket": ticket.id, "user": ada.id, "hour": hour.isoformat(), "channel": "web", "request_id": "",
        "address": "", "token_id": None,
    }  # fmt: skip
    for _ in range(2):
        await jobs.record_view(app.state.database, told)
    assert await notes_of(session, ticket, event_type="restricted_viewed", created_by=ada.id) == 1
    await session.refresh(ticket)
    assert (ticket.version, ticket.updated_at) == (version, updated)


@pytest.mark.parametrize("days", [6, 8])
async def test_a_resolved_ticket_closes_by_itself_after_a_week(
    session: AsyncSession, company: Company, hana: Browser, app: Any, days: int
) -> None:
    ticket = await ask(session, hana, {"affects": "me", "what": "x"}, form="it-incident", title="x")
    ticket.status, ticket.resolved_at = "resolved", utc_now() - timedelta(days=days)
    await session.commit()
    await jobs.close_after_silence(app.state.database)
    await session.refresh(ticket)
    assert ticket.status == ("closed" if days > 7 else "resolved")
