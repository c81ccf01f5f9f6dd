"""What nobody can decide comes to the administrators, with the reason in words and the ways out as forms."""

import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.people import People
from app.activity.models import TicketNote
from app.actor import SYSTEM
from app.approvals.core.commands import Decision
from app.approvals.models import ApprovalProcess, ApprovalProcessStepApprover
from app.notifications.models import NotificationRule
from app.notifications.recipients import meant_by
from app.notifications.rule_repository import RuleRecipients
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.story import CHANGE, ask, decide, republish_flow
from tests.work.test_handing_a_seat_over import events, refusals

Seat = ApprovalProcessStepApprover


async def stuck(session: AsyncSession, company: Company, hana: Browser, ada: Browser, **content: Any) -> Ticket:
    """Everybody on the board has to approve, and one of them has left."""
    ticket = await ask(session, hana, CHANGE, form="change", **content)
    await leave(session, ada, company, "elena", ticket)
    return ticket


async def leave(session: AsyncSession, ada: Browser, company: Company, key: str, ticket: Ticket) -> None:
    """Deactivated, and the ticket settled as the job would."""
    people = People(session, await ada.actor())
    await people.deactivate(await people.find(company.cast[key].id))
    desk = ApprovalDesk(session, SYSTEM)
    await desk.settle(await desk.lock(ticket.ticket_no))
    await session.commit()


async def seat_of(session: AsyncSession, user_id: int) -> int:
    found = (await session.execute(select(Seat.id).filter_by(user_id=user_id).order_by(Seat.id))).scalars().first()
    assert found is not None
    return found


async def test_nothing_to_do_says_so_and_others_may_not_look(company: Company, ada: Browser, hana: Browser) -> None:
    assert "No approval needs an administrator" in (await ada.get("/admin/attention")).text
    assert (await hana.get("/admin/attention")).status_code == 403


async def test_a_stuck_step_is_shown_with_its_reason_and_counted_in_the_menu(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, lucas: Browser
) -> None:
    ticket = await stuck(session, company, hana, ada, visibility="restricted")
    queue = await ada.get("/admin/attention")
    assert ticket.title in queue.text
    assert "Change board: The votes that are left cannot decide this step." in queue.text
    assert 'id="nav-attention-n" data-count="1"' in queue.text
    page = await ada.get(f"/admin/attention/{ticket.ticket_no}")
    for way_out in ("re-resolution", "approver", "replacement", "release", "extension", "return", "cancellation"):
        assert f"/admin/attention/{ticket.ticket_no}/{way_out}" in page.text
    assert "/closure" not in page.text, "this flow lets nobody decide by force"
    told = "The votes that are left cannot decide this step. Elena Petrova: This account is no longer active."
    assert told in (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    assert told in (await lucas.get("/approvals")).text, "and to who decides in the inbox"
    assert f"/admin/attention/{ticket.ticket_no}" in (await ada.get(f"/tickets/{ticket.ticket_no}")).text


async def test_a_seat_is_filled_again_and_the_step_goes_on(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, lucas: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket = await stuck(session, company, hana, ada)
    seat = await seat_of(session, company.cast["elena"].id)
    url = f"/admin/attention/{ticket.ticket_no}/replacement"
    form: dict[str, Any] = {"step": "board", "seat": seat, "user_id": maya.id}
    refused = await ada.post(url, **form, reason=" ")
    assert refused.status_code == 422
    assert 'id="replacement-board" open' in refused.text, "the form that was refused is open, at its place"
    answer = await ada.post(url, **form, reason="Elena left us.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/attention")
    told = await events(session, ticket, "approval_seat_replaced")
    assert [(one["holder"], one["reason"]) for one in told] == [(maya.id, "Elena left us.")]
    page = re.sub("</?b>", "", (await hana.get(f"/tickets/{ticket.ticket_no}")).text)
    assert "Ada Kovac asks Maya Lindqvist instead of Elena Petrova to decide on Change board." in page
    for approver in (lucas, daniel, maya):
        await decide(session, approver, ticket.ticket_no)
    assert ticket.status == "open"
    assert "nothing to help with" in (await ada.get(f"/admin/attention/{ticket.ticket_no}")).text.lower()


async def test_going_on_without_a_seat_may_end_the_step_and_is_on_the_record(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, lucas: Browser, daniel: Browser
) -> None:
    ticket = await stuck(session, company, hana, ada)
    for approver in (lucas, daniel):
        await decide(session, approver, ticket.ticket_no)
    assert ticket.status == "waiting_approval", "a departure approves nothing"
    form: dict[str, Any] = {
        "step": "board",
        "seat": await seat_of(session, company.cast["elena"].id),
        "reason": "Two are enough.",
    }
    answer = await ada.post(f"/admin/attention/{ticket.ticket_no}/release", **form)
    assert answer.status_code == 303, answer.text
    await session.refresh(ticket)
    assert ticket.status == "open"
    assert [one["reason"] for one in await events(session, ticket, "approval_seat_let_go")] == ["Two are enough."]


async def test_the_other_ways_out_do_what_they_say(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, maya: Browser
) -> None:
    ticket = await stuck(session, company, hana, ada)
    base = f"/admin/attention/{ticket.ticket_no}"
    added = await ada.post(f"{base}/approver", step="board", user_id=maya.id, reason="She knows the line.")
    assert added.status_code == 303, added.text
    moved = await ada.post(f"{base}/extension", step="board", due_at="2099-01-04T09:00", reason="Holidays.")
    assert moved.status_code == 303, moved.text
    late = await ada.post(f"{base}/extension", step="board", due_at="2020-01-04T09:00", reason="Oops.")
    assert late.status_code == 409
    looked = await ada.post(f"{base}/re-resolution", step="board", reason="The directory is right now.")
    assert looked.status_code == 303, looked.text
    assert (await ada.post(f"{base}/opening", step="board", reason="Ask them.")).status_code == 409
    assert (await ada.post(f"{base}/closure", step="board", outcome="approved", reason="Now.")).status_code == 409
    assert (await ada.post(f"{base}/nonsense", reason="Now.")).status_code == 404
    assert (await ada.post(f"{base}/approver", step="nowhere", user_id=maya.id, reason="x")).status_code == 409
    returned = await ada.post(f"{base}/return", reason="Say who is on the board now.")
    assert returned.status_code == 303, returned.text
    await session.refresh(ticket)
    assert (ticket.status, ticket.approval) == ("draft", "returned")
    kinds = ("approval_seat_added", "approval_deadline_moved", "approval_re_resolved", "approval_sent_back")
    assert [len(await events(session, ticket, kind)) for kind in kinds] == [1, 1, 1, 1]
    page = re.sub("</?b>", "", (await hana.get(f"/tickets/{ticket.ticket_no}")).text)
    assert "Ada Kovac added Maya Lindqvist to Change board." in page
    assert "Ada Kovac moved the deadline of Change board to Sun 4 Jan 2099" in page
    assert "Ada Kovac sent the request back to its requester." in page


async def test_cancelling_ends_the_ticket_with_its_approval(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    ticket = await stuck(session, company, hana, ada)
    answer = await ada.post(f"/admin/attention/{ticket.ticket_no}/cancellation", reason="Nobody needs it.")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/attention")
    await session.refresh(ticket)
    assert ticket.status == "cancelled"


async def test_what_went_back_to_somebody_who_left_can_be_cancelled(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, lucas: Browser, jonas: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    await decide(session, lucas, ticket.ticket_no, Decision.RETURN, comment="Which servers?")
    await leave(session, ada, company, "hana", ticket)
    assert "It was sent back to somebody whose account is no longer active." in (await ada.get("/admin/attention")).text
    url = f"/admin/attention/{ticket.ticket_no}"
    assert f"{url}/cancellation" in (await ada.get(url)).text
    assert (await jonas.post(f"/tickets/{ticket.ticket_no}/cancellation", reason="x")).status_code == 403
    assert (await ada.post(f"{url}/cancellation", reason=" ")).status_code == 422
    await ada.post(f"{url}/cancellation", reason="Nobody needs it any more.")
    await session.refresh(ticket)
    assert (ticket.status, ticket.approval) == ("cancelled", "cancelled")
    assert "No approval needs an administrator" in (await ada.get("/admin/attention")).text


async def test_a_skipped_step_can_be_opened_where_nobody_was_asked(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, lucas: Browser
) -> None:
    await republish_flow(session, "change", _only_for_high_risk)
    ticket = await ask(session, hana, CHANGE, form="change")
    assert ticket.status == "waiting_approval", "every step was skipped, and that is no approval"
    assert "Every step was skipped: nobody was asked." in (await ada.get("/admin/attention")).text
    answer = await ada.post(
        f"/admin/attention/{ticket.ticket_no}/opening", step="board", reason="This one touches the line."
    )
    assert answer.status_code == 303, answer.text
    assert "Opened by an administrator, although Risk" in (await hana.get(f"/tickets/{ticket.ticket_no}")).text
    await decide(session, lucas, ticket.ticket_no)


def _only_for_high_risk(definition: dict[str, Any]) -> None:
    definition["stages"][0]["steps"][0]["condition"] = {"v": 1, "field": "risk", "op": "eq", "value": "high"}


async def test_force_is_offered_only_where_the_flow_allows_it_and_is_told_as_such(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser
) -> None:
    await republish_flow(session, "change", lambda definition: definition.update(force_close=True))
    ticket = await stuck(session, company, hana, ada)
    page = await ada.get(f"/admin/attention/{ticket.ticket_no}")
    assert f"/admin/attention/{ticket.ticket_no}/closure" in page.text
    form: dict[str, Any] = {"step": "board", "outcome": "approved", "reason": "The line stands still."}
    assert (await ada.post(f"/admin/attention/{ticket.ticket_no}/closure", **form)).status_code == 303
    await session.refresh(ticket)
    assert ticket.status == "open"
    assert len(await events(session, ticket, "approval_forced")) == 1
    votes = select(Seat.id).where(Seat.acted_by.is_not(None))
    assert (await session.execute(votes)).scalars().all() == []


async def test_an_administrator_who_asked_may_look_and_do_nothing(
    session: AsyncSession, company: Company, ada: Browser, maya: Browser
) -> None:
    """Rule 4; and where every administrator is barred, it says so."""
    ticket = await ask(session, ada, CHANGE, form="change")
    await leave(session, ada, company, "elena", ticket)
    page = await ada.get(f"/admin/attention/{ticket.ticket_no}")
    assert "another administrator has to do this" in page.text
    assert "/replacement" not in page.text
    assert "none of them may help" in (await ada.get("/admin/attention")).text
    for noun, form in (
        ("replacement", {"seat": await seat_of(session, company.cast["elena"].id), "user_id": maya.id}),
        ("approver", {"step": "board", "user_id": maya.id}),
        ("return", {}),
        ("re-resolution", {"step": "board"}),
    ):
        answer = await ada.post(f"/admin/attention/{ticket.ticket_no}/{noun}", reason="I say so.", **form)
        assert answer.status_code == 403, noun
    assert await refusals(session, ada) == ["barred"] * 4
    process = (await session.execute(select(ApprovalProcess))).scalars().one()
    assert "every_admin_barred" in (process.attention or "")


async def test_the_administrators_are_told_when_it_is_raised_and_not_when_it_is_over(
    session: AsyncSession, company: Company, hana: Browser, ada: Browser, maya: Browser
) -> None:
    ticket = await stuck(session, company, hana, ada)
    form: dict[str, Any] = {
        "step": "board",
        "seat": await seat_of(session, company.cast["elena"].id),
        "user_id": maya.id,
    }
    await ada.post(f"/admin/attention/{ticket.ticket_no}/replacement", **form, reason="Elena left us.")
    query = select(TicketNote).filter_by(ticket_id=ticket.id, event_type="approval_attention").order_by(TicketNote.seq)
    raised, over = (await session.execute(query)).scalars().all()
    rule = RuleRecipients(NotificationRule(recipients=["admins"]), [], [])
    assert await meant_by(session, rule, raised, ticket) == {ada.id: "admins"}
    assert await meant_by(session, rule, over, ticket) == {}
