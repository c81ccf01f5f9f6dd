"""The stream of a live page: whom it tells, what it says, and when it ends (promises L8, L15, L16, S2, R4)."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from app.activity.dispatch import look
from app.actor import acting_as
from app.tickets.conversation import Conversation
from app.tickets.models import Ticket, Visibility
from app.tickets.properties import Properties
from app.web.hub import MOST_PER_PERSON
from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread
from tests.journeys.site import Site, open_site, token_of
from tests.serving import browsing
from tests.story import ask, decide
from tests.waiting import until, within

ENDS_WITHIN = 5.0


@pytest.fixture(scope="module")
async def site(database: WorkersDatabase) -> AsyncIterator[Site]:
    async with open_site(database, None) as site:
        yield site
    in_a_thread(restore_what_migrations_brought(database.superuser_dsn))


class Following:
    """One open stream, event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()
        self.ids: list[str] = []

    async def next(self) -> str | None:
        """The parts that changed; None when the stream has ended."""
        async with within(ENDS_WITHIN):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.ids.append(line.removeprefix("id: "))
                if line.startswith("data: "):
                    return line.removeprefix("data: ")
        return None

    async def last_words(self) -> set[str]:
        """Whatever was on its way before it ended."""
        told = set()
        while word := await self.next():
            told.add(word)
        return told


@asynccontextmanager
async def following(site: Site, key: str, *, seen: str = "", **about: str) -> AsyncIterator[Following]:
    """As a page does that has just been loaded: its first event says how things are."""
    headers = {"cookie": f"countersign={token_of(key)}"} | ({"last-event-id": seen} if seen else {})
    async with (
        browsing(base_url=site.url, headers=headers) as client,
        client.stream("GET", "/updates", params=about) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Following(response)
        if not seen:
            await stream.next()
        yield stream


async def asked(site: Site, key: str, **content: Any) -> Ticket:
    who = site.who(key)
    async with site.database.session() as session:
        with acting_as(await who.actor()):
            ticket = await ask(session, who, **content)
    await announced(site)
    return ticket


async def comment(site: Site, key: str, number: str, words: str, *, audience: str = "everyone") -> None:
    actor = await site.who(key).actor()
    async with site.database.in_its_own() as session:
        with acting_as(actor):
            desk = Conversation(session, actor)
            await desk.comment(await desk.lock(number), words, audience=audience, is_approver=audience == "approvers")
    await announced(site)


async def decided(site: Site, key: str, number: str) -> None:
    who = site.who(key)
    async with site.database.session() as session:
        with acting_as(await who.actor()):
            await decide(session, who, number)
    await announced(site)


async def announced(site: Site) -> None:
    """As the dispatcher does, which leaves what a decision sends where it waits."""
    while await look(site.database):
        pass


async def status_of(site: Site, key: str, number: str) -> int:
    headers = {"cookie": f"countersign={token_of(key)}"}
    async with browsing(base_url=site.url, headers=headers) as client:
        return (await client.get("/updates", params={"ticket": number})).status_code


async def test_a_decision_shows_at_once_while_what_it_sends_still_waits(site: Site) -> None:
    ticket = await asked(site, "hana", title="For everybody to see")
    async with following(site, "hana", ticket=ticket.ticket_no) as hers, following(site, "maya", inbox="all") as mayas:
        await decided(site, "daniel", ticket.ticket_no)
        assert await hers.next() == "ticket"
        assert await mayas.next() == "inbox menu", "it waits for Finance now"
    waiting = "SELECT count(*) FROM ticket.outbox WHERE ticket_id = :id AND dispatched_at IS NULL"
    assert await site.value(waiting, id=ticket.id) > 0
    await site.dispatch()


async def test_nothing_that_is_hidden_from_an_outsider_reaches_their_stream(site: Site) -> None:
    """In both worlds they hear of one thing: the comment on what they may see."""
    shown = await asked(site, "hana", title="Open to all")
    hidden = None
    for is_secret in (False, True):
        async with following(site, "otto", ticket=shown.ticket_no, inbox="all") as ottos:
            if is_secret:
                hidden = await asked(site, "hana", title="A severance, hush", visibility=Visibility.RESTRICTED)
                await comment(site, "hana", hidden.ticket_no, "Nobody may know.")
                await decided(site, "daniel", hidden.ticket_no)
            await comment(site, "hana", shown.ticket_no, f"Seen by all {is_secret}")
            assert await ottos.next() == "ticket"
            assert len(ottos.ids) == 2
    assert hidden is not None
    assert await status_of(site, "otto", hidden.ticket_no) == await status_of(site, "otto", "PUR-999999") == 404
    await site.dispatch()


async def test_whose_access_is_taken_away_hears_no_more_and_finds_nothing(site: Site) -> None:
    ticket = await asked(site, "hana", title="Between us", visibility=Visibility.RESTRICTED)
    hana = await site.who("hana").actor()
    otto = site.who("otto")
    async with site.database.in_its_own() as session:
        desk = Properties(session, hana)
        with acting_as(hana):
            grant = await desk.grant(await desk.lock(ticket.ticket_no), user_id=otto.id, role_id=None)
    async with following(site, "otto", ticket=ticket.ticket_no) as ottos:
        async with site.database.in_its_own() as session:
            desk = Properties(session, hana)
            with acting_as(hana):
                await desk.revoke(await desk.lock(ticket.ticket_no), grant.id)
        await announced(site)
        assert await ottos.next() is None
        assert len(ottos.ids) == 1
    assert await status_of(site, "otto", ticket.ticket_no) == 404


@pytest.mark.parametrize(
    "ended",
    [
        "UPDATE ticket.sessions SET ended_at = now() WHERE user_id = :id",
        "UPDATE ticket.users SET deactivated_at = now() WHERE id = :id",
        "UPDATE ticket.user_roles SET deleted_at = now() WHERE user_id = :id",
    ],
    ids=["signed out", "deactivated", "in other roles"],
)
async def test_a_stream_ends_with_the_rights_it_was_opened_with(site: Site, ended: str) -> None:
    async with following(site, "tomas") as toms:
        async with site.database.session() as session:
            await session.execute(text(ended), {"id": site.who("tomas").id})
            await session.commit()
        try:
            assert await toms.next() is None
        finally:
            await undo(site, site.who("tomas").id)


UNDONE = (
    "UPDATE ticket.sessions SET ended_at = NULL WHERE user_id = :id",
    "UPDATE ticket.users SET deactivated_at = NULL WHERE id = :id",
    "UPDATE ticket.user_roles SET deleted_at = NULL WHERE user_id = :id",
)


async def undo(site: Site, user_id: int) -> None:
    async with site.database.session() as session:
        for statement in UNDONE:
            await session.execute(text(statement), {"id": user_id})
        await session.commit()


async def test_who_comes_back_hears_of_what_changed_meanwhile_and_of_nothing_else(site: Site) -> None:
    ticket = await asked(site, "hana", title="Talked about")
    async with following(site, "omar", ticket=ticket.ticket_no) as first:
        seen = first.ids[-1]
    await comment(site, "hana", ticket.ticket_no, "While the line was down.")
    async with following(site, "omar", seen=seen, ticket=ticket.ticket_no) as second:
        assert await second.next() == "ticket"
        seen = second.ids[-1]
    async with following(site, "omar", seen=seen, ticket=ticket.ticket_no) as third:
        await comment(site, "hana", ticket.ticket_no, "And now.")
        assert await third.next() == "ticket"
        assert len(third.ids) == 1, "nothing was told twice"
    async with following(site, "omar", since="menu~x\r\nid: forged", ticket=ticket.ticket_no) as forged:
        assert [one for one in forged.ids if "forged" in one] == []


async def test_what_approvers_write_to_each_other_stirs_nobody_elses_page(site: Site) -> None:
    ticket = await asked(site, "hana", title="Discussed among approvers")
    async with (
        following(site, "hana", ticket=ticket.ticket_no) as hers,
        following(site, "daniel", ticket=ticket.ticket_no) as his,
    ):
        await comment(site, "daniel", ticket.ticket_no, "Between us.", audience="approvers")
        assert await his.next() == "ticket"
        await comment(site, "daniel", ticket.ticket_no, "For all.")
        assert await hers.next() == "menu ticket", "the bell rings too"
        assert len(hers.ids) == 2


async def present(site: Site, key: str, number: str) -> str:
    headers = {"cookie": f"countersign={token_of(key)}"}
    async with browsing(base_url=site.url, headers=headers) as client:
        return (await client.get(f"/tickets/{number}/presence")).text


async def sees(site: Site, key: str, number: str, name: str, *, is_there: bool = True) -> bool:
    return (name in await present(site, key, number)) == is_there


async def test_who_is_on_a_ticket_sees_who_else_is_there_for_as_long_as_both_may_see_it(site: Site) -> None:
    shown, other = await asked(site, "hana", title="Looked at"), await asked(site, "hana", title="Looked at by none")
    number = shown.ticket_no
    async with (
        following(site, "hana", ticket=number, here="yes") as hers,
        following(site, "elena", ticket=other.ticket_no, here="yes") as elsewhere,
    ):
        async with following(site, "omar", ticket=number, here="yes"):
            assert await hers.next() == "here"
            await until(lambda: sees(site, "hana", number, "Omar Haddad"))
            await until(lambda: sees(site, "omar", number, "Hana Sato"))
        assert await hers.next() == "here"
        await until(lambda: sees(site, "hana", number, "Omar Haddad", is_there=False))
        async with following(site, "otto", ticket=number, here="yes") as ottos:
            assert await hers.next() == "here"
            async with site.database.in_its_own() as session:
                actor = await site.who("hana").actor()
                with acting_as(actor):
                    desk = Properties(session, actor)
                    await desk.show_to(await desk.lock(number), Visibility.RESTRICTED)
            assert "Otto Brandt" not in await present(site, "hana", number), "at once, whatever his browser shows still"
            never = (await present(site, "otto", "PUR-9999")).replace("PUR-9999", number)
            assert await present(site, "otto", number) == never
            await announced(site)
            assert await ottos.last_words() <= {"here"}, "that he came himself may have been on its way"
        await comment(site, "hana", other.ticket_no, "Only this.")
        assert await elsewhere.next() == "ticket"
        assert len(elsewhere.ids) == 2, "who comes and goes elsewhere wakes nobody here"


LISTENING = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%' AND pid <> pg_backend_pid()"
)


async def test_a_broken_line_to_the_database_is_mended_and_nothing_is_missed(
    site: Site, database: WorkersDatabase
) -> None:
    ticket = await asked(site, "hana", title="While it was broken")
    async with following(site, "omar", ticket=ticket.ticket_no) as his:
        superuser = await asyncpg.connect(database.superuser_dsn)
        await superuser.execute(LISTENING)
        await superuser.close()
        await comment(site, "hana", ticket.ticket_no, "Did anybody hear this?")
        assert await his.next() == "ticket"


async def test_nobody_holds_more_streams_than_one_can_look_at_and_together_they_hold_no_connection(site: Site) -> None:
    """More streams than the pool has connections, and the pages still answer."""
    async with contextlib.AsyncExitStack() as stack:
        for key in ("lucas", "jonas"):
            for _ in range(MOST_PER_PERSON):
                await stack.enter_async_context(following(site, key))
        headers = {"cookie": f"countersign={token_of('lucas')}"}
        async with browsing(base_url=site.url, headers=headers) as client:
            assert (await client.get("/updates")).status_code == 429
            assert (await client.get("/approvals")).status_code == 200
