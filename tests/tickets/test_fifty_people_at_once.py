"""Fifty people write to one ticket, and fifty ask at once: nothing is lost, and nobody is shown a failure (C3, C4)."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User, UserRole
from app.activity.models import TicketNote
from app.activity.verify import verify
from app.actor import SYSTEM, acting_as
from app.catalogue.models import Label
from app.main import create_app
from app.tickets.models import Ticket
from tests.cast import Browser, at_a_browser, settings_for
from tests.real import RealCompany
from tests.story import ask

NIGHTLY = os.environ.get("COUNTERSIGN_PROFILE") == "nightly"
HOW_MANY = 50
BROKEN = {"affects": "team", "what": "Nothing prints."}
Act = Callable[[Browser, int], Awaitable[httpx.Response]]


class Printer:
    """The ticket that everybody writes to; each has a word, a label and a file of their own."""

    def __init__(self, number: str, labels: list[int]) -> None:
        self.path, self.labels = f"/tickets/{number}", labels

    async def comment(self, who: Browser, which: int) -> httpx.Response:
        return await who.api("POST", f"{self.path}/notes", {"note": f"I am number {which}."})

    async def label(self, who: Browser, which: int) -> httpx.Response:
        return await who.api("PUT", f"{self.path}/labels/{self.labels[which]}")

    async def upload(self, who: Browser, which: int) -> httpx.Response:
        return await who.api_upload(f"{self.path}/attachments", f"photo-{which}.txt", f"photo {which}".encode())

    async def answer(self, who: Browser, which: int) -> httpx.Response:
        """Told that it has changed meanwhile, they look again and send it upon what is there now."""
        while True:
            etag = (await who.api("GET", self.path)).headers.get("etag", "")
            said = {"fields": {"what": f"It said {which}."}}
            answer = await who.api("PATCH", self.path, said, if_match=etag)
            if answer.status_code != 412:
                return answer


@pytest.fixture
async def colleagues(real_company: RealCompany) -> Any:
    """Fifty members of the team that it is assigned to, each at a browser, and a label for each."""
    database = real_company.database
    app = create_app(settings_for(database.engine.url.render_as_string(hide_password=False)), database=database)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client,
        database.session() as session,
    ):
        people = await hired(session, real_company.company.cast.roles["IT service"].id)
        yield [await at_a_browser(session, client, app, user) for user in people]


async def hired(session: AsyncSession, role_id: int) -> list[User]:
    with acting_as(SYSTEM):
        people = [User(name=f"Number {n}", email=f"number-{n}@aldermoor.example") for n in range(HOW_MANY)]
        session.add_all(people)
        await session.flush()
        session.add_all([UserRole(user_id=one.id, role_id=role_id) for one in people])
        session.add_all([Label(name=f"label {n}", color="#3156c4", position=n) for n in range(HOW_MANY)])
        await session.commit()
    return people


async def at_once(work: list[tuple[Act, Browser, int]]) -> list[httpx.Response]:
    """Where the answer is "others are changing the same thing, come again", they do."""

    async def patiently(act: Act, who: Browser, which: int) -> httpx.Response:
        for _ in range(5):
            answer = await act(who, which)
            if answer.status_code != 503:
                break
        return answer

    return await asyncio.gather(*(patiently(*one) for one in work))


async def test_what_fifty_people_write_to_one_ticket_is_all_there(
    real_company: RealCompany, colleagues: list[Browser]
) -> None:
    async with real_company.database.session() as session:
        with acting_as(await colleagues[0].actor()):
            ticket = await ask(session, colleagues[0], BROKEN, form="it-incident", title="The printer")
        labels = list((await session.execute(select(Label.id).where(Label.name.like("label %")))).scalars())
    printer = Printer(ticket.ticket_no, labels)
    acts: list[Act] = [printer.comment, printer.label, printer.upload, printer.answer]
    each = [acts if NIGHTLY else [acts[which % 4]] for which in range(HOW_MANY)]
    answers = await at_once([(act, who, which) for which, who in enumerate(colleagues) for act in each[which]])
    assert Counter(answer.status_code // 100 for answer in answers) == {2: len(answers)}
    async with real_company.database.session() as session:
        told = await told_on(session, ticket.id)
        texts = {f"I am number {which}." for which in range(HOW_MANY) if printer.comment in each[which]}
        assert {note.note for note in told if not note.system} == texts
        kinds = Counter(note.event_type for note in told)
        for act, kind, table in (
            (printer.label, "label_add", "labels"),
            (printer.upload, "attachment_add", "attachments"),
        ):
            assert kinds[kind] == await kept(session, table, ticket.id) == sum(act in acts for acts in each)
        now = (await session.execute(select(Ticket).where(Ticket.id == ticket.id))).scalar_one()
        assert [note.seq for note in told] == list(range(1, len(told) + 1))
        assert verify(told, head=(now.chain_seq, now.chain_hash)) is None
        said = [note.event_details["changes"][0] for note in told if note.event_type == "field_change"]
        assert [one["old"] for one in said[1:]] == [one["new"] for one in said[:-1]], "each saw what was before it"
        assert now.custom_fields_data["what"] == said[-1]["new"]


async def told_on(session: AsyncSession, ticket_id: int) -> list[TicketNote]:
    query = select(TicketNote).filter_by(ticket_id=ticket_id).order_by(TicketNote.seq)
    return list((await session.execute(query)).scalars())


async def kept(session: AsyncSession, table: str, ticket_id: int) -> int:
    found = await session.execute(
        text(f"SELECT count(*) FROM ticket.ticket_{table} WHERE ticket_id = :id"), {"id": ticket_id}
    )
    return int(found.scalar_one())


async def test_fifty_who_ask_at_once_get_a_number_each(real_company: RealCompany, colleagues: list[Browser]) -> None:
    asked = {"template": "it-incident", "title": "It does not print", "fields": BROKEN}

    async def ask_and_send(who: Browser, _which: int) -> httpx.Response:
        made = await who.api("POST", "/tickets", asked)
        if made.status_code != 201:
            return made
        return await who.api("POST", f"/tickets/{made.json()['ticket_no']}/submission", {})

    answers = await at_once([(ask_and_send, who, which) for which, who in enumerate(colleagues)])
    assert Counter(answer.status_code for answer in answers) == {200: HOW_MANY}
    numbers = {answer.json()["ticket_no"] for answer in answers}
    assert len(numbers) == HOW_MANY
    async with real_company.database.session() as session:
        found = select(Ticket.ticket_no).where(Ticket.status == "open", Ticket.title == "It does not print")
        assert set((await session.execute(found)).scalars()) == numbers
