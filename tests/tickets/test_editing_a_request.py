"""Editing loses nobody's text; what was approved stays; what was typed into a new request is kept."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.tickets.models import FormDraft, Ticket
from tests.cast import Browser, Company
from tests.story import CAMERAS, ask, draft

TYPED = {
    "title": "Cameras for line 4", "fields.amount": "12,000", "fields.amount_currency": "EUR",
    "fields.cost_center": "cc_2200", "fields.supplier": "Kelvion",
    "drawn": ["amount", "cost_center", "supplier", "supplier_is_new", "budgeted", "needed_by", "reason"],
}  # fmt: skip


async def test_a_stale_edit_shows_both_and_overwrites_nothing(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    url = f"/tickets/{ticket.ticket_no}/edit"
    seen = ticket.version
    assert (await hana.submit(url, {**TYPED, "version": str(seen)})).status_code == 303
    stale = await hana.submit(url, {**TYPED, "title": "Mine", "fields.supplier": "Nordtherm", "version": str(seen)})
    assert stale.status_code == 412
    for text in ("Cameras for line 4", "Mine", "Kelvion", "Nordtherm"):
        assert text in stale.text
    await session.refresh(ticket)
    assert ticket.title == "Cameras for line 4"
    again = await hana.submit(url, {**TYPED, "title": "Mine", "version": str(ticket.version)})
    assert again.status_code == 303
    await session.refresh(ticket)
    assert ticket.title == "Mine"


async def test_an_edit_without_a_version_is_stale(session: AsyncSession, company: Company, hana: Browser) -> None:
    ticket = await draft(session, hana)
    await session.commit()
    for version in ({}, {"version": "x"}, {"version": "-1"}, {"version": "9" * 30}):
        answer = await hana.submit(f"/tickets/{ticket.ticket_no}/edit", {**TYPED, **version})
        assert answer.status_code == 412


async def test_while_it_waits_only_who_asked_edits_it(
    session: AsyncSession, company: Company, hana: Browser, jonas: Browser
) -> None:
    ticket = await ask(session, hana)
    url = f"/tickets/{ticket.ticket_no}/edit"
    assert (await jonas.get(url)).status_code == 409
    assert (await jonas.submit(url, {**TYPED, "version": str(ticket.version)})).status_code == 409
    assert "/edit" not in (await jonas.get(f"/tickets/{ticket.ticket_no}")).text
    await session.refresh(ticket)
    assert ticket.custom_fields_data == CAMERAS
    assert "/edit" in (await hana.get(f"/tickets/{ticket.ticket_no}")).text


async def test_a_refused_request_keeps_everything_and_makes_nothing(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    for htmx in (True, False):
        refused = await hana.submit(
            "/tickets/new/purchase-request",
            {**TYPED, "title": "", "fields.amount": "a lot", "description": "Because", "act": "submit"},
            htmx=htmx,
        )
        assert refused.status_code == 422
        for text in ("a lot", "Kelvion", "Because", "Fill this in."):
            assert text in refused.text
    assert (await session.execute(select(func.count()).select_from(Ticket))).scalar_one() == 0


async def test_a_draft_may_lack_answers_and_a_submission_may_not(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    kept = await hana.submit("/tickets/new/purchase-request", {"title": "Later", "act": "keep", "drawn": ["amount"]})
    assert kept.status_code == 303
    refused = await hana.post(f"{kept.headers['location']}/submission", htmx=True)
    assert refused.status_code == 422
    assert "Some answers are still missing." in refused.text


async def test_a_request_without_a_form_goes_straight_to_work(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    assert (await hana.get("/tickets/new/blank")).status_code == 200
    made = await hana.post("/tickets/new/blank", title="A question", description="Why?", act="submit")
    page = await hana.get(made.headers["location"])
    assert made.headers["location"].startswith("/tickets/TIC-")
    assert "Open" in page.text


async def test_the_forecast_follows_the_answers_and_what_was_typed_is_kept(
    session: AsyncSession, company: Company, hana: Browser, maya: Browser
) -> None:
    url = "/tickets/new/purchase-request"
    small = await hana.submit(f"{url}/forecast", {**TYPED, "fields.amount": "900"}, htmx=True)
    assert "Not needed: Amount" in small.text
    large = await hana.submit(f"{url}/forecast", {**TYPED, "fields.amount": "72,000"}, htmx=True)
    assert "Ingrid Solberg" in large.text
    assert (await session.execute(select(func.count()).select_from(Ticket))).scalar_one() == 0
    back = await hana.get(url)
    assert "Continue where you left off" in back.text
    assert "72,000" in back.text
    assert 'data-opens="start-afresh"' in back.text, "and it is asked before it is thrown away"
    assert "72,000" not in (await maya.get(url)).text
    gallery = [(await who.get("/tickets/new")).text for who in (hana, maya)]
    assert ["Continue where you left off" in one for one in gallery] == [True, False], "one's own alone"
    assert "not kept as a ticket yet" in gallery[0][: gallery[0].index(url) + 1_000]
    await hana.submit("/tickets/new/blank/forecast", {"title": "No form at all"}, htmx=True)
    both = (await hana.get("/tickets/new")).text
    assert both.index("No form at all") < both.index(TYPED["title"]), "the latest first"
    await hana.post(f"{url}/removal")
    assert "72,000" not in (await hana.get(url)).text
    assert both.count("not kept as a ticket yet") - (await hana.get("/tickets/new")).text.count("not kept as") == 1


async def test_a_sent_request_leaves_nothing_to_come_back_to(
    session: AsyncSession, company: Company, hana: Browser
) -> None:
    url = "/tickets/new/purchase-request"
    named = {**TYPED, "command": "4b3c0a57-95a5-43a0-9d2e-3f1c7d7c2d51"}
    await hana.submit(f"{url}/forecast", named, htmx=True)
    assert (await hana.submit(url, {**named, "act": "submit"})).status_code == 303
    await hana.submit(f"{url}/forecast", named, htmx=True)
    assert (await session.execute(select(func.count()).select_from(FormDraft))).scalar_one() == 0


async def test_managers_ask_for_others_and_nobody_else_does(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, omar: Browser
) -> None:
    typed = {**TYPED, "requester_id": str(omar.id), "act": "submit"}
    assert (await hana.submit("/tickets/new/purchase-request", typed)).status_code == 422
    made = await daniel.submit("/tickets/new/purchase-request", typed)
    assert made.status_code == 303
    assert "Omar Haddad" in (await omar.get(made.headers["location"])).text


@pytest.mark.parametrize(
    "body",
    [
        {"title": "\0"}, {"title": "x" * 301}, {"title": "x", "description": "\ufffe\u202e"},
        {"title": "x", "due_at": "0001-01-01"},
        {"title": "x", "priority": "0"}, {"title": "x", "visibility": "public"}, {"title": "x", "requester_id": "-1"},
        {"title": "x", "fields.amount": "NaN"}, {"title": "x", "fields.amount": "1e999", "drawn": "amount"},
        {"title": "x", "fields.cost_center": "../etc", "drawn": ["cost_center"]},
    ],
)  # fmt: skip
async def test_strange_input_is_refused_with_a_sentence(company: Company, hana: Browser, body: dict[str, Any]) -> None:
    for path in ("", "/questions", "/forecast"):
        answer = await hana.submit(f"/tickets/new/purchase-request{path}", {**body, "act": "submit"})
        assert answer.status_code == (422 if not path else 200), answer.text


async def test_bodies_that_are_no_form_get_a_clear_answer(company: Company, hana: Browser) -> None:
    headers = {"cookie": f"countersign={hana.session_token}", "x-csrf-token": hana.csrf}
    big = b"title=" + b"x" * 10_000_000
    for content, kind, expected in (
        (big, "application/x-www-form-urlencoded", {413}),
        (b"\xff\xfe=%ED%A0%80&title=%ED%A0%80", "application/x-www-form-urlencoded", {422}),
        (b"[" * 100_000, "application/json", {415, 422, 400}),
        (b"--x", "multipart/form-data; boundary=x", {422, 400}),
        (b"", "text/plain", {422, 415}),
    ):
        answer = await hana.client.post(
            "/tickets/new/purchase-request", content=content, headers={**headers, "content-type": kind}
        )
        assert answer.status_code in expected, (kind, answer.status_code)


@pytest.mark.parametrize("key", ["nonsense", "UPPER", "a" * 80, "blank2", "%00"])
async def test_a_form_that_is_not_there_or_not_theirs_is_not_found(company: Company, hana: Browser, key: str) -> None:
    assert (await hana.get(f"/tickets/new/{key}")).status_code == 404
    assert (await hana.post(f"/tickets/new/{key}", title="x")).status_code == 404
