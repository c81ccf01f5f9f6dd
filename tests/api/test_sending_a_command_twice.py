"""The same key with the same body is one command (promises.md, C2 and D2; approvals.md, rule 13)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.db.session import Database
from app.main import create_app
from app.tickets.models import Ticket
from tests.cast import Browser, Company, at_a_browser, furnish, hire, settings_for
from tests.database import WorkersDatabase
from tests.story import ask

NEW = {"title": "Six standing desks"}


async def test_sent_again_it_gets_the_first_answer_and_no_second_effect(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    first = await hana.api("POST", "/tickets", NEW, idempotency_key="one")
    again = await hana.api("POST", "/tickets", NEW, idempotency_key="one")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["etag"] == again.headers["etag"]
    assert (await session.execute(select(func.count()).select_from(Ticket))).scalar_one() == 1


async def test_with_another_body_or_at_another_place_the_key_is_refused(company: Company, hana: Browser) -> None:
    number = (await hana.api("POST", "/tickets", NEW, idempotency_key="one")).json()["ticket_no"]
    assert (await hana.api("POST", "/tickets", {"title": "Other"}, idempotency_key="one")).status_code == 422
    assert (await hana.api("POST", f"/tickets/{number}/notes", NEW, idempotency_key="one")).status_code == 422


async def test_a_key_belongs_to_its_sender(company: Company, hana: Browser, otto: Browser) -> None:
    mine = await hana.api("POST", "/tickets", NEW, idempotency_key="one")
    theirs = await otto.api("POST", "/tickets", NEW, idempotency_key="one")
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["ticket_no"] != theirs.json()["ticket_no"]


async def test_a_refused_command_may_be_sent_again_and_is_judged_afresh(company: Company, hana: Browser) -> None:
    number = (await hana.api("POST", "/tickets", NEW)).json()["ticket_no"]
    url = f"/tickets/{number}/transitions"
    assert (await hana.api("POST", url, {"to": "closed"}, idempotency_key="k")).status_code == 409
    assert (await hana.api("POST", url, {"to": "cancelled"}, idempotency_key="k")).status_code == 200


async def test_nobody_gets_an_old_answer_about_what_they_may_no_longer_see(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    assert (await otto.api("POST", f"{url}/notes", {"note": "Hello"}, idempotency_key="k")).status_code == 201
    changed = await hana.api("PATCH", url, {"visibility": "restricted"}, if_match="*")
    assert changed.status_code == 200
    assert (await otto.api("POST", f"{url}/notes", {"note": "Hello"}, idempotency_key="k")).status_code == 404


async def test_a_stale_version_is_no_hindrance_to_a_known_command(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    made = await hana.api("POST", "/tickets", NEW)
    url = f"/tickets/{made.json()['ticket_no']}/submission"
    tag = made.headers["etag"]
    first = await hana.api("POST", url, idempotency_key="k", if_match=tag)
    again = await hana.api("POST", url, idempotency_key="k", if_match=tag)
    assert (first.status_code, again.status_code, first.content) == (200, 200, again.content)
    assert (await hana.api("POST", url, if_match=tag)).status_code == 412


@pytest.fixture
async def committing(clean_database: WorkersDatabase) -> AsyncIterator[tuple[Litestar, Database]]:
    """The product with a pool of its own: what it commits is committed."""
    database = Database(clean_database.app_url, pool_size=8)
    app = create_app(settings_for(clean_database.app_url), database=database)
    async with app.lifespan():
        yield app, database


async def test_two_at_once_are_one_command(committing: tuple[Litestar, Database]) -> None:
    app, database = committing
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client, database.session() as session:
        cast = await hire(session)
        await session.commit()
        await furnish(session, cast)
        hana = await at_a_browser(session, client, app, cast["hana"])
        for number in range(5):
            await _at_once(session, hana, f"key-{number}")


async def _at_once(session: AsyncSession, hana: Browser, key: str) -> None:
    sent: list[Any] = [hana.api("POST", "/tickets", NEW, idempotency_key=key) for _ in range(3)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({answer.content for answer in answers}) == 1
    number = answers[0].json()["ticket_no"]
    notes = [
        hana.api("POST", f"/tickets/{number}/notes", {"note": "Once"}, idempotency_key=f"{key}-n") for _ in range(3)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*notes)} == {201}
    query = select(func.count()).select_from(TicketNote).join(Ticket, Ticket.id == TicketNote.ticket_id)
    counted = await session.execute(query.where(Ticket.ticket_no == number, ~TicketNote.system))
    assert counted.scalar_one() == 1
    await session.rollback()
