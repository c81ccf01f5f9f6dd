"""A ticket that is restricted, or deleted: the same clicks show an outsider the same bytes (L0 to L3, L10, L11)."""

import difflib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.dispatch import look
from app.actor import SYSTEM, acting_as
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.db.session import Database
from app.mailing.jobs import deliver
from app.mailing.models import MailDelivery
from app.main import create_app
from app.notifications import reader
from app.notifications.ready_rules import add_ready_rules
from app.notifications.service import RuleContent, Rules
from app.tickets.conversation import Conversation
from app.tickets.mentions.desk import Unheard
from app.tickets.models import Ticket, Visibility
from app.tickets.properties import Properties
from app.tickets.unsent.models import CommentDraft
from app.tickets.watchers.models import TicketWatcher
from tests.cast import Browser, Company, at_a_browser, furnish, hire, settings_for
from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread
from tests.secrecy.leaking import forget_to_ask
from tests.secrecy.letters import MailServer, mails_taken, told_by
from tests.secrecy.outsider import HIDDEN, LINKED, NEVER, Recording, everything, record
from tests.story import CAMERAS, ask, decide

assert reader
OUTSIDERS = ("otto", "daniel", "nora")
"""Nobody in particular, a manager with dashboards, an auditor: none of them is on the ticket."""
ASKED = CAMERAS | {"amount": {"amount": "9000.00", "currency": "EUR"}, "supplier": "Kestrel", "supplier_is_new": False}


class World:
    def __init__(self, app: Any, database: Database, client: httpx.AsyncClient, company: Company) -> None:
        self.app, self.database, self.client, self.company = app, database, client, company
        self.browsers: dict[str, Browser] = {}
        self.ids: dict[str, Any] = {}
        self.mails = MailServer()

    async def build(self, *, is_deleted: bool) -> None:
        """Deleted, it is gone before anybody is told of it."""
        async with self.database.session() as session:
            for key, user in self.company.cast.people.items():
                self.browsers[key] = await at_a_browser(session, self.client, self.app, user)
            with acting_as(SYSTEM):
                rules = Rules(session, SYSTEM)
                await add_ready_rules(rules)
                outside = [self.browsers[key].id for key in OUTSIDERS]
                await rules.add(RuleContent(name="Talk", events=["comment"], user_ids=outside), key="talk")
                await session.commit()
            await self._tickets(session)
        if is_deleted:
            await self._delete_the_hidden()
        await self._tell()

    async def _tell(self) -> None:
        """By bell and by mail."""
        async with mails_taken(self.app.state.settings, self.mails):
            while await look(self.database):
                pass
            async with self.database.session() as session:
                queued = (await session.execute(select(MailDelivery.id).order_by(MailDelivery.id))).scalars().all()
            for delivery in queued:
                await deliver(self.database, {"delivery": delivery})

    async def record(self, key: str, wanted: Callable[[str], bool] = everything) -> Recording:
        recorded = await record(self.browsers[key], self.ids, self.app, wanted)
        for number, mail in enumerate(self.mails.to(key)):
            recorded[f"mail {number}"] = told_by(mail)
        return recorded

    async def _tickets(self, session: AsyncSession) -> None:
        """The hidden one stands between others, so that a gap would show."""
        omar, maya = self.browsers["omar"], self.browsers["maya"]
        first = await self._asked(session, omar, title="Something for everybody")
        hidden = await self._asked(session, maya, title="A severance, hush", visibility=Visibility.RESTRICTED)
        assert hidden.ticket_no == HIDDEN
        await self._asked(session, omar, title="Something else")
        ingrid, tomas = self.browsers["ingrid"], self.browsers["tomas"]
        await self._talk(session, maya, HIDDEN, "Nobody may know: not @Otto Brandt, @Daniel Okafor nor @Nora Lind.")
        await self._talk(session, omar, first.ticket_no, f"Like {HIDDEN}, and {NEVER}.")
        with acting_as(await ingrid.actor()):
            await decide(session, ingrid, HIDDEN)
        await self._talk(session, tomas, first.ticket_no, "Seen.")
        files = await self._attach()
        await self._classify(session, maya)
        await self._link(session, maya)
        await self._watch(session)
        seat = select(ApprovalProcessStepApprover.id).join(ApprovalProcessStep).join(ApprovalProcess).join(Ticket)
        self.ids = {
            "ticket_no": HIDDEN, "template_key": "purchase-request", "key": "purchase-request", "slug": "operations",
            "seat_id": (await session.execute(seat.where(Ticket.ticket_no == HIDDEN).limit(1))).scalar_one(),
            **files,
        }  # fmt: skip

    async def _asked(self, session: AsyncSession, who: Browser, **content: Any) -> Ticket:
        with acting_as(await who.actor()):
            return await ask(session, who, ASKED, **content)

    async def _talk(self, session: AsyncSession, who: Browser, number: str, words: str) -> None:
        actor = await who.actor()
        with acting_as(actor):
            talk = Conversation(session, actor)
            await talk.comment(await talk.lock(number), words, unheard=Unheard.ACCEPT)
            await session.commit()

    async def _attach(self) -> dict[str, int]:
        """To the hidden ticket and to what is said on it, in one numbering with everybody's."""
        maya = self.browsers["maya"]
        file = await maya.api_upload(f"/tickets/{HIDDEN}/attachments?accept_rewind=true", "severance.pdf", b"%PDF-hush")
        note = (await maya.api("POST", f"/tickets/{HIDDEN}/notes", {"note": "See there."})).json()["id"]
        other = await maya.api_upload(f"/tickets/{HIDDEN}/notes/{note}/attachments", "hush.txt", b"Nobody may know.")
        assert (file.status_code, other.status_code) == (201, 201)
        return {"file_id": file.json()["id"], "note_id": note}

    async def _classify(self, session: AsyncSession, who: Browser) -> None:
        """So that counts by label, category and person would give it away."""
        actor = await who.actor()
        with acting_as(actor):
            desk = Properties(session, actor)
            ticket = await desk.lock(HIDDEN)
            await desk.label(ticket, self.company.labels["audit"].id)
            await desk.categorise(ticket, self.company.categories["IT"].id)
            await session.commit()

    async def _link(self, session: AsyncSession, who: Browser) -> None:
        """From what everybody sees and from the hidden one, told on both; the last link is taken off again."""
        shown = await self._asked(session, who, title="Something that is linked")
        assert shown.ticket_no == LINKED
        for here, relation, there in (
            (LINKED, "blocks", HIDDEN),
            (HIDDEN, "parent", LINKED),
            (LINKED, "relates", HIDDEN),
        ):
            made = await who.api("POST", f"/tickets/{here}/links", {"relation": relation, "ticket_no": there})
            assert made.status_code == 201
        assert (await who.api("DELETE", f"/tickets/{LINKED}/links/{made.json()['id']}")).status_code == 204

    async def _watch(self, session: AsyncSession) -> None:
        """Outsiders who watched it while they could and had begun a comment, and somebody who is on it still."""
        hidden = (await session.execute(select(Ticket.id).where(Ticket.ticket_no == HIDDEN))).scalar_one()
        session.add_all(
            TicketWatcher(ticket_id=hidden, user_id=self.browsers[key].id) for key in (*OUTSIDERS, "ingrid")
        )
        session.add_all(CommentDraft(ticket_id=hidden, user_id=self.browsers[key].id, text="hush") for key in OUTSIDERS)
        await session.commit()

    async def _delete_the_hidden(self) -> None:
        async with self.database.in_its_own() as session:
            await session.execute(
                text("UPDATE ticket.tickets SET deleted_at = now() WHERE ticket_no = :number"), {"number": HIDDEN}
            )


@asynccontextmanager
async def a_world(empty: WorkersDatabase, *, is_deleted: bool = False) -> AsyncIterator[World]:
    in_a_thread(restore_what_migrations_brought(empty.superuser_dsn))
    database = Database(empty.app_url)
    app = create_app(settings_for(empty.app_url), database=database)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    try:
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            with acting_as(SYSTEM):
                async with database.session() as session:
                    company = await furnish(session, await hire(session))
            world = World(app, database, client, company)
            await world.build(is_deleted=is_deleted)
            yield world
    finally:
        in_a_thread(restore_what_migrations_brought(empty.superuser_dsn))


@pytest.fixture(scope="module")
async def recordings(database: WorkersDatabase) -> dict[str, tuple[Recording, Recording]]:
    """Of each outsider, while it is hidden and after it was deleted; and of one who asks for what never was."""
    worlds: list[dict[str, Recording]] = []
    for is_deleted in (False, True):
        async with a_world(database, is_deleted=is_deleted) as world:
            worlds.append({key: await world.record(key) for key in OUTSIDERS})
            if not is_deleted:
                nothing = world.ids | {"ticket_no": NEVER, "seat_id": 999_999, "file_id": 999_999}
                never = await record(world.browsers["otto"], nothing, world.app, lambda name: NEVER in name)
    return {key: (worlds[0][key], worlds[1][key]) for key in OUTSIDERS} | {NEVER: (worlds[0]["otto"], never)}


@pytest.mark.parametrize("key", OUTSIDERS)
async def test_every_answer_is_the_same_whether_it_is_hidden_or_gone(
    recordings: dict[str, tuple[Recording, Recording]], key: str
) -> None:
    hidden, gone = recordings[key]
    assert len(hidden) > 150
    assert list(hidden) == list(gone)
    differing = {name: _difference(hidden[name], gone[name]) for name in hidden if hidden[name] != gone[name]}
    assert differing == {}
    assert all(answer.status < 500 for answer in hidden.values())


LEAKS = {
    "list": "GET /tickets?sort=-updated_at", "board": "GET /tickets/board", "search": "GET /tickets?q=severance",
    "count": "call /tickets/count?q=severance", "API list": "call /tickets?q=sever",
    "picker": f"GET /tickets/{LINKED}/links/choices?ticket_no=hush", "page": f"GET /tickets/{HIDDEN}",
    "fragment": f"GET /tickets/{HIDDEN} as a fragment", "API": f"GET /api/v1/tickets/{HIDDEN}",
    "receipts": f"GET /tickets/{HIDDEN}/receipts", "links": f"GET /tickets/{LINKED}",
    "API links": f"call /tickets/{LINKED}/links",
    "timeline": f"GET /tickets/{LINKED}?activity=changes", "live stream": f"the stream of {HIDDEN}",
    "refusal": f"POST /tickets/{HIDDEN}/comments filled in", "export": "an export", "bulk edit": "a bulk edit, told",
    "saved view": "a saved view, at /tickets?q=hush", "bell": "GET /notifications", "mail": "mail 0",
}  # fmt: skip
"""Where a predicate that was forgotten would show, by channel: what the recording calls it."""
TELLING = set(LEAKS.values())


async def test_a_leak_in_any_channel_is_found(
    recordings: dict[str, tuple[Recording, Recording]], database: WorkersDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a world where nothing asks who may see."""
    forget_to_ask(monkeypatch)
    async with a_world(database) as world:
        found = await world.record("otto", lambda name: name in TELLING)
        _hidden, gone = recordings["otto"]
    assert found.keys() & gone.keys() | {"mail 0"} >= TELLING
    same = [channel for channel, name in LEAKS.items() if found.get(name) == gone.get(name)]
    assert same == []


async def test_whatever_is_done_to_it_is_answered_as_to_one_that_never_was(
    recordings: dict[str, tuple[Recording, Recording]],
) -> None:
    everything, never = recordings[NEVER]
    about_it = {
        name: answer for name, answer in everything.items() if HIDDEN in name.split("?")[0] and "/admin/" not in name
    }
    about_it = {name: answer for name, answer in about_it.items() if name.replace(HIDDEN, NEVER) in never}
    assert len(about_it) > 40
    for name, answer in about_it.items():
        other = never[name.replace(HIDDEN, NEVER)]
        assert answer.status in {403, 404}, name
        assert (answer.status, answer.headers) == (other.status, other.headers), name
        assert _without_the_menu(answer.body).replace(HIDDEN, NEVER) == _without_the_menu(other.body), name


def _without_the_menu(page: str) -> str:
    """Around it stands what this outsider pinned and was told themselves, more at one moment than at another."""
    _before, is_framed, rest = page.partition('<main class="main')
    return rest.partition("</main>")[0] if is_framed else page


def _difference(one: Any, other: Any) -> str:
    if (one.status, one.headers) != (other.status, other.headers):
        return f"{one.status} {one.headers} / {other.status} {other.headers}"
    lines = difflib.unified_diff(one.body.splitlines(), other.body.splitlines(), lineterm="", n=0)
    return "\n".join(line.strip()[:300] for line in list(lines)[:12])
