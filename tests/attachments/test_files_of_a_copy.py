"""Who asks for the same again has the files with it: those that they may read, as files of their own."""

import os
from pathlib import Path

import pytest
from litestar import Litestar
from obstore.store import LocalStore
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.attachments.bucket import Bucket
from app.attachments.limits import Limits
from app.attachments.models import TicketAttachment
from app.attachments.storage import Disk, new_key
from app.attachments.sweep import sweep
from app.clock import utc_now
from app.tickets.models import Ticket
from tests.attachments.conftest import blobs
from tests.attachments.makers import PDF, png
from tests.cast import Browser, Company
from tests.story import add_fields, ask

QUOTES = {"key": "quotes", "label": "Quotes", "type": "attachment"}


async def copied(session: AsyncSession, who: Browser, number: str) -> Ticket:
    made = await who.api("POST", f"/tickets/{number}/copies")
    assert made.status_code == 201, made.text
    return (await session.execute(select(Ticket).filter_by(ticket_no=made.json()["ticket_no"]))).scalar_one()


async def files_of(who: Browser, number: str) -> list[tuple[str, str | None]]:
    told = (await who.api("GET", f"/tickets/{number}/attachments")).json()["items"]
    return sorted((one["file_name"], one["field"]) for one in told)


async def test_a_copy_has_the_files_as_its_own_and_keeps_them_when_the_others_go(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, otto: Browser, app: Litestar, storage: Disk
) -> None:
    await add_fields(session, ada, "purchase-request", QUOTES)
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/attachments"
    own = (await hana.api_upload(url, "plan.png", png())).json()["id"]
    await hana.api_upload(f"{url}?field=quotes", "quote.pdf", PDF)
    await hana.api_upload(f"/tickets/{ticket.ticket_no}/notes/1/attachments", "said.pdf", PDF)
    copy = await copied(session, otto, ticket.ticket_no)
    assert await files_of(otto, copy.ticket_no) == [("plan.png", None), ("quote.pdf", "quotes")]
    assert (await hana.api("GET", f"/tickets/{copy.ticket_no}/attachments")).status_code == 404, (
        "a draft is its writer's"
    )
    mine = copy.custom_fields_data["quotes"][0]["id"]
    assert mine != ticket.custom_fields_data.get("quotes", [{"id": 0}])[0]["id"]
    assert (await otto.get(f"/tickets/{copy.ticket_no}/files/{mine}")).content == PDF
    assert len({path.stat().st_ino for path in blobs(storage)}) == 2, "bytes that never change are stored once"
    assert (await hana.api("DELETE", f"/attachments/{own}")).status_code == 204
    await sweep(app.state.database, storage, now=utc_now().replace(year=utc_now().year + 1))
    picture = next(one for one in (await otto.api("GET", f"/tickets/{copy.ticket_no}/attachments")).json()["items"])
    assert (await otto.api("GET", f"/attachments/{picture['id']}")).content == png()
    page = (await otto.post(f"/tickets/{ticket.ticket_no}/copies")).headers["location"]
    assert "quote.pdf" in (await otto.get(page)).text, "and its form shows what it has"


async def test_a_file_that_its_maker_may_not_read_does_not_come_along(
    session: AsyncSession, company: Company, ada: Browser, hana: Browser, maya: Browser, otto: Browser, storage: Disk
) -> None:
    finance = company.cast.roles["Finance"].id
    await add_fields(session, ada, "purchase-request", {**QUOTES, "readable_by": [finance]})
    ticket = await ask(session, hana)
    await hana.api_upload(f"/tickets/{ticket.ticket_no}/attachments?field=quotes", "quote.pdf", PDF)
    copy = await copied(session, otto, ticket.ticket_no)
    assert await files_of(otto, copy.ticket_no) == []
    assert "quotes" not in copy.custom_fields_data
    assert await files_of(maya, (await copied(session, maya, ticket.ticket_no)).ticket_no) == [("quote.pdf", "quotes")]
    await hana.post(f"/tickets/{ticket.ticket_no}/visibility", visibility="restricted")
    assert (await otto.api("POST", f"/tickets/{ticket.ticket_no}/copies")).status_code == 404


async def test_a_copy_counts_like_what_is_sent(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, app: Litestar, storage: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await hana.api_upload(f"/tickets/{ticket.ticket_no}/attachments", "plan.png", png())
    monkeypatch.setitem(app.state._state, "limits", Limits(left_on_disk=0, per_person_and_day=10))
    refused = await otto.post(f"/tickets/{ticket.ticket_no}/copies", htmx=True)
    assert (refused.status_code, "a day" in refused.text) == (413, True)
    assert len((await session.execute(select(TicketAttachment))).all()) == 1
    monkeypatch.setitem(app.state._state, "limits", Limits(left_on_disk=0))
    for path in blobs(storage):
        path.unlink()
    lost = await otto.post(f"/tickets/{ticket.ticket_no}/copies", htmx=True)
    assert (lost.status_code, "missing from the storage" in lost.text) == (409, True)


@pytest.mark.parametrize("linked", [True, False])
async def test_bytes_are_copied_by_the_storage_itself_and_look_new_to_the_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    def no_links(*_paths: object) -> None:
        raise OSError

    if not linked:
        monkeypatch.setattr(os, "link", no_links)
    (tmp_path / "bucket").mkdir()
    for storage in (Disk(tmp_path / "disk"), Bucket(LocalStore(tmp_path / "bucket"), arriving=tmp_path)):
        storage.arriving.mkdir(parents=True, exist_ok=True)
        arrived, key, other = storage.arriving / "one", new_key(), new_key()
        arrived.write_bytes(PDF)
        await storage.take(arrived, key)
        if isinstance(storage, Disk):
            os.utime(storage.folder / key, (1, 1))
        await storage.copy(key, other)
        assert all([at.year > 1970 async for _key, at in storage.listed()])
        await storage.remove(key)
        assert b"".join([part async for part in storage.read(other, start=0, length=len(PDF))]) == PDF
        with pytest.raises(FileNotFoundError):
            await storage.copy(key, new_key())
