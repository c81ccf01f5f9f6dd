"""What would wait for me in a later step: of tickets that I may see anyway, and of no others (promises.md, L17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.actor import Actor
from app.approvals.models import ApprovalProcess
from app.db.constants import constant, planned_each_time, these
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.paging import Page, cut, decode_cursor

PAGE = 50


@dataclass(frozen=True, slots=True)
class ComingUp:
    """`foreseen`: the steps ahead, as they were worked out when the approval moved last."""

    process_id: int
    ticket_id: int
    ticket_no: str
    title: str
    asker_id: int
    asker: str
    restricted: bool
    opened_at: datetime
    foreseen: Sequence[dict[str, Any]]

    def step_of(self, actor: Actor) -> str:
        """The first that would ask this person."""
        mine = (step for step in self.foreseen if _asks(step, actor))
        return str(next((step["step"] for step in mine), ""))


async def coming_up_page(
    session: AsyncSession, actor: Actor, cursor: str | None, *, limit: int = PAGE
) -> Page[ComingUp]:
    """Who has waited longest comes first; both arrays are indexed, so it costs what it finds."""
    columns = (
        ApprovalProcess.id.label("process_id"), Ticket.id.label("ticket_id"), Ticket.ticket_no, Ticket.title,
        Ticket.requester_id.label("asker_id"), User.name.label("asker"),
        (Ticket.visibility == "restricted").label("restricted"), ApprovalProcess.opened_at, ApprovalProcess.foreseen,
    )  # fmt: skip
    query = coming_up(actor, *columns).join(User, User.id == Ticket.requester_id)
    query = query.order_by(ApprovalProcess.opened_at, ApprovalProcess.id).limit(limit + 1)
    if after := decode_cursor(cursor, (datetime, int)):
        query = query.where(func.row(ApprovalProcess.opened_at, ApprovalProcess.id) > func.row(*after))
    rows = [ComingUp(**row) for row in (await session.execute(planned_each_time(query))).mappings()]
    return cut(rows, limit, lambda row: [row.opened_at, row.process_id])


def coming_up(actor: Actor, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(ApprovalProcess)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(ApprovalProcess.status == constant("running"), _would_ask(actor), visible(actor))
    )


def _would_ask(actor: Actor) -> ColumnElement[bool]:
    """Me, or a pool of a role of mine; whoever asks decides nothing of it."""
    me = ApprovalProcess.foreseen_user_ids.contains(these([actor.id]))
    pool = ApprovalProcess.foreseen_role_ids.overlap(these(actor.role_ids))
    asking = or_(Ticket.created_by == actor.id, Ticket.requester_id == actor.id)
    return or_(me, and_(pool, ~asking)) if actor.role_ids else me


def _asks(step: dict[str, Any], actor: Actor) -> bool:
    return actor.id in step["users"] or bool(actor.role_ids & set(step["roles"]))
