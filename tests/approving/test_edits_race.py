"""Two at once, really committed: an edit against a decision, an edit or a withdrawal. One of the orders holds."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select

from app.actor import Actor, acting_as
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.approvals.core.state import ProcessStatus, state_from_json
from app.approvals.models import ApprovalProcess
from app.errors import DomainError
from app.ticket_templates.service import TicketTemplates
from app.tickets.approving.desk import ApprovalDesk
from app.tickets.approving.facts import StepReader
from app.tickets.content import Content
from app.tickets.drafting import Drafting
from tests.real import RealCompany
from tests.story import CAMERAS

ROUNDS = 300 if os.environ.get("COUNTERSIGN_PROFILE") == "nightly" else 25
Act = Callable[[], Awaitable[Any]]


async def test_a_decision_and_an_edit_at_once_leave_no_vote_on_other_content(real_company: RealCompany) -> None:
    hana, daniel = await real_company.actor("hana"), await real_company.actor("daniel")
    orders = set()
    for number in range(ROUNDS):
        ticket_no = await _asked(real_company, hana)
        seat, seen = await _seen(real_company, daniel, ticket_no)
        vote = _vote(real_company, daniel, ticket_no, seat, seen)
        edit = _edit(real_company, hana, ticket_no, f"Supplier {number}", accept=True)
        voted, saved = await _at_once(vote, edit, first=number % 2)
        assert saved == 0
        assert voted in {0, 409}
        await _votes_are_about_what_is_there(real_company, hana, ticket_no)
        orders.add(voted)
    assert orders == {0, 409}, "both orders were met"


async def test_of_two_edits_of_the_same_version_one_is_told(real_company: RealCompany) -> None:
    hana = await real_company.actor("hana")
    for number in range(ROUNDS):
        ticket_no = await _asked(real_company, hana)
        version = await _version(real_company, hana, ticket_no)
        edits = [
            _edit(real_company, hana, ticket_no, name, accept=True, version=version)
            for name in (f"Left {number}", f"Right {number}")
        ]
        assert sorted(await _at_once(*edits, first=number % 2)) == [0, 412]
        await _votes_are_about_what_is_there(real_company, hana, ticket_no)


async def test_an_edit_and_a_withdrawal_at_once_both_hold_in_one_order_or_the_other(real_company: RealCompany) -> None:
    """After the withdrawal the edit is one of a draft; before it, one of a request that waits."""
    hana = await real_company.actor("hana")
    for number in range(ROUNDS):
        ticket_no = await _asked(real_company, hana)
        edit = _edit(real_company, hana, ticket_no, f"Supplier {number}", accept=True)
        withdrawal = _withdraw(real_company, hana, ticket_no)
        assert await _at_once(edit, withdrawal, first=number % 2) == [0, 0]
        async with real_company.database.session() as session:
            ticket = await Drafting(session, hana).find(ticket_no)
            process = (await session.execute(select(ApprovalProcess).filter_by(ticket_id=ticket.id))).scalar_one()
            assert (ticket.status, ticket.approval, process.status) == ("draft", "withdrawn", "withdrawn")
            assert ticket.custom_fields_data["supplier"] == f"Supplier {number}"
            assert not state_from_json(process.state).open_runs


async def _asked(real_company: RealCompany, hana: Actor) -> str:
    with acting_as(hana):
        async with real_company.database.in_its_own() as session:
            form = await TicketTemplates(session, hana).form("purchase-request")
            drafting = Drafting(session, hana)
            ticket = await drafting.start(Content("Cameras", fields=CAMERAS), form=form)
            await drafting.submit(ticket)
            return ticket.ticket_no


async def _seen(real_company: RealCompany, voter: Actor, ticket_no: str) -> tuple[int, str]:
    async with real_company.database.session() as session:
        desk = ApprovalDesk(session, voter)
        running = await desk.running(await desk.find(ticket_no))
        assert running is not None
        vote = explain(running.state, voter.id, running.context).votes[0]
        return vote.seat, vote.content_hash


async def _version(real_company: RealCompany, who: Actor, ticket_no: str) -> int:
    async with real_company.database.session() as session:
        return (await Drafting(session, who).find(ticket_no)).version


def _vote(real_company: RealCompany, voter: Actor, ticket_no: str, seat: int, seen: str) -> Act:
    async def act() -> None:
        async with real_company.database.in_its_own() as session:
            desk = ApprovalDesk(session, voter)
            ticket = await desk.lock(ticket_no)
            await desk.decide(ticket, seat=seat, decision=Decision.APPROVE, seen_hash=seen)

    return _as(voter, act)


def _edit(
    real_company: RealCompany, who: Actor, ticket_no: str, supplier: str, *, accept: bool, version: int | None = None
) -> Act:
    async def act() -> None:
        async with real_company.database.in_its_own() as session:
            drafting = Drafting(session, who)
            drafting.accept_rewind = accept
            ticket = await drafting.lock(ticket_no)
            content = Content(ticket.title, fields={**ticket.custom_fields_data, "supplier": supplier})
            await drafting.edit(ticket, content, version=version)

    return _as(who, act)


def _withdraw(real_company: RealCompany, who: Actor, ticket_no: str) -> Act:
    async def act() -> None:
        async with real_company.database.in_its_own() as session:
            desk = ApprovalDesk(session, who)
            await desk.withdraw(await desk.lock(ticket_no))

    return _as(who, act)


def _as(who: Actor, act: Act) -> Act:
    """Answers with the status of its refusal, or 0."""

    async def acting() -> int:
        with acting_as(who):
            try:
                await act()
            except DomainError as refused:
                return refused.status_code
            return 0

    return acting


async def _at_once(*acts: Act, first: int) -> list[int]:
    """`first` begins a little earlier, so that both orders are met; the answers are in the order of the acts."""
    tasks: dict[int, asyncio.Task[int]] = {}
    for place in sorted(range(len(acts)), key=lambda place: place != first):
        tasks[place] = asyncio.ensure_future(acts[place]())
    return [await tasks[place] for place in range(len(acts))]


async def _votes_are_about_what_is_there(real_company: RealCompany, who: Actor, ticket_no: str) -> None:
    async with real_company.database.session() as session:
        desk = ApprovalDesk(session, who)
        running = await desk.running(await desk.find(ticket_no))
        assert running is not None
        assert running.state.status is ProcessStatus.RUNNING
        assert running.state.open_runs
        reader = StepReader(running.subject, running.directory, running.context.now)
        for run in running.state.live_runs:
            now = reader.content_hash(running.flow.steps[run.step_key])
            assert run.watch_hash == now
            assert all(vote.seen_hash == now for vote in run.votes)
