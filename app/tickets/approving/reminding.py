"""Reminding the approvers of a step by hand: whom it waits for hears of it again, at most once in four hours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.models import TicketNote
from app.actor import Actor
from app.approvals.models import ApprovalProcess, ApprovalProcessStep
from app.db.constants import among
from app.errors import NotAllowed, NotFound, NotPossible, TooMany
from app.tickets.approving.events import KINDS
from app.tickets.desk import Desk
from app.tickets.models import Ticket
from app.tickets.visibility import visible

PAUSE = timedelta(hours=4)
REMINDED = KINDS["approval_reminded"]


@dataclass(frozen=True, slots=True)
class StepPlace:
    """Where a step is: its row, the engine's number for it, and its ticket."""

    id: int
    number: int
    process_id: int
    ticket_no: str
    key: str
    name: str
    round: int


def may_remind(actor: Actor, ticket: Ticket) -> bool:
    """Who watches the work, and who waits for it."""
    return actor.is_manager or actor.is_admin or actor.id in {ticket.created_by, ticket.requester_id}


class Reminding(Desk):
    async def find_step(self, step_id: int) -> StepPlace:
        """A step of a ticket that this person may see; anything else does not exist."""
        step = ApprovalProcessStep
        query = (
            select(step.id, step.number, step.process_id, Ticket.ticket_no, step.step_key, step.name, step.round)
            .join(ApprovalProcess, ApprovalProcess.id == step.process_id)
            .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
            .where(step.id == step_id, visible(self.actor))
        )
        row = (await self.session.execute(query)).one_or_none()
        if row is None:
            raise NotFound
        return StepPlace(*row)

    async def remind(self, place: StepPlace) -> Ticket:
        """Whoever has still to decide is told by the notification rules, which read this event."""
        ticket = await self.lock(place.ticket_no)
        if not may_remind(self.actor, ticket):
            raise NotAllowed("Only who asked and managers can remind the approvers.")
        if not await self._is_open(place):
            raise NotPossible("This step no longer waits for anybody.")
        if await last_reminders(self.session, [place.id], since=await self.now() - PAUSE):
            raise TooMany("The approvers were reminded a short time ago. Wait four hours between two reminders.")
        await self.log.record(
            REMINDED, ticket, process=place.process_id, run=place.number, step_key=place.key, step_name=place.name,
            round=place.round, by_hand=True,
        )  # fmt: skip
        return ticket

    async def _is_open(self, place: StepPlace) -> bool:
        query = (
            select(ApprovalProcessStep.id)
            .join(ApprovalProcess, ApprovalProcess.id == ApprovalProcessStep.process_id)
            .where(ApprovalProcessStep.id == place.id, ApprovalProcessStep.status == "open")
            .where(ApprovalProcess.status == "running", ApprovalProcessStep.superseded.is_(False))
        )
        return (await self.session.execute(query)).scalar() is not None


async def last_reminders(session: AsyncSession, step_ids: Collection[int], *, since: datetime) -> dict[int, datetime]:
    """By step: when its approvers were last reminded by hand, if that was after `since`."""
    if not step_ids:
        return {}
    asked = {"steps": list(step_ids), "since": since}
    return {step_id: at for step_id, at in await session.execute(_last(), asked)}  # noqa: C416


@lru_cache
def _last() -> Select[int, datetime]:
    facts: Any = TicketNote.event_details
    step = ApprovalProcessStep
    return (
        select(step.id, func.max(TicketNote.created_at))
        .join(ApprovalProcess, ApprovalProcess.id == step.process_id)
        .join(TicketNote, TicketNote.ticket_id == ApprovalProcess.ticket_id)
        .where(
            among(step.id, "steps"),
            TicketNote.event_type == REMINDED.code,
            TicketNote.created_at > bindparam("since", type_=DateTime(timezone=True)),
            facts["process"].as_integer() == step.process_id,
            facts["run"].as_integer() == step.number,
        )
        .group_by(step.id)
    )
