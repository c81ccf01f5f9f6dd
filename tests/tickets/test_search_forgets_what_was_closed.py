"""What a form closes is found by nobody any more, however long ago it was answered; what it opens is found again."""

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import func, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import SYSTEM, acting_as
from app.jobs.registry import JOBS
from app.ticket_templates.service import REINDEX
from app.tickets import reindexing
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import CAMERAS, ask, republish_form

WORD = "Zebrafish"


class Queue:
    """Works off what was put into the queue, as the worker does."""

    def __init__(self, session: AsyncSession, app: Litestar) -> None:
        self.session, self.app = session, app
        self.done: list[dict[str, Any]] = []

    async def work_off(self) -> None:
        while (job := await self._next()) is not None:
            self.done.append(job)
            with acting_as(SYSTEM):
                await reindexing.reindex_tickets(self.app.state.database, job)

    async def _next(self) -> dict[str, Any] | None:
        take = (
            "DELETE FROM ticket.pgqueuer WHERE id = (SELECT min(id) FROM ticket.pgqueuer WHERE entrypoint = :name)"
            " RETURNING payload"
        )
        payload = (await self.session.execute(text(take), {"name": REINDEX})).scalar()
        await self.session.commit()
        return None if payload is None else json.loads(payload)


@pytest.fixture
async def queue(session: AsyncSession, app: Litestar) -> Queue:
    return Queue(session, app)


async def found(who: Browser, beside: Ticket) -> set[str]:
    """The ways on which a word leads to a ticket, that of them led to this one's closed answer."""
    ways = {
        "list": (await who.get("/tickets", q=WORD)).text.split('id="main"')[1],
        "picker": (await who.get(f"/tickets/{beside.ticket_no}/links/choices", ticket_no=WORD)).text,
        "palette": (await who.get("/palette", q=WORD)).text,
        "board": (await who.get("/tickets/board", q=WORD)).text,
        "file": (await who.submit("/exports", {"format": "csv", "q": WORD})).text,
    }
    rows = (await who.api("GET", f"/tickets?q={WORD}")).json()["items"]
    count = (await who.api("GET", f"/tickets/count?q={WORD}")).json()["count"]
    led = {way for way, answer in ways.items() if "PUR-" in answer.replace(beside.ticket_no, "") or "<mark>" in answer}
    return led | ({"rows"} if rows else set()) | ({"count"} if count else set())


async def test_a_field_that_a_new_version_closes_is_found_by_no_way_and_found_again_when_it_is_opened(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, maya: Browser, ada: Browser, queue: Queue
) -> None:
    beside = await ask(session, hana)
    await ask(session, hana, {**CAMERAS, "supplier": f"{WORD} Ltd"})
    assert {"list", "picker", "rows", "count", "file"} <= await found(otto, beside)
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [company.cast.roles["Finance"].id]})
    assert "<mark>" not in (await otto.get("/tickets", q=WORD)).text, "not shown before the index is made anew"
    await queue.work_off()
    for who in (otto, hana, maya, ada):
        assert await found(who, beside) == set(), f"{who.id}: one index for all, so for those who may read it too"
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": None})
    await queue.work_off()
    assert {"list", "picker", "rows", "count", "file"} <= await found(otto, beside)


async def test_a_version_that_closes_and_opens_nothing_leaves_the_index_alone(
    session: AsyncSession, company: Company, ada: Browser, queue: Queue
) -> None:
    await republish_form(session, ada, "purchase-request", supplier={"label": "Who sells it"})
    await queue.work_off()
    assert queue.done == []


async def test_what_was_indexed_before_closed_answers_were_left_out_is_mended_once_and_goes_on_where_it_was_cut_short(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, ada: Browser, queue: Queue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [company.cast.roles["Finance"].id]})
    await queue.work_off()
    beside = await ask(session, hana)
    old = [await ask(session, hana, {**CAMERAS, "supplier": f"{WORD} Ltd"}) for _ in range(3)]
    as_it_was = func.to_tsvector("simple", WORD)
    await session.execute(update(Ticket).where(Ticket.id.in_([one.id for one in old])).values(search=as_it_was))
    await session.commit()
    assert "count" in await found(otto, beside)
    monkeypatch.setattr(reindexing, "LOCKED_AT_ONCE", 2)
    monkeypatch.setattr(reindexing, "MOST_AT_ONCE", 2)
    queue.done.clear()
    await session.execute(text(migration().REINDEX))
    await session.commit()
    await queue.work_off()
    assert await found(otto, beside) == set()
    assert [one.get("after") for one in queue.done] == [None, old[0].id, old[2].id]
    assert "thermal" in (await otto.get("/tickets", q="thermal")).text, "the rest is found as before"


def migration() -> Any:
    path = Path("migrations/versions/20261130_search_forgets_what_was_closed.py")
    spec = spec_from_file_location("search_forgets", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_worker_knows_the_job() -> None:
    assert JOBS[REINDEX] is reindexing.reindex_tickets
