"""Bytes that nobody names go, bytes that somebody names stay, and uploads at the same time fit in little memory."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from obstore.store import MemoryStore
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import acting_as
from app.attachments.bucket import Bucket
from app.attachments.storage import Disk, new_key
from app.attachments.sweep import sweep
from app.clock import utc_now
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from tests.attachments.makers import PDF
from tests.cast import Browser, Company, at_a_browser
from tests.real import RealCompany
from tests.serving import serving
from tests.story import draft

LATER = timedelta(hours=21)
UPLOADS, MEGABYTES = 20, 5


async def arrived(storage: Any, content: bytes) -> str:
    storage.arriving.mkdir(parents=True, exist_ok=True)
    path, key = storage.arriving / "one", new_key()
    path.write_bytes(content)
    await storage.take(path, key)
    return key


async def test_the_sweep_takes_what_no_row_names_and_never_what_one_does(
    session: AsyncSession, company: Company, hana: Browser, app: Litestar, storage: Disk
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    url, database = f"/tickets/{ticket.ticket_no}/attachments", app.state.database
    kept = (await hana.api_upload(url, "kept.pdf", PDF)).json()["id"]
    removed = (await hana.api_upload(url, "removed.pdf", PDF)).json()["id"]
    assert (await hana.api("DELETE", f"/attachments/{removed}")).status_code == 204
    orphan = await arrived(storage, b"its process died before the commit")
    half = storage.arriving / "half"
    half.write_bytes(b"its process died while it came in")
    assert await sweep(database, storage) == 0
    os.utime(half, (time.time() - LATER.total_seconds(),) * 2)
    assert await sweep(database, storage, now=utc_now() + LATER) == 3
    assert not (storage.folder / orphan).exists()
    assert not half.exists()
    assert (await hana.api("GET", f"/attachments/{kept}")).content == PDF
    assert await sweep(database, storage, now=utc_now() + LATER) == 0


async def test_a_bucket_keeps_reads_lists_and_forgets_like_a_folder(tmp_path: Path) -> None:
    bucket = Bucket(MemoryStore(), arriving=tmp_path)
    key = await arrived(bucket, PDF * 1000)
    assert b"".join([part async for part in bucket.read(key, start=3, length=100_000)]) == (PDF * 1000)[3:100_003]
    assert [name async for name, _at in bucket.listed()] == [key]
    await bucket.remove(key)
    await bucket.remove(key)
    assert [name async for name, _at in bucket.listed()] == []
    assert not (tmp_path / "one").exists()


async def test_uploads_at_the_same_time_grow_memory_by_little(
    real_company: RealCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Client and server are one process here, so what the client holds counts too."""
    monkeypatch.setattr("tests.serving.settings_for", _with_room_at(tmp_path))
    actor = await real_company.actor("hana")
    async with real_company.database.session() as session:
        with acting_as(actor):
            tickets = [await Drafting(session, actor).start(Content(f"Ticket {n}")) for n in range(UPLOADS // 8 + 1)]
            numbers = [ticket.ticket_no for ticket in tickets]
            await session.commit()
    address = real_company.database.engine.url.render_as_string(hide_password=False)
    async with serving(address) as url, httpx.AsyncClient(base_url=url, timeout=400) as client:
        app: Any = _Bare(real_company.database)
        async with real_company.database.session() as session:
            hana = await at_a_browser(session, client, app, real_company.company.cast["hana"])
        await _upload(hana, numbers[0], 1)
        before = _resident()
        watching = asyncio.create_task(_peak())
        answers = await asyncio.gather(*(_upload(hana, numbers[n % len(numbers)], MEGABYTES) for n in range(UPLOADS)))
        watching.cancel()
        peak = _PEAK[0]
    assert [answer.status_code for answer in answers] == [201] * UPLOADS
    assert peak - before < 64_000_000


class _Bare:
    """What `at_a_browser` looks at of an app."""

    def __init__(self, database: Any) -> None:
        self.state = self
        self.database = database


def _with_room_at(folder: Path) -> Any:
    from dataclasses import replace

    from tests.cast import settings_for

    return lambda url: replace(settings_for(url), data_dir=folder)


_PEAK = [0]


async def _peak() -> None:
    _PEAK[0] = 0
    while True:
        _PEAK[0] = max(_PEAK[0], _resident())
        await asyncio.sleep(0.02)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _upload(who: Browser, number: str, megabytes: int) -> httpx.Response:
    piece = bytes(65_536)

    async def body() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
        for _ in range(megabytes * 1_000_000 // len(piece)):
            yield piece
        yield b"\r\n--x--\r\n"

    headers = {"authorization": f"Bearer {who.bearer}", "content-type": "multipart/form-data; boundary=x"}
    return await who.client.post(f"/api/v1/tickets/{number}/attachments", content=body(), headers=headers)
