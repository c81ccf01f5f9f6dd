"""Reads the outbox: where an approval moved, whoever is asked now and has no mail about it yet gets one."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import members_of
from app.activity.dispatch import reader
from app.activity.outbox import News
from app.actor import SYSTEM
from app.approvals.models import (
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalProxy,
    EmailLink,
)
from app.clock import utc_now
from app.jobs import enqueue
from app.mailing.models import MailDelivery
from app.mailing.post import post_office
from app.tickets.models import Ticket
from app.tickets.visibility import active_proxy, in_scope, visible

Seat, Step, Process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess


@reader
async def ask_by_mail(session: AsyncSession, news: list[News]) -> None:
    """Only ids are kept: what a mail says, and whether it may be sent, is decided when it is sent."""
    tickets = {each.note.ticket_id for each in news if each.note and (each.note.event_type or "").startswith("appr")}
    if post_office() is None or not tickets:
        return
    for row in await _waiting(session, tickets):
        people = await _asked(session, row) - {row.created_by, row.requester_id}
        for person in sorted(people - await _told(session, row.seat_id)):
            await _queue(session, row, person)


async def _waiting(session: AsyncSession, tickets: Iterable[int]) -> list[Any]:
    query = (
        select(
            Seat.id.label("seat_id"),
            Seat.user_id,
            Seat.role_id,
            Seat.deputy_ids,
            Ticket.id,
            Ticket.created_by,
            Ticket.requester_id,
        )
        .join(Step, Step.id == Seat.step_id)
        .join(Process, Process.id == Step.process_id)
        .join(Ticket, Ticket.id == Process.ticket_id)
        .where(Ticket.id.in_(list(tickets)), visible(SYSTEM), Process.status == "running", Step.status == "open")
        .where(Seat.status == "pending")
        .order_by(Seat.id)
    )
    return list((await session.execute(query)).all())


async def _asked(session: AsyncSession, row: Any) -> set[int]:
    """The person or the group's members, those who stand in for one of them now, and whom it was escalated to."""
    members = await members_of(session, [row.role_id] if row.role_id else [], in_use=True)
    asked = {row.user_id} if row.user_id else {one.id for one in members[row.role_id]}
    proxies = (
        select(ApprovalProxy.proxy_id)
        .join(Ticket, Ticket.id == row.id)
        .where(ApprovalProxy.principal_id.in_(asked), active_proxy(func.now()), in_scope())
    )
    return asked | set((await session.execute(proxies)).scalars()) | set(row.deputy_ids)


async def _told(session: AsyncSession, seat_id: int) -> set[int]:
    """Who has a link that still holds, or will have one as soon as the mail leaves."""
    held = select(EmailLink.user_id).where(
        EmailLink.seat_id == seat_id, EmailLink.revoked_at.is_(None), EmailLink.used_at.is_(None)
    )
    coming = select(MailDelivery.user_id).where(MailDelivery.seat_id == seat_id, MailDelivery.status == "queued")
    return set((await session.execute(held.union(coming))).scalars())


async def _queue(session: AsyncSession, row: Any, person: int) -> None:
    values = {"seat_id": row.seat_id, "user_id": person, "ticket_id": row.id, "created_at": utc_now()}
    add = insert(MailDelivery).values(values).on_conflict_do_nothing().returning(MailDelivery.id)
    if delivery := (await session.execute(add)).scalar():
        await enqueue(session, "mail.deliver", {"delivery": delivery}, key=str(delivery))
