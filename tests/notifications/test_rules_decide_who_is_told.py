"""The bell rings for the right people only."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.activity.models import OutboxRow, TicketNote
from app.actor import SYSTEM
from app.approvals.core.commands import Decision
from app.clock import utc_now
from app.notifications.models import Notification, NotificationRule
from app.notifications.service import RuleContent, Rules
from app.tickets.conversation import Conversation
from app.tickets.handling import Handling
from app.tickets.models import Ticket, Visibility
from app.tickets.properties import Properties
from tests.cast import Browser, Cast, Company
from tests.dispatching import Dispatch
from tests.story import ask, decide, draft

Ready = dict[str, NotificationRule]


async def told(session: AsyncSession, ticket: Ticket) -> set[tuple[str, str]]:
    """(first name, why) of everybody who was told something about the ticket since it was asked last."""
    query = select(User.name, Notification.reason).join(User, User.id == Notification.user_id)
    rows = (await session.execute(query.where(Notification.ticket_id == ticket.id))).all()
    await session.execute(Notification.__table__.delete())
    return {(row.name.split()[0], row.reason) for row in rows}


async def comment(session: AsyncSession, who: Browser, ticket: Ticket, **audience: Any) -> None:
    talk = Conversation(session, await who.actor())
    await talk.comment(await talk.lock(ticket.ticket_no), "Is the old one returned?", **audience)
    await session.commit()


async def add_rule(session: AsyncSession, **content: Any) -> NotificationRule:
    rule = await Rules(session, SYSTEM).add(RuleContent(name="Test", **content))
    await session.commit()
    return rule


async def test_a_request_is_told_to_each_steps_approvers_in_turn(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch,
    hana: Browser, daniel: Browser, maya: Browser, tomas: Browser, aisha: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await dispatch()
    assert await told(session, ticket) == {("Daniel", "approvers")}
    await decide(session, daniel, ticket.ticket_no)
    await dispatch()
    assert await told(session, ticket) == {("Maya", "approvers"), ("Tomás", "approvers"), ("Ruth", "approvers")}
    await decide(session, maya, ticket.ticket_no)
    await dispatch()
    assert await told(session, ticket) == set()
    await decide(session, tomas, ticket.ticket_no)
    await dispatch()
    assert await told(session, ticket) == {("Aisha", "approvers")}
    await decide(session, aisha, ticket.ticket_no)
    await dispatch()
    assert await told(session, ticket) == {("Hana", "creator"), ("Jonas", "assignee")}


async def test_a_decision_waits_out_the_time_in_which_it_can_be_taken_back(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await dispatch()
    await told(session, ticket)
    await decide(session, daniel, ticket.ticket_no, Decision.REJECT, "Not this year.")
    waiting = select(OutboxRow.not_before).where(OutboxRow.dispatched_at.is_(None))
    assert all(moment and moment > utc_now() for moment in (await session.execute(waiting)).scalars())
    assert await told(session, ticket) == set()
    await dispatch()
    assert await told(session, ticket) == {("Hana", "creator")}


async def test_a_comment_reaches_those_involved_but_not_its_writer(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser, daniel: Browser
) -> None:
    ticket = await ask(session, hana)
    await dispatch()
    await told(session, ticket)
    await comment(session, daniel, ticket)
    await dispatch()
    assert await told(session, ticket) == {("Hana", "creator"), ("Jonas", "assignee")}
    await comment(session, hana, ticket)
    await dispatch()
    assert await told(session, ticket) == {("Daniel", "approvers"), ("Jonas", "assignee")}


async def test_what_approvers_write_to_each_other_reaches_only_approvers(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser, daniel: Browser,
    maya: Browser, cast: Cast,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    await decide(session, daniel, ticket.ticket_no)
    await add_rule(session, events=["comment"], recipients=["creator"], user_ids=[cast["otto"].id, cast["daniel"].id])
    await dispatch()
    await told(session, ticket)
    await comment(session, maya, ticket, audience="approvers", is_approver=True)
    await dispatch()
    assert {name for name, _ in await told(session, ticket)} == {"Daniel", "Tomás", "Ruth"}


async def test_whoever_takes_the_work_is_told_and_the_requester_asked_to_confirm(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser, daniel: Browser,
    maya: Browser, tomas: Browser, aisha: Browser, jonas: Browser,
) -> None:  # fmt: skip
    ticket = await ask(session, hana)
    for approver in (daniel, maya, tomas, aisha):
        await decide(session, approver, ticket.ticket_no)
    await dispatch()
    await told(session, ticket)
    boss = Properties(session, await daniel.actor())
    await boss.assign(await boss.lock(ticket.ticket_no), user_id=jonas.id, role_id=None)
    await dispatch()
    assert await told(session, ticket) == {("Jonas", "assignee")}
    work = Handling(session, await jonas.actor())
    await work.take(await work.lock(ticket.ticket_no))
    await work.resolve(await work.lock(ticket.ticket_no), resolution="Ordered.")
    await dispatch()
    assert await told(session, ticket) == {("Hana", "creator")}


async def test_an_outsider_is_told_nothing_of_a_restricted_ticket_even_if_a_rule_names_them(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, cast: Cast
) -> None:
    await add_rule(
        session, events=["approval_submitted"], user_ids=[cast["otto"].id, cast["ada"].id],
        role_ids=[cast.roles["Legal"].id],
    )  # fmt: skip
    ticket = await ask(session, hana, visibility=Visibility.RESTRICTED)
    await dispatch()
    assert await told(session, ticket) == {("Ada", "user")}
    open_one = await ask(session, hana, visibility=Visibility.INTERNAL)
    await dispatch()
    assert await told(session, open_one) == {("Ada", "user"), ("Otto", "user"), ("Aisha", "role")}


async def test_a_draft_tells_nobody_who_cannot_see_it(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, cast: Cast
) -> None:
    await add_rule(session, events=["comment"], user_ids=[cast["otto"].id])
    ticket = await draft(session, hana)
    await comment(session, hana, ticket)
    await dispatch()
    assert await told(session, ticket) == set()


async def test_whoever_left_is_told_nothing(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, cast: Cast
) -> None:
    rule = {"user_ids": [cast["otto"].id], "role_ids": [cast.roles["Finance"].id]}
    await add_rule(session, events=["approval_submitted"], **rule)
    gone = [cast["otto"].id, cast["maya"].id]
    await session.execute(update(User).where(User.id.in_(gone)).values(deactivated_at=utc_now()))
    ticket = await ask(session, hana)
    await dispatch()
    assert await told(session, ticket) == {("Tomás", "role"), ("Ruth", "role")}


async def test_a_condition_is_asked_of_the_tickets_values(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, cast: Cast
) -> None:
    small, large = await ask(session, hana, CHEAP), await ask(session, hana)
    limit = {"v": 1, "all": [{"field": "amount", "op": "ge", "value": {"amount": "25000.00", "currency": "EUR"}}]}
    purchase = [large.template_id]
    await add_rule(
        session, events=["approval_submitted"], template_ids=purchase, condition=limit, user_ids=[cast["otto"].id]
    )
    await dispatch()
    assert await told(session, large) == {("Otto", "user")}
    assert await told(session, small) == set()


CHEAP = {
    "amount": {"amount": "120.00", "currency": "EUR"}, "cost_center": "cc_4410", "supplier": "Nordtherm Imaging Oy",
    "supplier_is_new": False, "budgeted": True,
}  # fmt: skip


async def test_a_rule_for_other_forms_and_one_switched_off_say_nothing(
    session: AsyncSession, company: Company, dispatch: Dispatch, hana: Browser, cast: Cast
) -> None:
    ticket = await ask(session, hana)
    other = next(number for number in await template_ids(session) if number != ticket.template_id)
    await add_rule(session, events=["approval_submitted"], template_ids=[other], user_ids=[cast["otto"].id])
    off = await add_rule(session, events=["approval_submitted"], user_ids=[cast["otto"].id])
    await Rules(session, SYSTEM).switch(off, on=False)
    await dispatch()
    assert await told(session, ticket) == set()


async def template_ids(session: AsyncSession) -> list[int]:
    from app.ticket_templates.repository import template_names

    return list(await template_names(session))


async def test_one_event_is_one_line_however_many_rules_and_rounds_there_are(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser, cast: Cast
) -> None:
    everybody = {"recipients": ["approvers"], "user_ids": [cast["daniel"].id], "role_ids": [cast.roles["Managers"].id]}
    await add_rule(session, events=["approval_step_started"], **everybody)
    await ask(session, hana)
    await dispatch()
    await session.execute(update(OutboxRow).values(dispatched_at=None))
    await dispatch()
    query = select(Notification.id).where(Notification.user_id == cast["daniel"].id)
    assert len((await session.execute(query)).all()) == 1


async def test_a_deleted_ticket_tells_nobody(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser
) -> None:
    ticket = await ask(session, hana)
    ticket.delete_softly(at=utc_now())
    await dispatch()
    assert await told(session, ticket) == set()


async def test_a_line_tells_when_it_happened_and_not_when_it_was_brought(
    session: AsyncSession, company: Company, rules: Ready, dispatch: Dispatch, hana: Browser, daniel: Browser
) -> None:
    await ask(session, hana)
    await dispatch()
    query = select(Notification.created_at, TicketNote.created_at.label("happened"))
    query = query.join(TicketNote, TicketNote.id == Notification.note_id).where(Notification.user_id == daniel.id)
    row = (await session.execute(query)).one()
    assert row.created_at == row.happened
