"""What somebody did in the past: their own decisions, and what they sent back and wait for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.approvals.repository import gave_advice
from app.db.constants import constant, planned_each_time
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.paging import Page, cut, decode_cursor

Seat, Step, Process = ApprovalProcessStepApprover, ApprovalProcessStep, ApprovalProcess
PAGE = 50
_VOID = constant("void")


@dataclass(frozen=True, slots=True)
class Decided:
    """One of my own decisions, newest first."""

    seat_id: int
    ticket_no: str
    title: str
    status: str
    step_name: str
    decision: str
    decided_at: datetime
    comment: str | None
    principal: str | None
    advised: bool
    """Asked for a comment, which decided nothing."""


async def decided_page(session: AsyncSession, actor: Actor, cursor: str | None, *, limit: int = PAGE) -> Page[Decided]:
    person = aliased(User)
    query = (
        select(
            Seat.id.label("seat_id"), Ticket.ticket_no, Ticket.title, Ticket.status, Step.name.label("step_name"),
            Seat.status.label("decision"), Seat.decided_at, Seat.comment, person.name.label("principal"),
            gave_advice().label("advised"),
        )
        .join(Step, Step.id == Seat.step_id)
        .join(Process, Process.id == Step.process_id)
        .join(Ticket, Ticket.id == Process.ticket_id)
        .outerjoin(person, person.id == Seat.on_behalf_of)
        .where(Seat.acted_by == actor.id, Seat.decided_at.is_not(None), Seat.status != _VOID, visible(actor))
        .order_by(Seat.decided_at.desc(), Seat.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if before := decode_cursor(cursor, (datetime, int)):
        query = query.where(func.row(Seat.decided_at, Seat.id) < func.row(*before))
    rows = [Decided(**row) for row in (await session.execute(planned_each_time(query))).mappings()]
    return cut(rows, limit, lambda row: [row.decided_at, row.seat_id])


@dataclass(frozen=True, slots=True)
class SentBack:
    """A request that I sent back and that is still with who asked."""

    seat_id: int
    ticket_no: str
    title: str
    asker_id: int
    asker: str
    decided_at: datetime
    comment: str | None


async def sent_back_page(
    session: AsyncSession, actor: Actor, cursor: str | None, *, limit: int = PAGE
) -> Page[SentBack]:
    columns = (
        Seat.id.label("seat_id"), Ticket.ticket_no, Ticket.title, Ticket.requester_id.label("asker_id"),
        User.name.label("asker"), Seat.decided_at, Seat.comment,
    )  # fmt: skip
    query = sent_back(actor, *columns).join(User, User.id == Ticket.requester_id)
    query = query.order_by(Seat.decided_at.desc(), Seat.id.desc()).limit(limit + 1)
    if before := decode_cursor(cursor, (datetime, int)):
        query = query.where(func.row(Seat.decided_at, Seat.id) < func.row(*before))
    rows = [SentBack(**row) for row in (await session.execute(planned_each_time(query))).mappings()]
    return cut(rows, limit, lambda row: [row.decided_at, row.seat_id])


def sent_back(actor: Actor, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Seat)
        .join(Step, Step.id == Seat.step_id)
        .join(Process, Process.id == Step.process_id)
        .join(Ticket, Ticket.id == Process.ticket_id)
        .where(
            Seat.acted_by == actor.id, Seat.status == constant("returned"), Process.status == constant("returned"),
            Step.round == Process.round, Ticket.status == constant("draft"), visible(actor),
        )
    )  # fmt: skip
