"""An admin moves what runs to the live version of its flow: shown before, with a reason, told one by one, and once."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import acting_as
from app.approvals.core.commands import Decision
from app.approvals.core.engine import fold
from app.approvals.core.events import event_from_json
from app.approvals.core.explain import explain
from app.approvals.core.state import State, state_to_json
from app.approvals.models import ApprovalProcess, ApprovalTemplate, ApprovalTemplateVersion
from app.errors import NotPossible
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.migrating import MigrationDesk
from app.tickets.approving.older_versions import count_on_older
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from app.tickets.models import Ticket
from tests.cast import Browser, Company
from tests.page import form_values
from tests.real import RealCompany
from tests.story import CHANGE, ask, decide, open_steps, republish_flow

AT = "/admin/approval-templates/capital-purchase"


def looked_at_by_audit(flow: dict[str, Any]) -> None:
    """Finance decides otherwise, the CFO is not asked any more, and Nora has the last look."""
    flow["stages"][1]["steps"][0]["threshold"] = 1
    flow["stages"][3]["steps"] = [
        {"key": "audit", "name": "Audit", "mode": "any", "approvers": [{"source": "manager", "level": 2}]}
    ]


async def live(session: AsyncSession, key: str = "capital-purchase") -> ApprovalTemplateVersion:
    query = select(ApprovalTemplateVersion).join(
        ApprovalTemplate, ApprovalTemplate.id == ApprovalTemplateVersion.template_id
    )
    found = query.where(ApprovalTemplate.key == key, ApprovalTemplateVersion.status == "published")
    return (await session.execute(found)).scalar_one()


async def process_of(session: AsyncSession, ticket: Ticket) -> ApprovalProcess:
    query = select(ApprovalProcess).filter_by(ticket_id=ticket.id).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one()


async def events_of(session: AsyncSession, ticket: Ticket) -> list[dict[str, Any]]:
    query = select(TicketNote.event_details).where(TicketNote.ticket_id == ticket.id, TicketNote.system)
    details = (await session.execute(query.order_by(TicketNote.seq))).scalars()
    return [one["engine"] for one in details if one and "engine" in one]


async def test_what_can_move_moves_with_its_votes_and_what_cannot_says_why(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, ada: Browser, ruth: Browser,
    jonas: Browser,
) -> None:  # fmt: skip
    fresh, reached = await ask(session, hana, title="Not looked at yet"), await ask(session, hana, title="At Finance")
    await decide(session, daniel, reached.ticket_no)
    own = await ask(session, ada, title="Asked by Ada herself")
    returned = await ask(session, hana, title="With Hana again")
    await decide(session, daniel, returned.ticket_no, Decision.RETURN, "Which model?")
    await republish_flow(session, "capital-purchase", looked_at_by_audit)

    editor = (await ada.get(AT)).text
    assert "4 running on older versions" in editor
    page = (await ada.get(f"{AT}/migration")).text
    assert "4 requests run on older versions" in page
    for told in (
        "Line manager: Daniel Okafor", "Audit", "Finance review was asked already and is different there.",
        "You asked for or edited this request", "This is with its requester", "Not asked any more",
    ):  # fmt: skip
        assert told in page, told
    form = form_values(page, f"{AT}/migration")
    assert form.values["seen"] == f"{fresh.ticket_no}:{fresh.version}"

    refused = await ada.submit(form.action, {**form.values, "reason": " "})
    assert refused.status_code == 422
    assert "Fill this in" in refused.text
    sent = {**form.values, "seen": [f"{one.ticket_no}:{one.version}" for one in (fresh, reached, own, returned)]}
    location = (await ada.submit(form.action, {**sent, "reason": "Audit has to see each."})).headers["location"]
    told = (await ada.get(location)).text
    assert "1 changed, 3 left out" in told
    assert "/undo" not in told
    assert (await ada.submit(form.action, {**sent, "reason": "Audit has to see each."})).headers["location"] == location

    kinds = [one["event"] for one in await events_of(session, fresh)]
    assert kinds.count("FlowMigrated") == 1
    assert "FlowMigrated" not in [one["event"] for one in await events_of(session, reached)]
    timeline = (await jonas.get(f"/tickets/{fresh.ticket_no}")).text
    assert "moved the approval to version 2 of its flow" in timeline
    assert "Audit has to see each." in timeline
    assert "capital purchase v2" in timeline.lower()

    await decide(session, daniel, fresh.ticket_no)
    await decide(session, maya, fresh.ticket_no)
    assert await open_steps(session, hana, fresh) == {"Legal"}
    process = await process_of(session, fresh)
    replayed = fold(State(), [event_from_json(one) for one in await events_of(session, fresh)])
    assert state_to_json(replayed) == process.state
    assert (process.template_version_id, replayed.flow_version) == ((await live(session)).id, 2)
    await decide(session, maya, reached.ticket_no)
    assert await open_steps(session, hana, reached) == {"Finance review"}, "two of Finance, as in its own version"


async def test_the_api_moves_them_once_and_says_nothing_of_what_is_not_there(
    session: AsyncSession, company: Company, hana: Browser, daniel: Browser, maya: Browser, otto: Browser, ada: Browser
) -> None:
    ticket = await ask(session, hana, title="Seen by few", visibility="restricted")
    await decide(session, daniel, ticket.ticket_no)
    path = "/approval-templates/capital-purchase/migration"
    await republish_flow(session, "capital-purchase", lambda flow: flow["stages"].pop())
    found = (await ada.api("GET", path)).json()
    [item] = found["items"]
    assert (found["to_version"], found["count"], item["why_not"]) == (2, 1, None)
    assert [(vote["step"]["key"], vote["user"]["id"]) for vote in item["kept"]] == [("line_manager", daniel.id)]
    assert [one["role"]["name"] for one in item["awaited"]] == ["Finance"]
    assert [step["key"] for step in item["removed"]] == ["cfo"]

    body = {"tickets": [ticket.ticket_no, "PUR-99999"], "to_version": 2, "reason": "The CFO left."}
    for outsider in (otto, maya):
        assert (await outsider.api("POST", path, body)).status_code == 403
    assert (await ada.api("POST", "/approval-templates/unheard-of/migration", body)).status_code == 404
    assert (await ada.api("POST", path, {**body, "to_version": 1})).status_code == 412
    assert (await ada.api("POST", path, {**body, "reason": " "})).status_code == 422
    first = await ada.api("POST", path, body, idempotency_key="move")
    assert [(one["ticket_no"], one["outcome"]) for one in first.json()["items"]] == [
        (ticket.ticket_no, "moved"), ("PUR-99999", "left_out"),
    ]  # fmt: skip
    assert (await ada.api("POST", path, body, idempotency_key="move")).content == first.content
    again = (await ada.api("POST", path, body)).json()["items"]
    assert [one["why"] for one in again] == ["There is nothing here that runs on an older version."] * 2
    assert [one["event"] for one in await events_of(session, ticket)].count("FlowMigrated") == 1
    assert (await ada.api("GET", path)).json()["count"] == 0


async def test_only_what_somebody_may_see_is_counted(
    session: AsyncSession, company: Company, hana: Browser, otto: Browser, ada: Browser
) -> None:
    await ask(session, hana, title="Everybody reads it")
    await ask(session, hana, title="Few read it", visibility="restricted")
    await republish_flow(session, "capital-purchase", looked_at_by_audit)
    version = await live(session)
    assert await count_on_older(session, await ada.actor(), version) == 2
    assert await count_on_older(session, await otto.actor(), version) == 1
    assert (await otto.get(f"{AT}/migration")).status_code == 403


@pytest.mark.parametrize("trial", range(5))
async def test_a_vote_and_a_move_at_once_are_one_after_the_other(real_company: RealCompany, trial: int) -> None:
    """Either it was approved before it could move, or it moved and the new step is asked after the vote."""
    hana, ada = await real_company.actor("hana"), await real_company.actor("ada")
    voters = [await real_company.actor(key) for key in ("lucas", "elena", "daniel")]
    database = real_company.database
    with acting_as(hana):
        async with database.in_its_own() as session:
            drafting = Drafting(session, hana)
            form = await TicketTemplates(session, hana).form("change")
            ticket = await drafting.start(Content("A change", fields=CHANGE), form=form)
            await drafting.submit(ticket)

    async def vote(number: int) -> None:
        with acting_as(voters[number]):
            async with database.in_its_own() as session:
                desk = MigrationDesk(session, voters[number])
                locked = await desk.lock(ticket.ticket_no)
                running = await desk.running(locked)
                assert running is not None
                [one] = explain(running.state, voters[number].id, running.context).votes
                await desk.decide(locked, seat=one.seat, decision=Decision.APPROVE, seen_hash=one.content_hash)

    async def move() -> bool:
        with acting_as(ada):
            try:
                async with database.in_its_own() as session:
                    desk = MigrationDesk(session, ada)
                    version = (await live(session, "change")).id
                    await desk.move_on(await desk.lock(ticket.ticket_no), version_id=version, reason="Later.")
            except NotPossible:
                return False
            return True

    await vote(0)
    await vote(1)
    async with database.session() as session:
        added = {"key": "after", "name": "After", "approvers": [{"source": "user", "user_id": ada.id}], "mode": "any"}
        await republish_flow(session, "change", lambda flow: flow["stages"].append({"steps": [added]}))
    _none, moved = await asyncio.gather(vote(2), move())
    async with database.session() as session:
        process = await process_of(session, ticket)
        assert (process.status, process.stage) == (("running", 2) if moved else ("approved", 1))
        replayed = fold(State(), [event_from_json(one) for one in await events_of(session, ticket)])
        assert state_to_json(replayed) == process.state
