"""What is measured: each page with its viewer, and the requests that it is asked with."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from benchmarks.client import Client, Request
from benchmarks.company import Company, Visitor
from benchmarks.shape import MARKER, RARE_MARKER

_HASH = re.compile(rb'name="content_hash" value="([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Setting:
    """What the requests are made from."""

    connection: asyncpg.Connection
    company: Company
    visitors: Mapping[str, Visitor]
    port: int


Requests = Callable[[Setting, int], Awaitable[list[Request]]]


def _always(who: str, path: str) -> Requests:
    async def requests(setting: Setting, number: int) -> list[Request]:
        return [Request(setting.visitors[who], path)] * number

    return requests


async def _tickets(setting: Setting, number: int) -> list[Request]:
    """Those with twenty comments, everybody's, from all years."""
    numbers = await _numbers(setting, "open_to_all AND chain_seq = 21", number)
    return [Request(setting.visitors["jonas"], f"/tickets/{one}") for one in numbers]


async def _comments(setting: Setting, number: int) -> list[Request]:
    numbers = await _numbers(setting, "open_to_all AND status = 'in_progress' AND chain_seq = 5", number)
    form = {"note": "Delivery is confirmed for Thursday, the crane is booked.", "audience": "everyone"}
    return [
        Request(setting.visitors["jonas"], f"/tickets/{one}/comments", {**form, "command": str(uuid4())}, htmx=True)
        for one in numbers
    ]


async def _incidents(setting: Setting, number: int) -> list[Request]:
    form = {
        "title": "The label printer in hall 3 prints nothing", "description": "Since this morning. Paper is in.",
        "fields.affects": "team", "fields.what": "The queue says offline.", "priority": "high", "act": "submit",
    }  # fmt: skip
    return _creations(setting, "it-incident", form, number)


async def _purchases(setting: Setting, number: int) -> list[Request]:
    form = {
        "title": "Light-curtain guards for press 2", "description": "The old ones are worn out.",
        "fields.amount": "12960.00", "fields.amount.currency": "EUR", "fields.cost_center": "cc_4410",
        "fields.supplier": "Sicherwerk GmbH", "priority": "high", "act": "submit",
    }  # fmt: skip
    return _creations(setting, "purchase-request", form, number)


def _creations(setting: Setting, form_key: str, form: dict[str, str], number: int) -> list[Request]:
    hana = setting.visitors["hana"]
    sent = ({**form, "command": str(uuid4())} for _ in range(number))
    return [Request(hana, f"/tickets/new/{form_key}", one, htmx=True) for one in sent]


async def _approvals(setting: Setting, number: int) -> list[Request]:
    """From the inbox, with one key: the answer is the next request."""
    rows = await setting.connection.fetch(
        "SELECT a.id FROM approval_process_step_approvers a JOIN approval_process_steps s ON s.id = a.step_id"
        " WHERE a.user_id = $1 AND a.status = 'pending' AND s.status = 'open' ORDER BY random() LIMIT $2",
        setting.company.people["daniel"], number,
    )  # fmt: skip
    client = await Client.connect(setting.port)
    try:
        return [await _approval(setting, client, row["id"]) for row in rows]
    finally:
        await client.close()


async def _approval(setting: Setting, client: Client, seat: int) -> Request:
    """With the fingerprint that the pane shows."""
    daniel = setting.visitors["daniel"]
    pane = await client.ask(Request(daniel, f"/approvals/{seat}", htmx=True), encoding="identity")
    shown = _HASH.search(pane.body)
    if shown is None:
        raise RuntimeError(f"The pane of seat {seat} has no ballot ({pane.status}).")
    form = {"decision": "approve", "content_hash": shown[1].decode(), "from": "inbox", "command": str(uuid4())}
    return Request(daniel, f"/approvals/{seat}/decision", form, htmx=True)


async def _numbers(setting: Setting, condition: str, number: int) -> list[str]:
    rows = await setting.connection.fetch(
        f"SELECT ticket_no FROM tickets WHERE {condition} ORDER BY md5(id::text) LIMIT $1", number
    )
    found = [row["ticket_no"] for row in rows]
    return (found * (number // len(found) + 1))[:number]


OPEN = "/tickets?status=open&status=in_progress&status=waiting_approval"
PAGES: dict[str, tuple[Requests, float | None]] = {
    "list": (_always("jonas", "/tickets"), 6),
    "list, filter": (_always("jonas", OPEN), 6),
    "list, mine": (_always("jonas", "/tickets?creator=me"), 6),
    "list, by priority": (_always("jonas", "/tickets?sort=-priority"), 6),
    "list, deep filter": (_always("jonas", f"{OPEN}&priority=urgent&assignee=none"), 6),
    "ticket": (_tickets, 6),
    "home": (_always("hana", "/"), 8),
    "dashboard": (_always("daniel", "/dashboards/operations"), 8),
    "search": (_always("jonas", f"/tickets?q={RARE_MARKER}"), 8),
    "search, of thousands": (_always("jonas", f"/tickets?q={MARKER}"), None),
    "inbox": (_always("daniel", "/approvals"), 8),
    "create": (_incidents, 10),
    "create, with approval": (_purchases, None),
    "comment": (_comments, 8),
    "approve": (_approvals, 12),
}
"""Each with its requests and its budget (architecture.md, Speed)."""
