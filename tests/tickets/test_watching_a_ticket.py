"""Who watches a ticket hears what happens there, for as long as they may see it; watching opens nothing."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM
from app.notifications import reader
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import Rules
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.dispatching import Dispatch
from tests.story import ask

assert reader


async def bell_of(who: Browser) -> str:
    return (await who.get("/notifications")).text


async def comment(who: Browser, ticket: Ticket, note: str, **audience: Any) -> None:
    assert (await who.post(f"/tickets/{ticket.ticket_no}/comments", note=note, **audience)).status_code == 303


async def test_a_watcher_hears_what_happens_until_they_watch_no_longer(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, otto: Browser
) -> None:
    await add_ready_rules(Rules(session, SYSTEM))
    ticket = await ask(session, hana)
    version, url = ticket.version, f"/tickets/{ticket.ticket_no}"
    assert "Watched by" not in (await otto.get(url)).text
    for _ in range(2):
        watched = await otto.post(f"{url}/subscription", htmx=True)
        assert "Stop watching" in watched.text
    assert (await hana.api("GET", f"{url}/watchers")).json()["items"] == [{"id": otto.id, "name": "Otto Brandt"}]
    assert "Watched by" in (await hana.get(url)).text
    await comment(otto, ticket, "What I say myself is no news.")
    await dispatch()
    assert "no news" not in await bell_of(otto)
    await comment(hana, ticket, "They come on Monday.")
    await hana.post(f"{url}/priority", priority="urgent")
    await dispatch()
    bell = await bell_of(otto)
    assert "They come on Monday." in bell
    assert "changed the priority" in bell
    assert "You watch this ticket." in bell
    assert (await hana.api("GET", url)).json()["version"] == version + 1, "watching moves nothing"
    assert (await otto.post(f"{url}/subscription/removal")).status_code == 303
    await comment(hana, ticket, "Or on Tuesday.")
    await dispatch()
    assert "Or on Tuesday." not in await bell_of(otto)


async def test_what_one_watches_is_a_list_and_nobody_elses(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    mine, other = await ask(session, hana, title="Watched cameras"), await ask(session, hana, title="Other cables")
    assert (await otto.api("PUT", f"/tickets/{mine.ticket_no}/subscription")).status_code == 204
    page = (await otto.get("/tickets", watched_by="me")).text
    assert "Watched cameras" in page
    assert other.ticket_no not in page
    assert 'data-count="1"' in page
    assert "Watched cameras" not in (await hana.get("/tickets", watched_by="me")).text
    assert (await otto.api("GET", "/tickets/count?watched_by=me")).json()["count"] == 1
    assert (await hana.api("GET", f"/tickets/count?watched_by={otto.id}")).status_code == 422


async def test_a_watcher_who_may_not_see_it_any_more_hears_and_finds_nothing(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    await add_ready_rules(Rules(session, SYSTEM))
    ticket = await ask(session, hana, title="Soon between us")
    url = f"/tickets/{ticket.ticket_no}"
    await otto.post(f"{url}/subscription")
    await hana.post(f"{url}/visibility", visibility="restricted")
    await comment(hana, ticket, "Nobody may know.")
    await dispatch()
    assert "Soon between us" not in await bell_of(otto)
    assert "Soon between us" not in (await otto.get("/tickets", watched_by="me")).text
    assert (await otto.api("GET", "/tickets/count?watched_by=me")).json()["count"] == 0
    assert (await hana.api("GET", f"{url}/watchers")).json()["items"] == [], "who cannot hear is not said to listen"
    for path in ("subscription", "subscription/removal"):
        assert (await otto.post(f"{url}/{path}")).status_code == 404
    for method, noun in (("PUT", "subscription"), ("DELETE", "subscription"), ("GET", "watchers")):
        there = await otto.api(method, f"{url}/{noun}")
        never = await otto.api(method, f"/tickets/PUR-999999/{noun}")
        assert (there.status_code, there.content) == (404, never.content), method
    await hana.post(f"{url}/visibility", visibility="internal")
    await comment(hana, ticket, "Everybody may know.")
    await dispatch()
    assert "Everybody may know." in await bell_of(otto), "the wish was kept"
    await comment(daniel, ticket, "Between approvers.", audience="approvers")
    await dispatch()
    assert "Between approvers." not in await bell_of(otto)
