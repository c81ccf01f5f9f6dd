"""A script sees what waits for its owner and decides, bound to the content that it was shown (api.md, Approvals)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.events import ACCESS_REFUSED
from app.activity.models import AuditEntry
from app.approvals.models import ApprovalProcessStepApprover
from app.tickets.drafting import Drafting
from tests.cast import Browser, Company
from tests.story import CAMERAS, ask

APPROVE = {"decision": "approve", "comment": None, "on_behalf_of": None}


async def waiting(who: Browser) -> list[dict[str, Any]]:
    answer = await who.api("GET", "/approvals/pending")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def decide(who: Browser, row: dict[str, Any], **changed: Any) -> Any:
    body = {**APPROVE, "content_hash": row["content_hash"], **changed}
    return await who.api("POST", f"/approvals/{row['id']}/decision", body)


async def test_what_waits_says_who_asks_which_step_and_what_it_is_bound_to(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana)
    [row] = await waiting(daniel)
    assert row["ticket"] == {
        "ticket_no": ticket.ticket_no, "title": ticket.title, "requester": {"id": hana.id, "name": hana.user.name},
    }  # fmt: skip
    assert row["step"] == {"key": "line_manager", "name": "Line manager"}
    assert (row["round"], row["on_behalf_of"], len(row["content_hash"])) == (1, None, 64)
    assert await waiting(otto) == []


async def test_the_whole_approval_is_walked_by_scripts(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, tomas: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana, {**CAMERAS, "supplier_is_new": False})
    [row] = await waiting(daniel)
    decided = await decide(daniel, row, comment="Needed.")
    assert decided.status_code == 200, decided.text
    steps = {step["key"]: step for step in decided.json()["steps"]}
    assert steps["line_manager"]["approvers"][0]["comment"] == "Needed."
    assert steps["line_manager"]["approvers"][0]["acted_by"]["id"] == daniel.id
    assert (steps["finance"]["status"], steps["finance"]["mode"], steps["finance"]["needed"]) == ("open", "count", 2)
    assert "5,000" in steps["finance"]["why"]
    assert steps["cfo"]["status"] == "waiting"
    for who in (maya, tomas):
        [row] = await waiting(who)
        assert (await decide(who, row)).status_code == 200
    approval = (await hana.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()
    assert (approval["status"], approval["template"], approval["attention"]) == ("approved", "capital-purchase", None)
    assert {step["key"]: step["status"] for step in approval["steps"]} == {
        "line_manager": "approved", "finance": "approved", "legal": "skipped", "cfo": "skipped",
    }  # fmt: skip


async def test_a_decision_without_the_content_it_was_made_on_is_refused(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    [row] = await waiting(daniel)
    answer = await daniel.api("POST", f"/approvals/{row['id']}/decision", APPROVE)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["content_hash"])
    missing = await decide(daniel, row, decision="return")
    assert (missing.status_code, list(missing.json()["errors"])) == (422, ["comment"]), "sending back needs a reason"


async def test_other_content_is_refused_with_what_is_different(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser
) -> None:
    """The same seat, an earlier content: told back from the timeline."""
    ticket = await ask(session, hana)
    [old] = await waiting(daniel)
    url = f"/tickets/{ticket.ticket_no}"
    assert (await hana.api("POST", f"{url}/transitions", {"to": "draft"})).status_code == 200
    dearer = {"title": "Replace 30 thermal cameras", "fields": {"amount": {"amount": "48000.00", "currency": "EUR"}}}
    assert (await hana.api("PATCH", url, dearer, if_match="*")).status_code == 200
    drafting = Drafting(session, await hana.actor())
    await drafting.submit(await drafting.lock(ticket.ticket_no))
    await session.commit()
    [new] = await waiting(daniel)
    refused = await decide(daniel, {**new, "content_hash": old["content_hash"]})
    assert refused.status_code == 409
    changed = {one["field"]: (one["before"], one["after"]) for one in refused.json()["changed"]}
    assert changed == {
        "title": ("Replace 24 thermal cameras", "Replace 30 thermal cameras"),
        "amount": ({"amount": "38400.00", "currency": "EUR"}, {"amount": "48000.00", "currency": "EUR"}),
    }
    nobodys = await decide(daniel, {**new, "content_hash": "0" * 64})
    assert (nobodys.status_code, nobodys.json()["changed"]) == (409, [])
    assert (await decide(daniel, new)).status_code == 200


async def test_what_somebody_else_decided_says_who_and_when(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    await ask(session, hana)
    [row] = await waiting(daniel)
    assert (await decide(daniel, row)).status_code == 200
    again = await decide(daniel, row)
    assert again.status_code == 409
    assert again.json()["who"] == {"id": daniel.id, "name": daniel.user.name}
    assert again.json()["when"].endswith("+00:00")


async def test_the_requester_is_refused_and_it_is_on_the_record(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    await ask(session, hana)
    [row] = await waiting(daniel)
    for who in (hana, otto):
        assert (await decide(who, row)).status_code == 403
    query = select(AuditEntry.created_by).filter_by(event_type=ACCESS_REFUSED.code)
    assert set((await session.execute(query)).scalars()) == {hana.id, otto.id}


async def test_a_seat_on_a_hidden_ticket_does_not_exist(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, otto: Browser
) -> None:
    await ask(session, hana, visibility="restricted")
    [row] = await waiting(daniel)
    assert (await decide(otto, row)).status_code == 404
    assert (await otto.api("DELETE", f"/approvals/{row['id']}/decision")).status_code == 404


async def test_a_vote_is_taken_back_while_it_may_by_its_own_actor(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser
) -> None:
    ticket = await ask(session, hana)
    [row] = await waiting(daniel)
    await decide(daniel, row)
    [pool] = await waiting(maya)
    assert (await decide(maya, pool)).status_code == 200
    assert (await daniel.api("DELETE", f"/approvals/{pool['id']}/decision")).status_code == 403
    back = await maya.api("DELETE", f"/approvals/{pool['id']}/decision")
    assert back.status_code == 200, back.text
    assert [one["id"] for one in await waiting(maya)] == [pool["id"]]
    late = await daniel.api("DELETE", f"/approvals/{row['id']}/decision")
    assert late.status_code == 409
    query = select(ApprovalProcessStepApprover.status).filter_by(acted_by=daniel.id)
    assert (await session.execute(query)).scalars().all() == ["approved"]
    assert ticket.status == "waiting_approval"


async def test_whom_the_comment_calls_in_vain_is_in_the_answer_and_nowhere_else(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, otto: Browser
) -> None:
    ticket = await ask(session, hana, visibility="restricted")
    [row] = await waiting(daniel)
    decided = await decide(daniel, row, comment="@Otto Brandt and @Hana Sato agree.")
    assert (decided.status_code, decided.json()["unheard"]) == (200, ["Otto Brandt"])
    assert (await maya.api("GET", f"/tickets/{ticket.ticket_no}/approval")).json()["unheard"] == []
    assert (await otto.api("GET", f"/tickets/{ticket.ticket_no}/approval")).status_code == 404


async def test_a_ticket_without_an_approval_has_none(company: Company, hana: Browser) -> None:
    made = await hana.api("POST", "/tickets", {"title": "Just a note"})
    assert (await hana.api("GET", f"/tickets/{made.json()['ticket_no']}/approval")).status_code == 404
