"""What one person finds out about which tickets there are, by each way that leads to one."""

import asyncio
import csv
import html
import io
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from litestar import Litestar

from tests.cast import Browser
from tests.waiting import within

WORD = "kestrel"
"""In the title of every ticket that is asked about."""
Tickets = dict[str, int]
"""By number, the id of a file on it."""
Look = Callable[[Litestar, Browser, Tickets, str], Awaitable[set[str]]]
"""The last is the number of a ticket that everybody sees."""


async def get(_app: Litestar, who: Browser, tickets: Tickets, _open: str) -> set[str]:
    return {number for number in tickets if await _is_there(who, f"/tickets/{number}")}


async def file(_app: Litestar, who: Browser, tickets: Tickets, _open: str) -> set[str]:
    return {number for number, file_id in tickets.items() if await _is_there(who, f"/attachments/{file_id}")}


async def listed(_app: Litestar, who: Browser, tickets: Tickets, _open: str) -> set[str]:
    """Every one of them, and none twice."""
    rows = await _rows(who, "/tickets?limit=100&sort=created_at")
    assert len(rows) == len(set(rows))
    return set(rows) & set(tickets)


async def searched(_app: Litestar, who: Browser, _tickets: Tickets, _open: str) -> set[str]:
    return set(await _rows(who, f"/tickets?q={WORD}"))


async def walked(_app: Litestar, who: Browser, tickets: Tickets, opened: str) -> set[str]:
    """From the ticket that everybody sees to both ends of the list, one after the other."""
    found: set[str] = set()
    for way in ("prev", "next"):
        url: str | None = f"/tickets/{opened}?list=sort%3Dcreated_at"
        while url:
            page = await who.get(url)
            further = re.search(rf'href="(/tickets/([^"?]+)[^"]*)"[^>]* rel="{way}"', page.text)
            url = html.unescape(further[1]) if further else None
            assert not further or further[2] not in found, "it goes round"
            found |= {further[2]} if further else set()
    return found & set(tickets)


async def picked(_app: Litestar, who: Browser, _tickets: Tickets, opened: str) -> set[str]:
    answer = await who.get(f"/tickets/{opened}/links/choices", ticket_no=WORD)
    return set(re.findall(r'<option value="([A-Z]+-\d+)"', answer.text))


async def exported(_app: Litestar, who: Browser, _tickets: Tickets, _open: str) -> set[str]:
    answer = await who.submit("/exports", {"format": "csv", "q": WORD})
    if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/csv"):
        return set()
    return {row[0] for row in list(csv.reader(io.StringIO(answer.text)))[1:]}


async def followed(app: Litestar, who: Browser, tickets: Tickets, _open: str) -> set[str]:
    return {number for number in tickets if await opens_a_stream(app, who, number) == 200}


CHANNELS: dict[str, Look] = {
    "get": get, "file": file, "list": listed, "search": searched, "walk": walked, "picker": picked, "export": exported,
    "live stream": followed,
}  # fmt: skip


async def counted(who: Browser) -> int | None:
    answer = await who.api("GET", f"/tickets/count?q={WORD}")
    return answer.json()["count"] if answer.status_code == 200 else None


async def _is_there(who: Browser, path: str) -> bool:
    answer = await who.api("GET", path)
    assert answer.status_code in {200, 404, 401}, answer.text
    return answer.status_code == 200


async def _rows(who: Browser, path: str) -> list[str]:
    answer = await who.api("GET", path)
    return [row["ticket_no"] for row in answer.json()["items"]] if answer.status_code == 200 else []


async def opens_a_stream(app: Litestar, who: Browser, number: str) -> int:
    """Followed until its first word, then left: in process, where httpx would wait for the end."""
    begun = asyncio.Event()
    told: dict[str, Any] = {"status": 0}

    async def receive() -> dict[str, Any]:
        if not told.get("asked"):
            told["asked"] = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
        elif b"data:" in message.get("body", b"") or not message.get("more_body"):
            begun.set()

    async with within(10):
        await app(_scope("/updates", f"ticket={number}", _cookie(who)), receive, send)  # type: ignore[arg-type]
    return int(told["status"])


def _cookie(who: Browser) -> str:
    return f"countersign={who.session_token}"


def _scope(path: str, query: str, cookie: str) -> dict[str, Any]:
    headers: Iterable[tuple[str, str]] = (("host", "test"), ("cookie", cookie))
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers], "server": ("test", 80),
        "client": ("127.0.0.1", 1), "extensions": {},
    }  # fmt: skip
