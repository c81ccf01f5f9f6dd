"""Daniel approves what Hana asked for, through the page or the API, with a key that a retry repeats."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import tokens
from app.accounts.models import AccessToken, BrowserSession, User
from app.accounts.recognise import hashed
from app.actor import acting_as
from app.approvals.core.explain import explain
from app.clock import utc_now
from app.seeds.teller import actor_by_email
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.deciding import rows_of_seats
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.web.security import csrf_token
from tests.cast import SECRET, Company
from tests.real import RealCompany
from tests.story import CAMERAS

TOKEN, JTI = "daniels-browser", "daniels-script"
SMALL = CAMERAS | {"amount": {"amount": "1200.00", "currency": "EUR"}, "supplier_is_new": False}
"""Only his manager decides: one vote ends step, process and waiting, and opens the ticket."""


@dataclass(frozen=True)
class Decision:
    ticket_no: str
    seat_id: int
    content_hash: str
    bearer: str

    async def through_page(self, client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        form = {
            "decision": "approve", "comment": "Needed.", "content_hash": self.content_hash,
            "command": f"click-on-{self.seat_id}", "from": "ticket", "_csrf": csrf_token(SECRET, TOKEN),
        }  # fmt: skip
        signed_in = {"cookie": f"countersign={TOKEN}"}
        return await client.post(f"/approvals/{self.seat_id}/decision", data=form, headers=signed_in | headers)

    async def through_api(self, client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        body = {"decision": "approve", "comment": "Needed.", "on_behalf_of": None, "content_hash": self.content_hash}
        own = {"authorization": f"Bearer {self.bearer}", "idempotency-key": f"call-{self.seat_id}"}
        return await client.post(f"/api/v1/approvals/{self.seat_id}/decision", json=body, headers=own | headers)


Door = Callable[..., Awaitable[httpx.Response]]
DOORS: dict[str, Door] = {"page": Decision.through_page, "api": Decision.through_api}
DONE = {"page": 303, "api": 200}


async def sign_in_daniel(session: AsyncSession, company: Company) -> None:
    daniel, now = company.cast["daniel"], utc_now()
    later = now + timedelta(hours=1)
    session.add(BrowserSession(token_sha256=hashed(TOKEN), user_id=daniel.id, seen_at=now, expires_at=later))
    by = {"created_by": daniel.id, "updated_by": daniel.id}
    session.add(AccessToken(jti=JTI, user_id=daniel.id, name="script", expires_at=later, **by))


async def something_to_decide(there: RealCompany) -> Decision:
    """A fresh ticket that waits for Daniel."""
    hana, daniel = await there.actor("hana"), there.company.cast["daniel"]
    with acting_as(hana):
        async with there.database.in_its_own() as session:
            form = await TicketTemplates(session, hana).form("purchase-request")
            drafting = Drafting(session, hana)
            ticket = await drafting.start(Content("A small thing", fields=SMALL), form=form)
            await drafting.submit(await drafting.lock(ticket.ticket_no))
    return await _as_daniel_sees_it(there, daniel, ticket.ticket_no)


async def _as_daniel_sees_it(there: RealCompany, daniel: User, number: str) -> Decision:
    async with there.database.session() as session:
        desk = ApprovalDesk(session, await actor_by_email(session, daniel.email))
        running = await desk.running(await desk.find(number))
        assert running is not None
        vote = explain(running.state, daniel.id, running.context).votes[0]
        rows = await rows_of_seats(session, running.process.id)
    now = utc_now()
    bearer = tokens.sign(SECRET, user_id=daniel.id, jti=JTI, now=now, expires_at=now + timedelta(hours=1))
    return Decision(number, rows[vote.seat], vote.content_hash, bearer)


async def until_answered(send: Callable[[], Awaitable[httpx.Response]], seconds: float = 60) -> httpx.Response:
    """As a script that retries would: until there is an answer that is not about an outage."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                answer = await send()
            except httpx.TransportError:
                continue
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.05)


def same_answer(one: httpx.Response, other: httpx.Response) -> bool:
    what: Any = [(each.status_code, each.headers.get("location"), each.content) for each in (one, other)]
    return bool(what[0] == what[1])
