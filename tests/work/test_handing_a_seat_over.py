"""One seat goes to somebody else, for good: by its holder, or by an administrator with a reason."""

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import AuditEntry, TicketNote
from app.actor import SYSTEM_ID
from app.approvals.core.commands import Decision
from app.approvals.models import ApprovalProcessStepApprover
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import first, form_values
from tests.story import CAMERAS, CHANGE, ask, decide, open_steps, republish_flow

Seat = ApprovalProcessStepApprover


async def seat_of(session: AsyncSession, who: Browser) -> int:
    return (await session.execute(select(Seat.id).filter_by(user_id=who.id, status="pending"))).scalar_one()


async def events(session: AsyncSession, ticket: Ticket, kind: str) -> list[dict[str, Any]]:
    query = select(TicketNote.event_details).filter_by(ticket_id=ticket.id, event_type=kind).order_by(TicketNote.seq)
    return [facts or {} for facts in (await session.execute(query)).scalars()]


async def refusals(session: AsyncSession, who: Browser) -> list[str | None]:
    query = select(AuditEntry.event_details).filter_by(event_type="access_refused", created_by=who.id)
    return [(facts or {}).get("code") for facts in (await session.execute(query.order_by(AuditEntry.id))).scalars()]


async def test_the_form_stands_in_place_of_the_buttons_and_the_new_holder_decides(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, elena: Browser, daniel: Browser,
    maya: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana, CHANGE, form="change", visibility="restricted")
    page = await elena.get(f"/tickets/{ticket.ticket_no}")
    url = first(r'href="(/approvals/\d+/delegation)\?from=ticket"[^>]*data-act="delegate"', page.text)
    form = await elena.get(url, htmx=True)
    assert f'id="ballot-{await seat_of(session, elena)}"' in form.text
    assert "Maya Lindqvist" in form.text
    assert "Lucas Moreau" not in form.text, "he has a seat of her own"
    assert "Hana Sato" not in form.text, "nobody approves their own request"
    assert (await maya.get(f"/tickets/{ticket.ticket_no}")).status_code == 404
    sent = form_values(form.text, "/delegation")
    answer = await elena.submit(url, {**sent.values, "to_user_id": maya.id, "reason": "On a site visit."})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/approvals", "what was given away unused is not shown any more"
    assert (await elena.get(f"/tickets/{ticket.ticket_no}")).status_code == 404
    seen = await maya.get(f"/tickets/{ticket.ticket_no}")
    assert "Elena Petrova handed Change board over to Maya Lindqvist" in seen.text.replace("<b>", "").replace(
        "</b>", ""
    )
    for approver in (maya, lucas, daniel):
        await decide(session, approver, ticket.ticket_no)
    assert ticket.status == "open"


async def test_from_the_inbox_the_next_request_follows(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, maya: Browser
) -> None:
    await ask(session, hana, CHANGE, form="change")
    second = await ask(session, hana, CHANGE, form="change", title="Move the server room")
    inbox = await lucas.get("/approvals")
    url = first(r'hx-get="(/approvals/\d+/delegation\?from=inbox)"', inbox.text)
    sent = form_values((await lucas.get(url, htmx=True)).text, "/delegation")
    body = {**sent.values, "to_user_id": maya.id}
    answer = await lucas.submit(sent.action, body, htmx=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["hx-retarget"] == "#pane"
    assert 'hx-swap-oob="delete"' in answer.text
    assert second.title in answer.text
    again = await lucas.submit(sent.action, body, htmx=True)
    assert again.status_code == 200, "a double click is one act"
    assert len((await session.execute(select(Seat).filter_by(user_id=maya.id))).scalars().all()) == 1


async def test_it_is_refused_to_a_requester_a_colleague_and_oneself_with_what_was_typed(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, elena: Browser, omar: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    url = f"/approvals/{await seat_of(session, lucas)}/delegation"
    to_hana = await lucas.post(url, to_user_id=hana.id, reason="You know it best.", htmx=True)
    assert to_hana.status_code == 409
    assert "Nobody approves their own request" in to_hana.text
    assert "You know it best." in to_hana.text
    assert (await lucas.post(url, to_user_id=elena.id)).status_code == 409
    assert (await lucas.post(url, to_user_id=lucas.id)).status_code == 403
    assert (await lucas.post(url, to_user_id="")).status_code == 422
    not_theirs = await omar.post(url, to_user_id=omar.id, reason="I would like to decide.")
    assert not_theirs.status_code == 403
    assert await refusals(session, lucas) == ["requester", "own_making"]
    assert await refusals(session, omar) == ["not_an_approver"]
    assert await events(session, ticket, "approval_delegated") == []


async def test_the_system_is_nobody_who_could_decide(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    seat = await seat_of(session, lucas)
    given = await lucas.api("POST", f"/approvals/{seat}/delegation", {"to_user_id": SYSTEM_ID, "reason": "Take it."})
    assert given.status_code == 409
    helped = {"step": "board", "user_id": SYSTEM_ID, "reason": "Take it."}
    added = await ada.api("POST", f"/tickets/{ticket.ticket_no}/approval/approver", helped)
    assert added.status_code == 409, added.text
    assert await events(session, ticket, "approval_delegated") == []


async def test_what_was_decided_says_so_instead_of_being_handed_over(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    url = f"/approvals/{await seat_of(session, lucas)}/delegation"
    await decide(session, lucas, ticket.ticket_no)
    assert "Already approved by Lucas Moreau" in (await lucas.get(url)).text


async def test_an_administrator_reassigns_for_somebody_in_one_audited_act(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, maya: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    url = f"/approvals/{await seat_of(session, lucas)}/delegation"
    without = await ada.post(url, to_user_id=maya.id)
    assert without.status_code == 422
    answer = await ada.post(url, to_user_id=maya.id, reason="He is ill.")
    assert answer.status_code == 303, answer.text
    told = await events(session, ticket, "approval_delegated")
    assert [(one["giver"], one["to"], one["reason"]) for one in told] == [(lucas.id, maya.id, "He is ill.")]


async def test_it_passes_three_hands_at_most_and_never_back(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, maya: Browser, tomas: Browser,
    ruth: Browser, omar: Browser,
) -> None:  # fmt: skip
    await ask(session, hana, CHANGE, form="change")
    seat = await seat_of(session, lucas)
    url = f"/approvals/{seat}/delegation"
    assert (await lucas.post(url, to_user_id=maya.id)).status_code == 303
    back = await maya.post(url, to_user_id=lucas.id, htmx=True)
    assert back.status_code == 409
    assert "handed this over before" in back.text
    assert (await maya.post(url, to_user_id=tomas.id)).status_code == 303
    assert (await tomas.post(url, to_user_id=ruth.id)).status_code == 303
    assert (await ruth.post(url, to_user_id=omar.id)).status_code == 409


async def test_what_waits_for_a_group_cannot_be_handed_over(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, ruth: Browser
) -> None:
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    inbox = await maya.get("/approvals")
    assert "/delegation" not in inbox.text
    pool = (await session.execute(select(Seat.id).where(Seat.role_id.is_not(None), Seat.status == "pending"))).scalar()
    assert (await maya.post(f"/approvals/{pool}/delegation", to_user_id=ruth.id)).status_code == 409


async def test_an_outsider_learns_nothing_from_a_hidden_seat(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, otto: Browser
) -> None:
    await ask(session, hana, CHANGE, form="change", visibility="restricted")
    hidden = await otto.post(f"/approvals/{await seat_of(session, lucas)}/delegation", to_user_id=otto.id)
    missing = await otto.post("/approvals/999999/delegation", to_user_id=otto.id)
    assert (hidden.status_code, hidden.text) == (missing.status_code, missing.text) == (404, missing.text)


async def test_somebody_else_is_asked_too_only_where_the_step_allows_it(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, maya: Browser
) -> None:
    await ask(session, hana, CHANGE, form="change")
    url = f"/approvals/{await seat_of(session, lucas)}/approvers"
    refused = await lucas.post(url, to_user_id=maya.id, reason="She knows the budget.", htmx=True)
    assert refused.status_code == 409
    assert "takes no further approvers" in refused.text


async def test_who_is_required_too_holds_the_step_and_who_advises_does_not(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, elena: Browser, daniel: Browser,
    maya: Browser, tomas: Browser,
) -> None:  # fmt: skip
    await let_steps_take_more(session, "change")
    ticket = await ask(session, hana, CHANGE, form="change")
    url = f"/approvals/{await seat_of(session, lucas)}/approvers"
    assert "Ask somebody too" in (await lucas.get(f"/tickets/{ticket.ticket_no}")).text
    form = form_values((await lucas.get(url, htmx=True)).text, "/approvers")
    required = {**form.values, "to_user_id": maya.id, "reason": "The budget.", "kind": "required"}
    assert (await lucas.submit(url, required)).status_code == 303
    assert (await lucas.submit(url, required)).status_code == 303, "a double click is one act"
    advice = await lucas.post(url, to_user_id=tomas.id, reason="What do you think?", kind="advice")
    assert advice.status_code == 303
    assert (await lucas.post(url, to_user_id=hana.id, reason="You too.", kind="advice")).status_code == 409
    for approver in (lucas, elena, daniel):
        await decide(session, approver, ticket.ticket_no)
    assert ticket.status == "waiting_approval", "Maya is required too"
    await decide(session, tomas, ticket.ticket_no, Decision.ABSTAIN, "Fine with me.")
    await decide(session, maya, ticket.ticket_no)
    assert ticket.status == "open"


async def let_steps_take_more(session: AsyncSession, flow: str) -> None:
    """Published anew as a version whose steps take further approvers."""

    def ad_hoc(definition: dict[str, Any]) -> None:
        for stage in definition["stages"]:
            for step in stage["steps"]:
                step["ad_hoc"] = True

    await republish_flow(session, flow, ad_hoc)


async def test_who_is_asked_for_advice_gives_it_and_nobody_is_told_that_it_decides(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, jonas: Browser, lucas: Browser
) -> None:
    await let_steps_take_more(session, "capital-purchase")
    ticket = await ask(session, hana, {**CAMERAS, "amount": {"amount": "900.00", "currency": "EUR"}})
    page, completes = f"/tickets/{ticket.ticket_no}", "Your approval completes this step."
    assert completes in (await daniel.get(page)).text
    url = f"/approvals/{await seat_of(session, daniel)}/approvers"
    for whom, kind in ((jonas, "advice"), (lucas, "required")):
        asked = await daniel.post(url, to_user_id=whom.id, kind=kind, reason="You know steel.")
        assert asked.status_code == 303, asked.text
    card = (await daniel.get(page)).text
    assert completes not in card, "Lucas has to approve too"
    assert "Jonas Weber: asked for advice by Daniel Okafor" in card
    assert "Lucas Moreau: required too, added by Daniel Okafor" in card
    theirs = (await jonas.get(page)).text
    assert "You are asked for advice as Jonas Weber" in theirs
    assert completes not in theirs
    assert "Give advice" in theirs
    assert ">Abstain<" not in theirs
    assert "Ask somebody too" in card
    assert "Ask somebody too" not in theirs, "who is asked for advice may not ask others"
    assert "Ask somebody too" not in (await lucas.get(page)).text
    await decide(session, daniel, ticket.ticket_no)
    assert "Waiting for Lucas Moreau" in (await hana.get(page)).text, "and not for advice"
    assert completes in (await lucas.get(page)).text
    await decide(session, jonas, ticket.ticket_no, Decision.ABSTAIN, "Take the thicker one.")
    told = re.sub("</?b>", "", (await hana.get(page)).text)
    assert "Daniel Okafor asked Jonas Weber for advice on Line manager." in told
    assert "Daniel Okafor asked Lucas Moreau to approve Line manager too." in told
    assert "Jonas Weber gave advice on Line manager." in told
    decided = (await jonas.get("/approvals?q=decided")).text
    assert "Advice given" in decided
    assert "Abstained" not in decided
    await decide(session, lucas, ticket.ticket_no)
    assert "Line manager" not in await open_steps(session, hana, ticket)
