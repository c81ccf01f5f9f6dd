"""Nobody gets round four eyes: each way is tried as a person would, refused, and kept on the record."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import UserRole
from app.approvals.models import ApprovalProcessStepApprover
from app.approvals.proxies import Proxies
from app.clock import utc_now
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import form_values
from tests.story import CHANGE, ask, decide, republish_flow
from tests.work.test_handing_a_seat_over import refusals, seat_of

Seat = ApprovalProcessStepApprover


async def vote_form(who: Browser, ticket: Ticket) -> dict[str, str]:
    """The form as an approver has it: what its hidden fields say is no secret."""
    form = form_values((await who.get(f"/tickets/{ticket.ticket_no}")).text, "/decision")
    return {**form.values, "action": form.action, "decision": "approve"}


async def refused(who: Browser, form: dict[str, Any], status: int = 403) -> None:
    body = {name: value for name, value in form.items() if name not in {"action", "command"}}
    answer = await who.submit(form["action"], body, htmx=True)
    assert answer.status_code == status, answer.text


async def test_not_by_the_requesters_own_vote_nor_by_the_creators(
    session: AsyncSession, company: Company, ada: Browser, lucas: Browser, elena: Browser
) -> None:
    """Elena is on the board and asks herself; then Ada asks for her."""
    own = await ask(session, elena, CHANGE, form="change")
    void = f"/approvals/{await _any_seat(session, elena)}/decision"
    await refused(elena, {**await vote_form(lucas, own), "action": void}, status=409)
    await refused(elena, await vote_form(lucas, own))
    for_her = await ask(session, ada, CHANGE, form="change", requester_id=elena.id)
    seats = select(Seat.status, Seat.void_reason).where(Seat.user_id == elena.id)
    assert {tuple(row) for row in (await session.execute(seats)).all()} == {
        ("void", "requester"), ("void", "requested_for"),
    }  # fmt: skip
    await refused(elena, await vote_form(lucas, for_her))
    assert for_her.status == "waiting_approval"
    assert await refusals(session, elena) == ["requester", "not_an_approver", "not_an_approver"]


async def test_not_as_proxy_of_an_approver(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    now = utc_now()
    await Proxies(session, await lucas.actor()).set(
        lucas.id, hana.id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1)
    )
    await session.commit()
    await refused(hana, {**await vote_form(lucas, ticket), "on_behalf_of": str(lucas.id)})
    assert await refusals(session, hana) == ["requester"]
    assert "/decision" not in (await hana.get(f"/tickets/{ticket.ticket_no}")).text


async def test_not_as_delegate_nor_as_a_further_or_a_replacing_approver(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, ada: Browser
) -> None:
    await republish_flow(session, "change", _ad_hoc)
    ticket = await ask(session, hana, CHANGE, form="change")
    seat = await seat_of(session, lucas)
    for url, who in (
        (f"/approvals/{seat}/delegation", lucas),
        (f"/approvals/{seat}/approvers", lucas),
        (f"/admin/attention/{ticket.ticket_no}/replacement", ada),
        (f"/admin/attention/{ticket.ticket_no}/approver", ada),
    ):
        form = {"to_user_id": hana.id, "user_id": hana.id, "seat": seat, "step": "board", "reason": "She knows it."}
        assert (await who.submit(url, form)).status_code == 409, url
    assert await refusals(session, lucas) == ["requester"] * 2
    assert await refusals(session, ada) == ["requester"] * 2
    assert (await session.execute(select(Seat).filter_by(user_id=hana.id))).scalars().all() == []


async def test_not_through_a_role_joined_later_by_the_requesters_hand(
    session: AsyncSession, company: Company, ada: Browser, daniel: Browser, maya: Browser, omar: Browser,
    ingrid: Browser,
) -> None:  # fmt: skip
    """Ada asks, and as an administrator puts Omar into Finance: it seats nobody."""
    ticket = await ask(session, ada)
    await decide(session, ingrid, ticket.ticket_no)
    membership = UserRole(user_id=omar.id, role_id=company.cast.roles["Finance"].id)
    membership.created_by = membership.updated_by = ada.id
    membership.created_at = utc_now() + timedelta(seconds=1)
    session.add(membership)
    await session.commit()
    await refused(omar, await vote_form(maya, ticket))
    assert await refusals(session, omar) == ["own_making"]


async def test_not_by_a_template_changed_while_it_waits(
    session: AsyncSession, company: Company, ada: Browser, lucas: Browser
) -> None:
    """What runs keeps its version; who published the next one decides nothing by it."""
    ticket = await ask(session, ada, CHANGE, form="change")
    await republish_flow(session, "change", lambda definition: _only(definition, ada.id))
    await refused(ada, await vote_form(lucas, ticket))
    assert await refusals(session, ada) == ["not_an_approver"]
    again = await ask(session, ada, CHANGE, form="change", title="Under the changed template")
    assert again.status == "waiting_approval"
    seat = (await session.execute(select(Seat).filter_by(user_id=ada.id))).scalars().one()
    assert (seat.status, seat.void_reason) == ("void", "requester")


async def test_not_in_bulk(session: AsyncSession, company: Company, hana: Browser, lucas: Browser) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    form = await vote_form(lucas, ticket)
    seen = f"{await seat_of(session, lucas)}:{form['content_hash']}:"
    body = {"decision": "approve", "comment": "", "command": "a-batch", "seen": seen}
    answer = await hana.submit("/approvals/bulk", body)
    assert "is not waiting for you" in answer.text
    assert await refusals(session, hana) == ["not_an_approver"]
    assert (await session.execute(select(Seat).where(Seat.acted_by.is_not(None)))).scalars().all() == []


async def test_not_by_the_api(
    session: AsyncSession, company: Company, hana: Browser, lucas: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, CHANGE, form="change")
    seat, form = await seat_of(session, lucas), await vote_form(lucas, ticket)
    vote = {"decision": "approve", "content_hash": form["content_hash"]}
    assert (await hana.api("POST", f"/approvals/{seat}/decision", vote)).status_code == 403
    for_him = {**vote, "on_behalf_of": lucas.id}
    assert (await hana.api("POST", f"/approvals/{seat}/decision", for_him)).status_code == 403
    handed = await lucas.api("POST", f"/approvals/{seat}/delegation", {"to_user_id": hana.id, "reason": "Yours."})
    assert handed.status_code == 409
    added = {"step": "board", "user_id": hana.id, "reason": "She knows it."}
    assert (await ada.api("POST", f"/tickets/{ticket.ticket_no}/approval/approver", added)).status_code == 409
    assert (await hana.api("POST", f"/tickets/{ticket.ticket_no}/approval/approver", added)).status_code == 403
    assert await refusals(session, hana) == ["not_an_approver", "not_their_proxy"]
    assert (await refusals(session, lucas), await refusals(session, ada)) == (["requester"], ["requester"])


async def _any_seat(session: AsyncSession, who: Browser) -> int:
    found = (await session.execute(select(Seat.id).filter_by(user_id=who.id).order_by(Seat.id))).scalars().first()
    assert found is not None
    return found


def _ad_hoc(definition: dict[str, Any]) -> None:
    definition["stages"][0]["steps"][0]["ad_hoc"] = True


def _only(definition: dict[str, Any], user_id: int) -> None:
    definition["stages"][0]["steps"][0]["approvers"] = [{"source": "user", "user_id": user_id}]
