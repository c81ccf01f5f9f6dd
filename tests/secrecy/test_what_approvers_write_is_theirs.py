"""A comment for approvers is in no channel of anybody else's: not even its requester can tell whether there is one."""

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM
from app.notifications import reader
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import Rules
from tests.cast import Browser, Company
from tests.dispatching import Dispatch
from tests.secrecy.outsider import Answer, plain
from tests.story import ask

assert reader
WORDS = "The **kestrel** was late, says @Otto Brandt"


async def everything(who: Browser, number: str) -> dict[str, Answer]:
    """Page by page, count by count, list by list."""
    url = f"/tickets/{number}"
    pages = [
        url,
        f"{url}/print",
        f"{url}/news?after=1",
        f"{url}/state",
        f"{url}/presence",
        "/notifications",
        "/tickets",
    ]
    pages += [f"{url}?activity={activity}" for activity in ("all", "comments", "decisions", "changes")]
    pages += [
        "/tickets?q=kestrel",
        "/tickets?sort=-updated_at",
        "/tickets?watched_by=me",
        "/me/badges",
        "/notifications",
        "/tickets",
    ]
    calls = [url, f"{url}/notes", f"{url}/watchers", "/tickets?q=kestrel", "/tickets/count?q=kestrel", "/notifications"]
    answers: dict[str, httpx.Response] = {page: await who.get(page) for page in pages}
    answers |= {f"call {call}": await who.api("GET", call) for call in calls}
    answers["export"] = await who.post("/exports?q=kestrel", format="csv")
    return {name: plain(answer) for name, answer in answers.items()}


async def test_nobody_but_approvers_can_tell_that_it_is_there(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    await add_ready_rules(Rules(session, SYSTEM))
    ticket = await ask(session, hana)
    for who in (hana, otto):
        await who.post(f"/tickets/{ticket.ticket_no}/subscription")
    await dispatch()
    before = [await everything(who, ticket.ticket_no) for who in (hana, otto)]
    said = {"audience": "approvers", "unheard": "accept"}
    sent = await daniel.upload(
        f"/tickets/{ticket.ticket_no}/comment-files", ("hush.txt", b"Nobody may know."), note=WORDS, **said
    )
    assert sent.status_code == 303
    await dispatch()
    theirs = (await daniel.get(f"/tickets/{ticket.ticket_no}")).text
    assert "<strong>kestrel</strong>" in theirs
    assert "hush.txt" in theirs
    for who, then in zip((hana, otto), before, strict=True):
        now = await everything(who, ticket.ticket_no)
        assert {name for name in now if now[name] != then[name]} == set()
