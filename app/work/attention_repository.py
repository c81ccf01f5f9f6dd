"""Approvals that an administrator has to look at, of the tickets that they may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalProcessStep
from app.db.constants import planned_each_time
from app.tickets.models import Ticket
from app.tickets.visibility import visible
from app.web.paging import Page, cut, decode_cursor

PAGE = 50


@dataclass(frozen=True, slots=True)
class Needing:
    """`why`: (code, step's name or nothing), as the engine flagged it."""

    process_id: int
    ticket_no: str
    title: str
    restricted: bool
    status: str
    approval: str | None
    asker_id: int
    asker: str
    since: datetime
    why: list[tuple[str, str]]


def needing_attention(actor: Actor) -> Select[Any]:
    return (
        select(ApprovalProcess.id)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(ApprovalProcess.attention.is_not(None), ApprovalProcess.closed_at.is_(None), visible(actor))
    )


async def needing_page(session: AsyncSession, actor: Actor, cursor: str | None, *, limit: int = PAGE) -> Page[Needing]:
    """Longest in its state first."""
    query = (
        needing_attention(actor)
        .join(User, User.id == Ticket.requester_id)
        .with_only_columns(
            ApprovalProcess.id.label("process_id"), Ticket.ticket_no, Ticket.title, Ticket.status, Ticket.approval,
            (Ticket.visibility == "restricted").label("restricted"), Ticket.requester_id.label("asker_id"),
            User.name.label("asker"), Ticket.status_since.label("since"),
            ApprovalProcess.state["attention"].label("flags"),
        )
        .order_by(Ticket.status_since, ApprovalProcess.id)
        .limit(limit + 1)
    )  # fmt: skip
    if after := decode_cursor(cursor, (datetime, int)):
        query = query.where(func.row(Ticket.status_since, ApprovalProcess.id) > func.row(*after))
    rows = (await session.execute(planned_each_time(query))).mappings().all()
    names = await _step_names(session, [row["process_id"] for row in rows])
    found = [_needing(row, names) for row in rows]
    return cut(found, limit, lambda row: [row.since, row.process_id])


def _needing(row: Any, names: dict[tuple[int, int], str]) -> Needing:
    plain = dict(row)
    flags = plain.pop("flags") or []
    return Needing(**plain, why=[(one["code"], names.get((row["process_id"], one["run"] or 0), "")) for one in flags])


async def _step_names(session: AsyncSession, process_ids: Sequence[int]) -> dict[tuple[int, int], str]:
    step = ApprovalProcessStep
    query = select(step.process_id, step.number, step.name).where(step.process_id.in_(process_ids))
    return {(row.process_id, row.number): row.name for row in await session.execute(query)}
