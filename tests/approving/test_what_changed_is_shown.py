"""Approvers see what changed since they looked last; a decision on what has changed is refused with the difference."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.models import ApprovalProcessStepApprover
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import ask, decide, edited, republish_form


def changes_in(html: str) -> list[tuple[str, str, str]]:
    """(what, before, after) of each change on the page that is not part of the timeline."""
    shown = "".join(re.findall(r'<section class="changed".*?</section>', html, re.DOTALL))
    found = re.findall(
        r'<span class="muted">(.*?)</span><del>(.*?)</del>.*?<ins>(.*?)</ins>', shown, re.DOTALL
    )  # fmt: skip
    return [(what, before, after) for what, before, after in found]


SUPPLIER = ("Supplier", "Nordtherm Imaging Oy", "Another Oy")


async def test_who_decided_before_sees_what_changed_since_in_the_inbox_and_on_the_ticket(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    await edited(hana, ticket, accept_rewind="yes", **{"fields.supplier": "Another Oy"})
    for page in ("/approvals", f"/tickets/{ticket.ticket_no}"):
        html = (await daniel.get(page)).text
        assert "Changed since you decided" in html
        assert changes_in(html) == [SUPPLIER]


async def test_who_never_decided_sees_what_changed_since_the_earlier_round(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await edited(hana, ticket, title="Replace 30 thermal cameras", **{"fields.supplier": "Another Oy"})
    html = (await daniel.get("/approvals")).text
    assert "Changed since round 1" in html
    assert changes_in(html) == [SUPPLIER, ("Title", "Replace 24 thermal cameras", "Replace 30 thermal cameras")]


async def test_what_was_changed_and_changed_back_is_no_change(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    await edited(hana, ticket, accept_rewind="yes", **{"fields.supplier": "Another Oy"})
    await edited(hana, ticket, **{"fields.supplier": "Nordtherm Imaging Oy"})
    assert changes_in((await daniel.get(f"/tickets/{ticket.ticket_no}")).text) == []


async def test_a_decision_on_what_has_changed_is_refused_with_the_difference_and_the_words_kept(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    form = form_values((await daniel.get("/approvals")).text, "/decision")
    await edited(hana, ticket, **{"fields.supplier": "Another Oy"})
    answer = await daniel.submit(form.action, {**form.values, "decision": "approve", "comment": "Mine"}, htmx=True)
    assert answer.status_code == 409
    assert "changed since you opened it" in answer.text
    assert changes_in(answer.text) == [SUPPLIER]
    assert ">Mine</textarea>" in answer.text
    again = form_values(answer.text, "/decision")
    accepted = await daniel.submit(again.action, {**again.values, "decision": "approve"}, htmx=True)
    assert accepted.status_code == 200, "the form that came back is about what is there now"


async def test_the_api_tells_the_difference_by_field(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    pending = (await daniel.api("GET", "/approvals/pending")).json()["items"][0]
    await edited(hana, ticket, **{"fields.supplier": "Another Oy"})
    sent = {"decision": "approve", "content_hash": pending["content_hash"]}
    answer = await daniel.api("POST", f"/approvals/{pending['id']}/decision", sent)
    assert answer.status_code == 409
    assert answer.json()["changed"] == [
        {"field": "supplier", "before": "Nordtherm Imaging Oy", "after": "Another Oy"}
    ]  # fmt: skip


async def test_a_hash_that_no_content_ever_had_is_refused_without_a_difference(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    pending = (await daniel.api("GET", "/approvals/pending")).json()["items"][0]
    answer = await daniel.api(
        "POST", f"/approvals/{pending['id']}/decision", {"decision": "approve", "content_hash": "0" * 64}
    )
    assert (answer.status_code, answer.json()["changed"]) == (409, [])


async def test_whoever_may_not_read_an_answer_does_not_read_its_change_either(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, nora: Browser, ada: Browser
) -> None:
    finance = company.cast.roles["Finance"].id
    await republish_form(session, ada, "purchase-request", supplier={"readable_by": [finance]})
    ticket = await ask(session, hana)
    seat = (await session.execute(select(ApprovalProcessStepApprover))).scalars().first()
    await edited(hana, ticket, title="Replace 30 thermal cameras", **{"fields.supplier": "Another Oy"})
    assert SUPPLIER in changes_in((await daniel.get(f"/tickets/{ticket.ticket_no}")).text), "he is asked to approve it"
    outsider = await nora.get(f"/tickets/{ticket.ticket_no}")
    assert [what for what, *_ in changes_in(outsider.text)] == ["Title"]
    assert "Another Oy" not in outsider.text
    assert "Nordtherm" not in outsider.text
    assert seat is not None
    tried = {"decision": "approve", "content_hash": seat.seen_hash or "0" * 64}
    refused = await nora.api("POST", f"/approvals/{seat.id}/decision", tried)
    assert refused.status_code in {403, 409}
    assert "Nordtherm" not in refused.text
