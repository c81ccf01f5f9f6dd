"""The timeline and comments as JSON: newest last, and nothing that is not this reader's to hear (api.md, Timeline)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from tests.cast import Browser, Company
from tests.story import ask


async def heard(who: Browser, ticket_no: str, query: str = "") -> list[dict[str, Any]]:
    answer = await who.api("GET", f"/tickets/{ticket_no}/notes{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_timeline_is_told_from_first_to_last_page_by_page(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    whole = await heard(hana, ticket.ticket_no)
    assert whole[0]["event_type"] == "created"
    status = next(one for one in whole if one["event_type"] == "status_change")
    assert (status["event_details"]["from"], status["event_details"]["to"]) == ("draft", "waiting_approval")
    assert (status["system"], status["note"], status["edited_at"]) == (True, None, None)
    assert all("engine" not in one["event_details"] for one in whole)
    page = (await hana.api("GET", f"/tickets/{ticket.ticket_no}/notes?limit=1")).json()
    rest = await heard(hana, ticket.ticket_no, f"?cursor={page['next_cursor']}")
    assert [*page["items"], *rest] == whole


async def test_a_comment_is_there_and_moves_no_version(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    before = (await hana.api("GET", url)).headers["etag"]
    made = await otto.api("POST", f"{url}/notes", {"note": "Which supplier?"})
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/v1{url}/notes/{made.json()['id']}"
    assert made.json()["author"]["id"] == otto.id
    assert (await hana.api("GET", url)).headers["etag"] == before
    for wrong in (
        {"note": "  "},
        {"note": "x" * 20_001},
        {"note": "a\u202eb"},
        {},
        {"note": 5},
        {"note": "a", "author": 1},
    ):
        assert (await otto.api("POST", f"{url}/notes", wrong)).status_code == 422


async def test_only_its_author_and_administrators_change_a_comment_and_the_record_keeps_its_hash(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, daniel: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/notes"
    note = (await otto.api("POST", url, {"note": "Which suplier?"})).json()
    assert (await daniel.api("PATCH", f"{url}/{note['id']}", {"note": "Mine now"})).status_code == 403
    edited = await otto.api("PATCH", f"{url}/{note['id']}", {"note": "Which supplier?"})
    assert edited.json()["note"] == "Which supplier?"
    assert edited.json()["edited_at"] is not None
    assert (await ada.api("DELETE", f"{url}/{note['id']}")).status_code == 204
    assert (await otto.api("PATCH", f"{url}/{note['id']}", {"note": "Again"})).status_code == 404
    told = [one for one in await heard(hana, ticket.ticket_no) if (one["event_type"] or "").startswith("comment_")]
    assert [one["event_type"] for one in told] == ["comment_edited", "comment_removed"]
    assert told[0]["event_details"]["new_sha256"] == told[1]["event_details"]["old_sha256"]
    assert ticket.ticket_no not in (await hana.api("GET", "/tickets?q=suplier")).text, "the old words are found no more"


async def test_a_comment_of_another_ticket_and_an_event_are_nobodys_to_change(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    one, other = await ask(session, hana), await ask(session, hana, title="Six desks")
    note = (await hana.api("POST", f"/tickets/{one.ticket_no}/notes", {"note": "Here"})).json()
    event = (await heard(hana, one.ticket_no))[0]
    for url in (f"/tickets/{other.ticket_no}/notes/{note['id']}", f"/tickets/{one.ticket_no}/notes/{event['id']}"):
        assert (await hana.api("PATCH", url, {"note": "There"})).status_code == 404
        assert (await hana.api("DELETE", url)).status_code == 404


async def test_what_approvers_write_to_each_other_is_theirs_edits_included(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/notes"
    for outsider in (hana, otto):
        refused = await outsider.api("POST", url, {"note": "Hm", "audience": "approvers"})
        assert refused.status_code == 403
    made = await daniel.api("POST", url, {"note": "Too dear?", "audience": "approvers"})
    assert made.json()["audience"] == "approvers"
    before = await heard(hana, ticket.ticket_no)
    await daniel.api("PATCH", f"{url}/{made.json()['id']}", {"note": "Too expensive?"})
    assert await heard(hana, ticket.ticket_no) == before
    assert (await hana.api("PATCH", f"{url}/{made.json()['id']}", {"note": "x"})).status_code == 404
    assert "Too expensive?" in (await ada.api("GET", url)).text
    query = select(TicketNote.audience).filter_by(ticket_id=ticket.id, event_type="comment_edited")
    assert (await session.execute(query)).scalars().all() == ["approvers"]
