"""Each move by somebody who may, by somebody who may not, and by Otto, for whom a restricted ticket is not there."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.commands import Decision
from app.approvals.models import ApprovalProcess
from app.tickets.handling import Handling
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import ask, decide, draft

ACCESS = {"system": "erp", "level": "read", "purpose": "Month end"}
NOUNS = (
    "submission", "withdrawal", "cancellation", "handling", "handback", "resolution", "confirmation", "reopening",
    "revision", "deletion", "assignment", "priority", "due-date", "labels", "categories", "visibility", "grants",
    "comments", "edit",
)  # fmt: skip


async def status_of(session: AsyncSession, ticket: Ticket) -> str:
    """As it is stored now, whatever this session remembers."""
    await session.refresh(ticket)
    return ticket.status


async def incident(session: AsyncSession, who: Browser, **more: Any) -> Ticket:
    fields = {"affects": "me", "what": "The screen is dark"}
    return await ask(session, who, fields, form="it-incident", title="Dark screen", **more)


async def in_state(session: AsyncSession, state: str, hana: Browser, lucas: Browser) -> Ticket:
    """An incident needs no approval, so its handler takes it from there."""
    ticket = await incident(session, hana)
    work = Handling(session, await lucas.actor())
    if state in {"in_progress", "resolved"}:
        await work.take(await work.lock(ticket.ticket_no))
    if state == "resolved":
        await work.resolve(ticket, resolution="New cable")
    await session.commit()
    return ticket


@pytest.mark.parametrize(
    ("state", "noun", "form", "by", "not_by", "leads_to"),
    [
        ("open", "handling", {}, "lucas", "omar", "in_progress"),
        ("open", "cancellation", {"reason": "Works again"}, "hana", "omar", "cancelled"),
        ("open", "revision", {"reason": "Wrong machine"}, "hana", "omar", "draft"),
        ("in_progress", "resolution", {"resolution": "New cable"}, "lucas", "hana", "resolved"),
        ("in_progress", "handback", {"reason": "On holiday"}, "lucas", "daniel", "open"),
        ("in_progress", "cancellation", {"reason": "Obsolete"}, "daniel", "hana", "cancelled"),
        ("resolved", "confirmation", {}, "hana", "lucas", "closed"),
        ("resolved", "reopening", {"reason": "Still dark"}, "hana", "lucas", "in_progress"),
    ],
)
async def test_only_who_may_moves_it(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, daniel: Browser, omar: Browser,
    state: str, noun: str, form: dict[str, str], by: str, not_by: str, leads_to: str,
) -> None:  # fmt: skip
    people = {"hana": hana, "lucas": lucas, "daniel": daniel, "omar": omar}
    ticket = await in_state(session, state, hana, lucas)
    url = f"/tickets/{ticket.ticket_no}/{noun}"
    refused = await people[not_by].post(url, **form)
    assert refused.status_code == 403
    assert await status_of(session, ticket) == state
    assert f'action="{url}"' not in (await people[not_by].get(f"/tickets/{ticket.ticket_no}")).text
    done = await people[by].post(url, **form)
    assert (done.status_code, done.headers["location"]) == (303, f"/tickets/{ticket.ticket_no}")
    assert await status_of(session, ticket) == leads_to


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_restricted_ticket_is_not_there_for_an_outsider(
    session: AsyncSession, company: Company, elena: Browser, otto: Browser, noun: str
) -> None:
    hidden = await ask(session, elena, ACCESS, form="access-request", title="Ledger")
    numbers = (hidden.ticket_no, "ACC-9999")
    for htmx in (False, True):
        answers = [
            await otto.post(f"/tickets/{number}/{noun}", htmx=htmx, reason="x", note="x", version="x", add="\0")
            for number in numbers
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        alike(answers, numbers)


def alike(answers: Sequence[httpx.Response], numbers: Sequence[str]) -> None:
    """To the byte, but for the number that was asked for: it stands in the form that asks for access."""
    one, other = (answer.text.replace(number, "#") for answer, number in zip(answers, numbers, strict=True))
    assert one == other
    headers = [{**answer.headers, "content-length": ""} for answer in answers]
    assert headers[0] == headers[1], "but for the length, since they are compressed"


async def test_its_page_is_the_same_as_that_of_a_number_never_used(
    session: AsyncSession, company: Company, elena: Browser, otto: Browser, ada: Browser
) -> None:
    hidden = await ask(session, elena, ACCESS, form="access-request", title="Ledger")
    for path in ("", "/edit", "?activity=comments", "?before=1"):
        seen, never = [await otto.get(f"/tickets/{no}{path}") for no in (hidden.ticket_no, "ACC-9999")]
        assert (seen.status_code, never.status_code) == (404, 404)
        alike([seen, never], [hidden.ticket_no, "ACC-9999"])
    assert (await ada.get(f"/tickets/{hidden.ticket_no}")).status_code == 200


async def test_a_move_that_is_past_says_what_is_possible_and_keeps_the_text(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser
) -> None:
    ticket = await in_state(session, "open", hana, lucas)
    late = await lucas.post(f"/tickets/{ticket.ticket_no}/resolution", htmx=True, resolution="Done already")
    assert late.status_code == 409
    assert "Possible now: In progress." in late.text
    assert f'id="ticket-{ticket.id}"' in late.text
    await session.refresh(ticket)
    assert ticket.resolution is None


async def test_a_missing_reason_is_asked_for_in_its_place(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser
) -> None:
    ticket = await in_state(session, "in_progress", hana, lucas)
    for htmx in (True, False):
        refused = await lucas.post(f"/tickets/{ticket.ticket_no}/resolution", htmx=htmx, resolution="  ")
        assert refused.status_code == 422
        assert "Say how it was resolved." in refused.text
        assert f'id="ticket-{ticket.id}-resolve" open' in refused.text
    assert await status_of(session, ticket) == "in_progress"


async def test_withdrawing_and_cancelling_end_the_approval_with_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}"
    assert (await daniel.post(f"{url}/withdrawal")).status_code == 403
    assert (await hana.post(f"{url}/withdrawal", reason="Wrong amount")).status_code == 303
    assert (await status_of(session, ticket), ticket.approval) == ("draft", "withdrawn")
    assert (await hana.post(f"{url}/submission")).status_code == 303
    assert (await hana.post(f"{url}/cancellation", reason="x")).status_code == 403
    assert (await daniel.post(f"{url}/cancellation", reason="No budget")).status_code == 303
    assert (await status_of(session, ticket), ticket.approval) == ("cancelled", "cancelled")


async def test_a_request_that_was_sent_back_can_be_cancelled_and_a_rejected_one_edited_again(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    returned, rejected = await ask(session, hana), await ask(session, hana)
    await decide(session, daniel, returned.ticket_no, Decision.RETURN, "Which supplier?")
    await decide(session, daniel, rejected.ticket_no, Decision.REJECT, "No")
    page = await hana.get(f"/tickets/{returned.ticket_no}")
    assert "Sent back" in page.text
    assert (await hana.post(f"/tickets/{returned.ticket_no}/cancellation")).status_code == 303
    assert (await status_of(session, returned), returned.approval) == ("cancelled", "withdrawn")
    assert (await hana.post(f"/tickets/{rejected.ticket_no}/revision")).status_code == 303
    assert await status_of(session, rejected) == "draft"


async def test_a_draft_is_its_askers_to_delete(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    assert (await daniel.post(f"/tickets/{ticket.ticket_no}/deletion")).status_code == 404
    gone = await hana.post(f"/tickets/{ticket.ticket_no}/deletion")
    assert gone.headers["location"] == "/tickets"
    assert (await hana.get(f"/tickets/{ticket.ticket_no}")).status_code == 404


@pytest.mark.parametrize(
    "number", ["PUR-0", "pur-1", "PUR-１", "PUR-1_0", "99999999999999999999", "PUR-1%00", "PUR--1"]
)
async def test_a_number_that_can_not_be_is_not_there(company: Company, hana: Browser, number: str) -> None:
    assert (await hana.get(f"/tickets/{number}")).status_code == 404
    assert (await hana.post(f"/tickets/{number}/priority", priority="high")).status_code == 404


async def test_deleting_a_waiting_request_cancels_its_approval_and_nobody_stays_asked(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana)
    assert ticket.title in (await daniel.get("/approvals")).text
    assert (await hana.post(f"/tickets/{ticket.ticket_no}/deletion")).status_code == 403
    assert (await otto.post("/tickets/PUR-99999999/deletion")).status_code == 404
    assert (await ada.post(f"/tickets/{ticket.ticket_no}/deletion")).status_code in {200, 303}
    process = select(ApprovalProcess).filter_by(ticket_id=ticket.id).execution_options(populate_existing=True)
    ended = (await session.execute(process)).scalar_one()
    assert (ended.status, ended.closed_at is not None) == ("cancelled", True)
    assert ticket.title not in (await daniel.get("/approvals")).text
    assert (await hana.get(f"/tickets/{ticket.ticket_no}")).status_code == 404


async def test_an_admin_who_deletes_their_own_waiting_request_withdraws_it(
    session: AsyncSession, company: Company, ada: Browser
) -> None:
    ticket = await ask(session, ada)
    assert (await ada.post(f"/tickets/{ticket.ticket_no}/deletion")).status_code in {200, 303}
    status = select(ApprovalProcess.status).filter_by(ticket_id=ticket.id)
    assert (await session.execute(status)).scalar_one() == "withdrawn"
