"""What was asked to be fixed: the words with which a request came back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.activity.models import TicketNote
from app.approvals.models import ApprovalProcess
from app.tickets.models import Ticket, TicketStatus

_PRINCIPAL = aliased(User)
_CAME_BACK = ("approval_returned", "approval_rejected", "approval_sent_back")


@dataclass(frozen=True, slots=True)
class Asked:
    """`step_name` is empty where an administrator sent it back; `rejected` where it was turned down."""

    person: User
    words: str
    at: datetime
    step_name: str
    is_rejected: bool
    for_whom: str = ""
    """In whose name, where a proxy decided."""


async def asked_for(session: AsyncSession, ticket: Ticket) -> Asked | None:
    """Of what was rejected, or came back as a draft, until it is submitted again."""
    came_back = ticket.status == TicketStatus.DRAFT and ticket.approval in {"returned", "rejected"}
    if not came_back and ticket.status != TicketStatus.REJECTED:
        return None
    facts: Any = TicketNote.event_details
    words = facts["comment"].as_string(), facts["reason"].as_string()
    process, turn = facts["process"].as_integer(), facts["turn"].as_integer()
    last = select(func.max(ApprovalProcess.id)).where(ApprovalProcess.ticket_id == ticket.id).scalar_subquery()
    query = (
        select(TicketNote.event_type, TicketNote.event_details, TicketNote.created_at, User, _PRINCIPAL.name)
        .join(User, User.id == TicketNote.created_by)
        .outerjoin(_PRINCIPAL, _PRINCIPAL.id == facts["on_behalf_of"].as_integer())
        .where(TicketNote.ticket_id == ticket.id, TicketNote.event_type.in_(_CAME_BACK))
        .where(process == last, words[0].is_not(None) | words[1].is_not(None))
        .order_by(turn.desc(), TicketNote.event_type == "approval_sent_back", TicketNote.seq.desc())
        .limit(1)
    )
    return next((_asked(row) for row in await session.execute(query)), None)


def _asked(row: Any) -> Asked:
    code, facts, at, person, principal = row
    said = facts.get("comment") or facts.get("reason") or ""
    return Asked(person, said, at, facts.get("step_name") or "", code == "approval_rejected", principal or "")
