"""A step may ask that whoever decides has given their password within five minutes (approvals.md, rule 14)."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import tokens
from app.accounts.events import SIGN_IN_FAILED, SIGNED_IN_AGAIN
from app.accounts.models import BrowserSession
from app.activity.models import AuditEntry, TicketNote
from app.approvals.email_links import LinkFor, new_link
from app.approvals.models import ApprovalProcessStepApprover
from app.clock import utc_now
from app.seeds.cast import PASSWORD
from app.tickets.models import Ticket
from tests.cast import SECRET, Browser, Company
from tests.page import FoundForm, form_values
from tests.story import CAMERAS, ask, republish_flow

ASKS = 'name="password"'


async def asked(session: AsyncSession, hana: Browser, **content: Any) -> Ticket:
    def sign(definition: dict[str, Any]) -> None:
        definition["stages"][0]["steps"][0]["reauthenticate"] = True

    await republish_flow(session, "capital-purchase", sign)
    return await ask(session, hana, {**CAMERAS, "supplier_is_new": False}, **content)


async def votes(session: AsyncSession) -> int:
    acted = select(func.count()).where(ApprovalProcessStepApprover.acted_by.is_not(None))
    return (await session.execute(acted)).scalar_one()


async def audited(session: AsyncSession, kind: Any) -> int:
    query = select(func.count()).select_from(AuditEntry).where(AuditEntry.event_type == kind.code)
    return (await session.execute(query)).scalar_one()


async def signed_in(session: AsyncSession, who: Browser, *, minutes_ago: float) -> None:
    moment = utc_now() - timedelta(minutes=minutes_ago)
    await session.execute(
        update(BrowserSession).where(BrowserSession.user_id == who.id).values(signed_in_at=moment)
    )  # fmt: skip
    await session.commit()


async def the_form(who: Browser) -> FoundForm:
    return form_values((await who.get("/approvals")).text, "/decision")


async def test_who_signed_in_long_ago_is_asked_for_the_password_and_keeps_what_they_wrote(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await asked(session, hana)
    await signed_in(session, daniel, minutes_ago=6)
    shown = await daniel.get(f"/tickets/{ticket.ticket_no}")
    assert ASKS in shown.text
    form = await the_form(daniel)
    typed = {**form.values, "decision": "approve", "comment": "Needed since spring."}
    refused = await daniel.submit(form.action, typed, htmx=True)
    assert refused.status_code == 422
    assert "This step asks you to sign in again: type your password." in refused.text
    assert "Needed since spring." in refused.text
    wrong = await daniel.submit(form.action, {**typed, "password": "not this one"}, htmx=True)
    assert wrong.status_code == 422
    assert "That is not your password." in wrong.text
    assert "Needed since spring." in wrong.text
    assert "not this one" not in wrong.text
    assert await votes(session) == 0
    assert await audited(session, SIGN_IN_FAILED) == 1


async def test_with_the_password_it_is_decided_and_the_record_says_when_they_signed_in(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await asked(session, hana)
    form = await the_form(daniel)
    done = await daniel.submit(form.action, {**form.values, "decision": "approve", "password": PASSWORD}, htmx=True)
    assert done.status_code == 200, done.text
    assert await votes(session) == 1
    assert await audited(session, SIGNED_IN_AGAIN) == 1
    engine = select(TicketNote.event_details["engine"]).where(TicketNote.event_type == "approval_approved")
    recorded = (await session.execute(engine)).scalar_one()
    known = select(BrowserSession.signed_in_at).where(BrowserSession.user_id == daniel.id)
    moment = (await session.execute(known)).scalar_one()
    assert moment is not None
    assert recorded["signed_in_at"] == moment.isoformat()
    page = (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert "approved Line manager, having just signed in" in re.sub(r"<[^>]*>", "", page)


async def test_within_five_minutes_nobody_is_asked_twice(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await asked(session, hana)
    await signed_in(session, daniel, minutes_ago=4)
    assert ASKS not in (await daniel.get("/approvals")).text
    form = await the_form(daniel)
    done = await daniel.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert done.status_code == 200, done.text
    assert await votes(session) == 1


async def test_steps_that_do_not_ask_for_it_take_a_decision_as_ever(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    assert ASKS not in (await daniel.get("/approvals")).text
    form = await the_form(daniel)
    await daniel.submit(form.action, {**form.values, "decision": "approve"})
    recorded = select(TicketNote.event_details["engine"]).where(TicketNote.event_type == "approval_approved")
    assert (await session.execute(recorded)).scalar_one()["signed_in_at"] is None


async def test_guesses_count_like_those_at_the_door(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await asked(session, hana)
    form = await the_form(daniel)
    for _ in range(8):
        await daniel.submit(form.action, {**form.values, "decision": "approve", "password": "a guess"})
    last = await daniel.submit(form.action, {**form.values, "decision": "approve", "password": PASSWORD})
    assert last.status_code == 429
    assert "Wait a quarter of an hour" in last.text
    assert await votes(session) == 0


async def test_an_outsider_learns_nothing_by_a_password(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    await asked(session, hana, visibility="restricted")
    form = await the_form(daniel)
    hidden = await otto.submit(form.action, {**form.values, "decision": "approve", "password": "a guess"})
    assert hidden.status_code == 404
    assert await audited(session, SIGN_IN_FAILED) == 0


async def test_a_link_from_a_mail_leads_through_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await asked(session, hana)
    form = await the_form(daniel)
    seat, seen = int(form.action.split("/")[2]), str(form.values["content_hash"])
    link = f"/a/{await new_link(session, LinkFor(seat, daniel.id, seen, None))}"
    await session.commit()
    by_mail = form_values((await daniel.get(link)).text, link)
    body = {**by_mail.values, "decision": "approve", "comment": "From the train."}
    assert ASKS in (await daniel.get(link)).text
    refused = await daniel.submit(link, body)
    assert refused.status_code == 422
    assert "From the train." in refused.text
    assert await votes(session) == 0
    assert (await daniel.submit(link, {**body, "password": PASSWORD})).status_code == 303
    assert await votes(session) == 1


async def test_many_at_once_leave_it_out_and_say_why(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await asked(session, hana)
    await signed_in(session, daniel, minutes_ago=1)
    form = await the_form(daniel)
    seat = form.action.split("/")[2]
    page = await daniel.get("/approvals/bulk", seat=seat, decision="approve")
    assert "This step asks you to sign in again: decide it by itself." in page.text
    forged = {"seen": f"{seat}:{form.values['content_hash']}:", "decision": "approve", "batch": "b"}
    await daniel.submit("/approvals/bulk", forged)
    assert await votes(session) == 0
    await session.refresh(ticket)
    assert ticket.status == "waiting_approval"


async def test_a_script_is_told_to_get_a_new_token_and_decides_with_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await asked(session, hana)
    [row] = (await daniel.api("GET", "/approvals/pending")).json()["items"]
    body = {"decision": "approve", "comment": None, "on_behalf_of": None, "content_hash": row["content_hash"]}
    refused = await daniel.api("POST", f"/approvals/{row['id']}/decision", body)
    assert refused.status_code == 422
    assert refused.json()["code"] == "sign_in_again"
    assert "POST /api/v1/auth/token" in refused.json()["detail"]
    credentials = {"email": daniel.user.email, "password": PASSWORD}
    daniel.bearer = (await daniel.client.post("/api/v1/auth/token", json=credentials)).json()["access_token"]
    done = await daniel.api("POST", f"/approvals/{row['id']}/decision", body)
    assert done.status_code == 200, done.text


async def test_a_token_of_an_hour_that_is_six_minutes_old_is_too_old_for_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await asked(session, hana)
    jti = f"jti-of-{daniel.user.email}"
    then = utc_now() - timedelta(minutes=6)
    daniel.bearer = tokens.sign(
        SECRET, user_id=daniel.id, jti=jti, now=then, expires_at=then + timedelta(hours=1), by_password=True
    )
    [row] = (await daniel.api("GET", "/approvals/pending")).json()["items"]
    body = {"decision": "approve", "comment": None, "on_behalf_of": None, "content_hash": row["content_hash"]}
    refused = await daniel.api("POST", f"/approvals/{row['id']}/decision", body)
    assert refused.json()["code"] == "sign_in_again"
    assert await session.scalar(text("SELECT count(*) FROM ticket.sessions WHERE signed_in_at IS NOT NULL")) == 0
