"""The inbox: what waits for me, decided in place, the next one follows."""

import re
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcessStepApprover
from app.tickets.models import Ticket
from app.tickets.views import RECORD_VIEW
from tests.cast import Browser, Company
from tests.page import first, form_values
from tests.story import CAMERAS, ask, decide, republish_flow
from tests.work.test_handing_a_seat_over import refusals


async def test_an_empty_inbox_says_what_will_be_there(company: Company, maya: Browser) -> None:
    answer = await maya.get("/approvals")
    assert answer.status_code == 200
    assert "Nothing waits for you" in answer.text


async def test_the_one_who_is_asked_finds_it_and_decides_it_in_place(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket, other = await ask(session, hana), await ask(session, hana, title="Six standing desks")
    inbox = await daniel.get("/approvals")
    assert ticket.title in inbox.text
    assert "Six standing desks" in inbox.text
    form = form_values(inbox.text, "/decision")
    answer = await daniel.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert answer.status_code == 200, answer.text
    assert 'hx-swap-oob="delete"' in answer.text
    assert "Six standing desks" in answer.text, "the next one follows"
    assert "Approved" in answer.headers["hx-trigger"]
    assert other.status == "waiting_approval"


async def test_a_double_click_is_one_decision(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    body = {**form.values, "decision": "approve", "comment": "Fine."}
    first_answer = await daniel.submit(form.action, body)
    second_answer = await daniel.submit(form.action, body)
    assert (first_answer.status_code, second_answer.status_code) == (303, 303)
    query = select(ApprovalProcessStepApprover).filter_by(acted_by=daniel.id)
    assert len((await session.execute(query)).scalars().all()) == 1
    another = await daniel.submit(form.action, {**body, "decision": "reject"})
    assert another.status_code == 409
    assert "Already approved by Daniel Okafor" in another.text, "the same form, sent with another answer"


async def test_sending_back_needs_a_reason_and_keeps_what_was_typed(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    refused = await daniel.submit(form.action, {**form.values, "decision": "return"}, htmx=True)
    assert refused.status_code == 422
    assert "Say why" in refused.text
    pressed = first(r'class="([^"]*)"[^>]*value="return"', refused.text)
    assert "intended" in pressed, "Ctrl+Enter presses what was refused, not Approve"
    assert 'data-takes-focus aria-invalid="true"' in first(r"(<textarea[^>]*>)", refused.text)
    await daniel.submit(form.action, {**form.values, "decision": "return", "comment": "Two quotes, please."}, htmx=True)
    await session.refresh(ticket)
    assert (ticket.status, ticket.approval) == ("draft", "returned")
    assert "Two quotes, please." in (await daniel.get("/approvals?q=sent-back")).text
    told = await hana.get(f"/tickets/{ticket.ticket_no}")
    assert "Line manager no longer waits." in told.text
    assert "Line manager is complete" not in told.text


async def test_what_was_typed_is_kept_where_somebody_else_was_quicker(
    session: AsyncSession, company: Company, hana: Browser, tomas: Browser, maya: Browser
) -> None:
    await republish_flow(session, "capital-purchase", _one_of_finance)
    ticket = await ask(session, hana)
    form = form_values((await maya.get("/approvals")).text, "/decision")
    await decide(session, tomas, ticket.ticket_no)
    typed = {**form.values, "decision": "reject", "comment": "Two quotes <first>, please."}
    refused = await maya.submit(form.action, typed, htmx=True)
    assert refused.status_code == 409
    assert "Already approved by Tomás Herrera" in refused.text
    assert "Two quotes &lt;first&gt;, please." in refused.text
    on_its_page = await maya.submit(form.action, {**typed, "from": "ticket"}, htmx=True)
    assert "Two quotes &lt;first&gt;, please." in on_its_page.text


async def test_of_two_decisions_on_one_page_each_keeps_its_own_words(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await republish_flow(session, "capital-purchase", _twice_the_manager)
    ticket = await ask(session, hana)
    page = (await daniel.get(f"/tickets/{ticket.ticket_no}")).text
    form = form_values(page, "/decision")
    refused = await daniel.submit(form.action, {**form.values, "decision": "approve", "comment": "x" * 10_001})
    assert refused.status_code == 422
    assert refused.text.count("x" * 10_001) == 1
    assert re.findall(r"<textarea[^>]*data-reason[^>]*>([^<]*)</textarea>", refused.text)[1] == ""


def _one_of_finance(flow: dict[str, Any]) -> None:
    flow["stages"] = [flow["stages"][1]]
    flow["stages"][0]["steps"][0] |= {"mode": "any", "threshold": None}


def _twice_the_manager(flow: dict[str, Any]) -> None:
    first_step = flow["stages"][0]["steps"][0]
    flow["stages"][0]["steps"].append({**first_step, "key": "once_more", "name": "Once more"})


async def test_of_steps_side_by_side_the_pane_names_the_one_that_is_decided_and_its_deadline(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser
) -> None:
    await republish_flow(session, "contract", _finance_within_a_day)
    await ask(session, hana, {"counterparty": "Corvane", "kind": "nda"}, form="contract-review")
    pane = (await maya.get("/approvals")).text.split('id="pane"')[1]
    assert "Finance, step 1 of 2" in pane
    assert "Due " in pane.split("decidebar")[0]


def _finance_within_a_day(definition: dict[str, Any]) -> None:
    deadline = {"business_hours": 8, "remind": [], "then": "remind"}
    definition["stages"][0]["steps"][1]["deadline"] = deadline


async def test_a_long_answer_is_read_in_its_paragraphs(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana, CAMERAS | {"reason": "The old ones fail.\n\nNew ones do not."})
    inbox = await daniel.get("/approvals")
    assert re.search(r'<p class="prose as-typed">The old ones fail.\s+New ones do not.</p>', inbox.text)


async def test_a_vote_on_other_content_is_refused_with_the_text_kept(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    stale = {**form.values, "content_hash": "0" * 64, "decision": "approve", "comment": "My words"}
    answer = await daniel.submit(form.action, stale, htmx=True)
    assert answer.status_code == 409
    assert "changed since you opened it" in answer.text
    assert "My words" in answer.text


async def test_who_was_not_asked_is_refused_and_an_outsider_finds_nothing(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser, jonas: Browser
) -> None:
    await ask(session, hana, visibility="restricted")
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    hidden = await otto.submit(form.action, {**form.values, "decision": "approve"})
    missing = await otto.submit("/approvals/999999/decision", {**form.values, "decision": "approve"})
    assert (hidden.status_code, hidden.text) == (missing.status_code, missing.text) == (404, missing.text)
    mine = await hana.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert mine.status_code == 403
    ticket = (await session.execute(select(Ticket))).scalars().one()
    assert ticket.status == "waiting_approval"


async def test_a_decision_can_be_taken_back_at_once(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(
        session,
        hana,
        {"amount": {"amount": "900.00", "currency": "EUR"}, "cost_center": "cc_4410", "supplier": "Local"},
    )
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    answer = await daniel.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    await session.refresh(ticket)
    assert ticket.status == "open"
    undo = first(r'"undo": ?"([^"]+)"', answer.headers["hx-trigger"])
    seconds = first(r'/retraction" data-leaves="(\d+)"', (await daniel.get(f"/tickets/{ticket.ticket_no}")).text)
    assert 1 <= int(seconds) <= 10, "it is not offered longer than it works"
    assert (await daniel.post(undo)).status_code == 303
    await session.refresh(ticket)
    assert (ticket.status, ticket.approval) == ("waiting_approval", "running")


async def test_what_cannot_be_taken_back_any_more_says_why_on_the_page_that_it_was_pressed_on(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, tomas: Browser
) -> None:
    ticket = await ask(session, hana)
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    await daniel.submit(form.action, {**form.values, "decision": "approve", "from": "ticket"})
    undo = form_values((await daniel.get(f"/tickets/{ticket.ticket_no}")).text, "/retraction")
    await decide(session, tomas, ticket.ticket_no)
    answer = await daniel.submit(undo.action, undo.values)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tickets/{ticket.ticket_no}")
    said = answer.headers["set-cookie"].partition(";")[0]
    told = await daniel.client.get(
        answer.headers["location"], headers={"cookie": f"countersign={daniel.session_token}; {said}"}
    )
    assert "Something else has happened since" in told.text
    by_another = await tomas.api("DELETE", undo.action.replace("retraction", "decision"))
    assert by_another.status_code == 403
    assert await refusals(session, tomas) == ["not_your_vote"], "a try for want of right is on the record"


async def test_a_vote_can_be_taken_back_whatever_followed_the_vote_before_it(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, tomas: Browser, maya: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    await decide(session, tomas, ticket.ticket_no)
    await session.commit()
    moved = await hana.post(f"/tickets/{ticket.ticket_no}/priority", priority="urgent", version=ticket.version)
    assert moved.status_code in {200, 303}, moved.text
    form = form_values((await maya.get("/approvals")).text, "/decision")
    answer = await maya.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert first(r'"undo": ?"([^"]+)"', answer.headers["hx-trigger"]).startswith("/approvals/")


async def test_numbers_and_address_follow_a_decision_and_undoing_it_stays_in_the_inbox(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    await ask(session, hana, title="Six standing desks")
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    answer = await daniel.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    shown = first(r'data-preview="(\d+)"', answer.text)
    assert answer.headers["hx-replace-url"] == f"/approvals/{shown}"
    for number in ("waiting-n", "queue-week-n", "nav-approvals-n"):
        assert re.search(f'id="{number}"[^>]*data-count="1"[^>]*hx-swap-oob', answer.text), number
    undone = await daniel.post(first(r'"undo": ?"([^"]+)"', answer.headers["hx-trigger"]), htmx=True)
    assert re.fullmatch(r"/approvals/\d+", undone.headers["hx-redirect"])
    assert "Replace 24 thermal cameras" in (await daniel.get(undone.headers["hx-redirect"])).text


async def test_what_the_pane_shows_of_a_restricted_request_is_noted_as_looked_at(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    first_one = await ask(session, hana, visibility="restricted")
    second = await ask(session, hana, visibility="restricted", title="Six standing desks")
    noted = text(
        "SELECT convert_from(payload, 'UTF8')::jsonb FROM ticket.pgqueuer WHERE entrypoint = :name ORDER BY id"
    )

    async def looked_at() -> list[tuple[int, int]]:
        rows = (await session.execute(noted, {"name": RECORD_VIEW})).scalars()
        return [(row["ticket"], row["user"]) for row in rows]

    form = form_values((await daniel.get("/approvals")).text, "/decision")
    assert await looked_at() == [(first_one.id, daniel.id)], "and not the row of the other one"
    answer = await daniel.submit(form.action, {**form.values, "decision": "approve"}, htmx=True)
    assert "Six standing desks" in answer.text
    assert await looked_at() == [(first_one.id, daniel.id), (second.id, daniel.id)], "the one that follows too"
