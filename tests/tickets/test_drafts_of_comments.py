"""What somebody types into a comment is kept until it is sent, for them alone."""

import asyncio
import re

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import acting_as
from app.tickets.commands import CommandBook
from app.tickets.unsent.desk import CommentDrafts
from app.tickets.unsent.models import CommentDraft
from tests.cast import Browser, Company
from tests.journeys.site import Somebody
from tests.real import RealCompany
from tests.story import ask


def typed_in(page: str) -> str:
    area = re.search(r"<textarea[^>]*data-drafts[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert area is not None
    return area[1]


async def number_of_drafts(session: AsyncSession) -> int:
    return (await session.execute(select(func.count()).select_from(CommentDraft))).scalar_one()


async def test_a_draft_is_there_again_on_any_device_and_gone_once_it_is_sent(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    command = re.search(r'name="command" value="([^"]+)"', (await otto.get(url)).text)
    assert command is not None
    for text in ("Half a", "Half a <sentence>\n"):
        kept = await otto.post(f"{url}/comments/draft", note=text, audience="everyone", command=command[1])
        assert kept.status_code == 204
    page = (await otto.get(url)).text
    assert typed_in(page) == "Half a &lt;sentence&gt;\n"
    assert "Draft kept" in page
    assert typed_in((await hana.get(url)).text) == ""
    assert ticket.version == (await hana.api("GET", url)).json()["version"]
    for broken in ({"note": "x \0"}, {"note": "x", "audience": "nobody"}):
        assert (await otto.post(f"{url}/comments/draft", **{"audience": "everyone"} | broken)).status_code == 204
    assert typed_in((await otto.get(url)).text) == "Half a &lt;sentence&gt;\n"
    assert (await otto.post(f"{url}/comments", note=" ", command=command[1])).status_code == 422
    assert await number_of_drafts(session) == 1
    sent = await otto.post(f"{url}/comments", htmx=True, note="A sentence.", command=command[1])
    assert typed_in(sent.text) == ""
    late = await otto.post(f"{url}/comments/draft", note="A sentence", audience="everyone", command=command[1])
    assert late.status_code == 204
    assert await number_of_drafts(session) == 0, "what was sent does not come back"
    await otto.post(f"{url}/comments/draft", note="Another", audience="everyone")
    await otto.post(f"{url}/comments/draft", note=" ", audience="everyone")
    assert await number_of_drafts(session) == 0


async def test_a_draft_is_as_hidden_as_its_ticket_and_what_was_for_approvers_stays_among_them(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    for who in (otto, daniel):
        await who.post(f"{url}/comments/draft", note="Between us", audience="approvers")
    assert typed_in((await daniel.get(url)).text) == "Between us"
    assert typed_in((await otto.get(url)).text) == "", "who is no approver would show it to everybody"
    await hana.post(f"{url}/visibility", visibility="restricted")
    there = await otto.post(f"{url}/comments/draft", note="x", audience="everyone")
    never = await otto.post("/tickets/PUR-999999/comments/draft", note="x", audience="everyone")
    assert there.status_code == never.status_code == 404


async def test_a_draft_that_is_on_its_way_while_its_comment_is_sent_does_not_come_back_whichever_is_first(
    real_company: RealCompany,
) -> None:
    database, hana = real_company.database, Somebody(real_company.company.cast["hana"], real_company.database)
    actor = await hana.actor()
    with acting_as(actor):
        async with database.session() as session:
            ticket = await ask(session, hana)

        async def keep(key: str, said: asyncio.Event, go: asyncio.Event) -> None:
            async with database.in_its_own() as session:
                desk = CommentDrafts(session, actor)
                await desk.keep_unless_sent(ticket, "Half of it", audience="everyone", command=key)
                said.set()
                await go.wait()

        async def send(key: str, said: asyncio.Event, go: asyncio.Event) -> None:
            async with database.in_its_own() as session:
                await CommandBook(session, actor).first_answer(key, kind="comments", request_sha="a" * 64)
                await CommentDrafts(session, actor).forget(ticket)
                said.set()
                await go.wait()

        for key, first, second in (("one", keep, send), ("two", send, keep)):
            said, go, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
            gone.set()
            one = asyncio.create_task(first(key, said, go))
            await said.wait()
            other = asyncio.create_task(second(key, asyncio.Event(), gone))
            await asyncio.wait({other}, timeout=0.5)
            go.set()
            await asyncio.gather(one, other)
            async with database.session() as session:
                assert await number_of_drafts(session) == 0, key
