"""One session of somebody who must not know: every page, list, sort, filter, picker, call and error, recorded."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from app.cli.routes import access_table
from tests.cast import Browser
from tests.secrecy.channels import opens_a_stream

HIDDEN, LINKED, NEVER = "PUR-1002", "PUR-1004", "PUR-1999"
"""The second request is the one that not everybody may see, the fourth is linked to it; the last was never made."""
VOLATILE = (
    re.compile(r'(?<="next_cursor":")[\w-]+|(?<=cursor=)[\w-]+'),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?"),
    re.compile(r"\d\d:\d\d(:\d\d)?"),
    re.compile(r'(?<=/notifications/)\d+(?=/reading)|(?<=\bid="line-)\d+|(?<=#line-)\d+|(?<=name="up_to" value=")\d+'),
    re.compile(r"\b\d+m( ago)?\b|just now|in a moment"),
)
VOLATILE_HEADERS = {"date", "etag", "x-request-id", "content-length"}
"""`content-length` of a compressed page depends on its times; that of the plain text is compared below."""
SORTS = (
    "-updated_at",
    "updated_at",
    "-created_at",
    "created_at",
    "title",
    "-title",
    "due_at",
    "-priority",
    "ticket_no",
    "amount",
    "-supplier",
    "cost_center",
)
STATUSES = ("draft", "waiting_approval", "open", "in_progress", "resolved", "closed", "rejected", "cancelled")
WORDS = ("severance", "sever", "Kestrel", "cameras", HIDDEN, "hush")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


Recording = dict[str, Answer]
Question = tuple[str, Callable[[], Awaitable[Answer]]]
"""What it is called, and how it is asked."""


def plain(answer: httpx.Response) -> Answer:
    body = answer.text
    for volatile in VOLATILE:
        body = volatile.sub("~", body)
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in VOLATILE_HEADERS)
    return Answer(answer.status_code, tuple(headers), body)


def addresses(ids: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every route, with the hidden ticket's own numbers in it where it asks for one; streams are followed elsewhere."""
    for route in access_table():
        if route["method"] != "HEAD" and "/static/" not in route["path"] and route["path"] != "/updates":
            yield route["method"], re.sub(r"{(\w+)}", lambda found: str(ids.get(found[1], 1)), route["path"])


def lists() -> Iterator[str]:
    yield f"/tickets/{LINKED}"
    yield f"/tickets/{LINKED}/news?after=1"
    yield f"/tickets/{LINKED}/links/choices?ticket_no=hush"
    for activity in ("all", "changes"):
        yield f"/tickets/{LINKED}?activity={activity}"
    for sort in SORTS:
        yield f"/tickets?sort={sort}"
        yield f"/tickets/{LINKED}?list=sort%3D{sort}"
    for status in STATUSES:
        yield f"/tickets?status={status}&sort=title"
    for word in WORDS:
        yield f"/tickets?q={word}"
        yield f"/tickets/filters?q={word}"
        yield f"/tickets?f=title:contains:{word}&f=not(description:starts:{word})"
    for name in ("assignee", "creator", "requester", "role", "label", "category", "template"):
        for value in ("me", "2", "4"):
            yield f"/tickets?{name}={value}"
    yield from (
        "/approvals?q=decided",
        "/approvals?q=sent-back",
        "/approvals?q=coming-up",
        "/notifications?show=unread",
    )
    yield "/tickets?watched_by=me"
    yield "/tickets?approval_template=capital-purchase&approval_version=1"
    yield "/tickets?template=2&version=1"
    yield "/mentions?q=ma"
    yield f"/mentions?q=ma&ticket={LINKED}"
    yield f"/mentions?q=ma&ticket={HIDDEN}"
    for days in (7, 30, 90):
        yield f"/dashboards/operations?range={days}"


def calls() -> Iterator[str]:
    for noun in ("", "/links", "/notes"):
        yield f"/tickets/{LINKED}{noun}"
    for sort in SORTS:
        yield f"/tickets?sort={sort}&count=true"
    for word in WORDS:
        yield f"/tickets?q={word}"
        yield f"/tickets/count?q={word}"
    for status in STATUSES:
        yield f"/tickets/count?status={status}"
    yield "/tickets?limit=1"
    yield "/tickets/count?watched_by=me"
    yield "/users?q=may"


def everything(_name: str) -> bool:
    return True


async def record(who: Browser, ids: dict[str, Any], app: Any, wanted: Callable[[str], bool] = everything) -> Recording:
    """Reads before writes: what is written comes from both worlds alike, but its order is part of the answer."""
    recorded = await answers([*streams(who, app), *reads(who, ids), *forms(who)], wanted)
    if any(wanted(name) for name in MADE):
        recorded |= await made(who)
    return recorded | await answers(writes(who, ids), wanted)


async def answers(questions: Iterable[Question], wanted: Callable[[str], bool]) -> Recording:
    return {name: await ask() for name, ask in questions if wanted(name)}


def streams(who: Browser, app: Any) -> Iterator[Question]:
    for number in (HIDDEN, LINKED):

        async def follow(number: str = number) -> Answer:
            return Answer(await opens_a_stream(app, who, number), (), "")

        yield f"the stream of {number}", follow


def reads(who: Browser, ids: dict[str, Any]) -> Iterator[Question]:
    everything = [path for method, path in addresses(ids) if method == "GET"]
    for url in [*(path for path in everything if not path.startswith("/api/v1")), *lists()]:
        yield f"GET {url}", answered(who.get, url)
        if HIDDEN in url or url in {"/tickets", "/approvals"} or url.startswith("/tickets/filters"):
            yield f"GET {url} as a fragment", answered(who.get, url, htmx=True)
    for path in everything:
        if path.startswith("/api/v1"):
            yield f"GET {path}", answered(who.api, "GET", path.removeprefix("/api/v1"))
    for path in calls():
        yield f"call {path}", answered(who.api, "GET", path)


def forms(who: Browser) -> Iterator[Question]:
    """That only ask."""
    for word in WORDS:
        rows = {"where.part": "1", "where.1.field": "title", "where.1.of": "title", "where.1.op": "contains"}
        asked = {**rows, "where.1.value": word, "act": "if:where:show:0"}
        yield f"POST /tickets/filters {word}", answered(who.submit, "/tickets/filters", asked, htmx=True)
    for words in (f"Like {HIDDEN}, @Maya Lindqvist?", f"![hush](/tickets/{HIDDEN}/files/1)"):
        yield f"POST /preview of {words}", answered(who.post, "/preview", htmx=True, text=words)


def answered(ask: Callable[..., Awaitable[httpx.Response]], *of: Any, **about: Any) -> Callable[[], Awaitable[Answer]]:
    async def answer() -> Answer:
        return plain(await ask(*of, **about))

    return answer


MADE = ("an export", "a bulk edit", "a saved view", "asking for access")


async def made(who: Browser) -> Recording:
    """What is asked for and then looked at: a file, a change to many tickets, a view under a name, access."""
    recorded = {"an export": plain(await who.post("/exports", format="csv"))}
    chosen = {"seen": [f"{LINKED}:1", f"{HIDDEN}:1", f"{NEVER}:1"], "command": f"of-{who.id}", "comment": "x"}
    changed = await who.submit("/tickets/bulk", chosen)
    recorded["a bulk edit"] = plain(changed)
    recorded["a bulk edit, told"] = plain(await who.get(changed.headers.get("location", "/tickets/bulk")))
    kept = await who.submit("/views", {"name": "Hush", "filter-q": "hush", "pinned": "1"})
    recorded["a saved view"] = plain(kept)
    for url in ("/views", "/tickets?q=hush", "/"):
        recorded[f"a saved view, at {url}"] = plain(await who.get(url))
    recorded["asking for access"] = plain(await who.post("/access-requests", ticket_no=HIDDEN, reason="x"))
    asked = {"ticket_no": HIDDEN, "reason": "x"}
    recorded["asking for access by a call"] = plain(await who.api("POST", "/access-requests", asked))
    return recorded


def aims_at_the_hidden(path: str, ids: dict[str, Any]) -> bool:
    about_files = ("/api/v1/attachments/", "/api/v1/note-attachments/")
    return f"/{ids['ticket_no']}" in path or path.startswith(
        (f"/approvals/{ids['seat_id']}/", "/api/v1/approvals/", *about_files)
    )


def writes(who: Browser, ids: dict[str, Any]) -> Iterator[Question]:
    for method, path in addresses(ids):
        if method != "GET" and aims_at_the_hidden(path, ids):
            yield from tries(who, method, path)


def tries(who: Browser, method: str, path: str) -> Iterator[Question]:
    """Empty, and with something in it; with and without what optimistic locking asks for."""
    name = f"{method} {path}"
    if path.startswith("/api/v1"):
        short = path.removeprefix("/api/v1")
        body = json.loads('{"decision": "approve", "content_hash": "", "note": "x", "title": "x", "version": 1}')
        yield name, answered(who.api, method, short)
        yield f"{name} with a body", answered(who.api, method, short, body, if_match='"1"')
        yield f"{name} with a key", answered(who.api, method, short, body, idempotency_key="k")
    else:
        full = {"reason": "x", "note": "x", "decision": "approve", "content_hash": "0" * 64, "visibility": "internal"}
        yield name, answered(who.post, path)
        yield f"{name} filled in", answered(who.post, path, **full)
        yield f"{name} as a fragment", answered(who.post, path, htmx=True, **full)
