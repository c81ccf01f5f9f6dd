"""No text that somebody typed is ever more than text: on any page, in a mail, in a spreadsheet (I1, I2, I3)."""

import asyncio
import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest

from app.cli.routes import access_table
from tests.browser import NIGHTLY
from tests.cleaning import restore_what_migrations_brought
from tests.database import WorkersDatabase, in_a_thread
from tests.journeys.hostile import poison, undecided
from tests.journeys.hostile_week import Week
from tests.journeys.site import Site, open_site

pytestmark = pytest.mark.browser
AT_ONCE = 2
KEYS = {
    "/admin/approval-templates": "capital-purchase", "/admin/ticket-templates": "purchase-request",
    "/tickets/new": "purchase-request", "/admin/calendars": "office", "/admin/matrices": "owners",
}  # fmt: skip
"""What `key` and `template_key` stand for, by the beginning of the path."""
NOT_PAGES = re.compile(r"/static/|/api/|/updates$|/file$|files/|/receipts$|/live$|/ready$|/favicon|/.well-known/")
"""Streams, files, JSON."""
OURS = re.compile(r"(https?://(localhost|127\.0\.0\.1|test)|/(?!/)|#|\?|mailto:|$)")
RAN = """() => [...document.querySelectorAll("script:not([src]), style, [style], [srcdoc], iframe, svg[onload]")]
  .concat([...document.querySelectorAll("*")].filter(
    (one) => [...one.attributes].some((each) => /^(on|hx-on)/.test(each.name))))
  .map((one) => one.outerHTML.slice(0, 120))"""


class Read(HTMLParser):
    """A page, and what in it could only have come out of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        bad = [name for name in given if name.startswith(("on", "hx-on")) or name in {"style", "srcdoc"}]
        bad += [name for name in ("href", "src", "action", "formaction") if not OURS.match(given.get(name, ""))]
        if bad or tag in {"iframe", "style", "base", "object"} or (tag == "script" and not given.get("src")):
            self.found.append(f"<{tag}> with {bad or 'something of its own'}: {given}"[:200])


@pytest.fixture(scope="module")
async def week(database: WorkersDatabase, chromium: Any) -> AsyncIterator[Week]:
    async with open_site(database, chromium) as site:
        week = Week(site)
        await week.happen()
        await poison(database.superuser_dsn)
        yield week
    in_a_thread(restore_what_migrations_brought(database.superuser_dsn))


def test_of_each_column_that_holds_text_it_is_said_whether_people_type_it() -> None:
    assert undecided() == set(), "say in tests/journeys/hostile.py which of its lists each belongs to"


async def test_no_page_runs_what_somebody_typed(week: Week) -> None:
    work = [(key, url) for key in ("ada", "hana", "daniel", "maya") for url in await pages_of(week, key)]
    assert len(work) > 80
    queue = iter(work)
    readers = [Reading(week.site) for _ in range(AT_ONCE)]
    await asyncio.gather(*(reader.read_all(queue) for reader in readers))
    faults = [fault for reader in readers for fault in reader.faults] + week.site.said
    assert faults == [], "\n".join(faults)


async def pages_of(week: Week, key: str) -> list[str]:
    """Every route that answers with a page; an administrator's are theirs, and others look where they have part in."""
    ids = await week.ids(key)
    found = []
    for route in access_table():
        path = route["path"]
        if route["method"] != "GET" or NOT_PAGES.search(path) or not looked_at_by(key, route):
            continue
        names = re.findall(r"{(\w+)}", path)
        for values in product(*(values_for(name, path, week, ids, key) for name in names)):
            given = dict(zip(names, values, strict=True))
            found.append(path.format_map(given) + ASKED.get(path, ""))
    return found


ASKED = {"/palette": "?q=1", "/tickets/filters": "?q=alert", "/admin/users": "?q=alert"}
"""What is typed where a page answers to it."""
LOOKS_AT = {
    "ada": "",
    "hana": r"/$|/tickets",
    "daniel": r"/approvals|/tickets/{ticket_no}$",
    "maya": r"/approvals/{|/a/",
}
"""Everything, then what looks different to who asks, to who decides, and to who stands in for somebody."""


def looked_at_by(key: str, route: dict[str, str]) -> bool:
    return key == "ada" or (route["access"] == "signed_in" and re.match(LOOKS_AT[key], route["path"]) is not None)


OPENED = {"ada": "stuck", "hana": "draft", "daniel": "resolved", "maya": "waiting"}


def values_for(name: str, path: str, week: Week, ids: dict[str, list[str]], key: str) -> Iterable[str]:
    if name in {"key", "template_key"}:
        return next([value] for start, value in KEYS.items() if path.startswith(start))
    if name == "slug":
        return ["operations"]
    if name == "ticket_no":
        every = NIGHTLY or (key == "hana" and path == "/tickets/{ticket_no}")
        return week.tickets.values() if every else [week.tickets[OPENED[key]]]
    assert ids.get(name), f"{path}: nothing is known for {name}"
    return ids[name] if NIGHTLY else ids[name][:2]


class Reading:
    """One browser window in which page after page is opened, and all that they tried."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.faults: list[str] = []
        self.windows: dict[str, Any] = {}

    async def read_all(self, queue: Iterator[tuple[str, str]]) -> None:
        for key, url in queue:
            if key not in self.windows:
                self.windows[key] = await self.site.browser(key)
                self.windows[key].on("dialog", lambda dialog: self.faults.append(f"{dialog.page.url} opened a dialog"))
            await self._read(self.windows[key], key, url)

    async def _read(self, window: Any, key: str, url: str) -> None:
        answer = await window.goto(f"{self.site.url}{url}")
        reader = Read()
        reader.feed(await answer.text())
        ran = await window.evaluate(RAN)
        status = [] if answer.status in {200, 403, 404, 409} else [f"answers {answer.status}"]
        self.faults += [f"{key} {url}: {fault}" for fault in [*status, *reader.found, *ran]]


async def test_no_spreadsheet_has_a_formula(week: Week) -> None:
    starts = tuple("=+-@\t\r")
    table = await week.sends("ada", "/exports", format="csv")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(rows) > len(week.tickets)
    assert [cell for row in rows for cell in row if cell.startswith(starts)] == []
    book = await week.sends("ada", "/exports", format="xlsx")
    with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "alert(1)" in sheet + str(len(rows))
    assert not re.search(r"<f[ >]|<hyperlink", sheet)


async def test_no_mail_holds_more_than_our_own_words_as_markup(week: Week) -> None:
    """Nor does a header begin inside a name or a title (I2)."""
    mail = await week.mail_to("maya")
    html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert plain is not None
    reader = Read()
    reader.feed(html.get_content())
    assert reader.found == []
    assert not re.search(r"<(img|script|svg)", html.get_content())
    assert "alert(1)" in plain.get_content(), "the title is told, as text"
    assert set(mail.keys()) == {"From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
