"""Deciding on a seat by its id: the page, the inbox, the API and bulk acts all come through here."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.events import ACCESS_REFUSED
from app.accounts.models import User
from app.activity.log import ActivityLog
from app.actor import Actor
from app.approvals.core.commands import Decision
from app.approvals.core.explain import explain
from app.approvals.core.state import VoidReason
from app.approvals.models import ApprovalProcess, ApprovalProcessStep, ApprovalProcessStepApprover
from app.db.constants import given
from app.db.session import Database
from app.errors import DomainError, NotAllowed, NotFound
from app.tickets.approving.desk import ApprovalDesk, Running
from app.tickets.commands import CommandBook, request_sha256
from app.tickets.models import Ticket
from app.tickets.visibility import visible

_SEAT = ApprovalProcessStepApprover
_ROW = (
    select(_SEAT.id)
    .join(ApprovalProcessStep, ApprovalProcessStep.id == _SEAT.step_id)
    .where(ApprovalProcessStep.process_id == given("process"), _SEAT.number == given("number"))
)


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """Where a seat is: its row, the engine's number for it, and its ticket."""

    id: int
    number: int
    process_id: int
    ticket_no: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decides, as they sent it; `key` makes a double click one decision."""

    decision: Decision
    content_hash: str
    comment: str = ""
    on_behalf_of: int | None = None
    key: str = ""


async def find_seat(session: AsyncSession, actor: Actor, seat_id: int) -> SeatPlace:
    """A seat of a ticket that this person may see; anything else does not exist."""
    row = (await session.execute(_place(actor.rights), {"seat": seat_id})).one_or_none()
    if row is None:
        raise NotFound
    return SeatPlace(row.id, row.number, row.process_id, row.ticket_no)


@lru_cache(maxsize=1000)
def _place(actor: Actor) -> Select[int, int, int, str]:
    return (
        select(_SEAT.id, _SEAT.number, ApprovalProcessStep.process_id, Ticket.ticket_no)
        .join(ApprovalProcessStep, ApprovalProcessStep.id == _SEAT.step_id)
        .join(ApprovalProcess, ApprovalProcess.id == ApprovalProcessStep.process_id)
        .join(Ticket, Ticket.id == ApprovalProcess.ticket_id)
        .where(_SEAT.id == given("seat"), visible(actor))
    )


class Deciding:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor
        self.desk = ApprovalDesk(session, actor)

    async def decide(self, place: SeatPlace, choice: Choice) -> tuple[Ticket, Running | None]:
        """The ticket and its approval after it. The same key once more changes nothing and answers as the first did."""
        ticket = await self.desk.lock(place.ticket_no)
        if choice.key and await self._was_answered(place, choice, ticket):
            return ticket, await self.desk.running(ticket)
        return ticket, await self.desk.decide(
            ticket, seat=place.number, decision=choice.decision, seen_hash=choice.content_hash,
            comment=choice.comment, on_behalf_of=choice.on_behalf_of,
        )  # fmt: skip

    async def take_back(self, place: SeatPlace) -> Ticket:
        ticket = await self.desk.lock(place.ticket_no)
        await self.desk.retract(ticket, seat=await self._vote_on(ticket, place))
        return ticket

    async def _vote_on(self, ticket: Ticket, place: SeatPlace) -> int:
        """Who decided for a group did so on a seat of their own, and may name the group's all the same."""
        running = await self.desk.running(ticket)
        undo = running.state.undo if running else None
        found = running.state.seat(undo.seat) if running and undo else None
        return found[1].number if found and found[1].pool == place.number else place.number

    async def running(self, ticket: Ticket) -> Running | None:
        return await self.desk.running(ticket)

    async def retractable(self, running: Running, place: SeatPlace) -> int | None:
        """The row of this person's own vote while they can take it back, mostly that of the seat they decided on."""
        number = explain(running.state, self.actor.id, running.context).retractable
        if number is None:
            return None
        if number == place.number:
            return place.id
        return (await self.session.execute(_ROW, {"process": running.process.id, "number": number})).scalar()

    async def _was_answered(self, place: SeatPlace, choice: Choice, ticket: Ticket) -> bool:
        """One form pressed twice with two answers is two commands: the engine says who decided when."""
        asked = [str(choice.decision), choice.comment, choice.content_hash, choice.on_behalf_of]
        sha = request_sha256("POST", f"/approvals/{place.id}/decision", asked)
        book = CommandBook(self.session, self.actor)
        first = await book.first_answer(f"{choice.key} {sha}", kind="decision", request_sha=sha, ticket_id=ticket.id)
        return first is not None


FOUR_EYES = frozenset(
    str(reason)
    for reason in (
        VoidReason.REQUESTER, VoidReason.REQUESTED_FOR, VoidReason.EDITOR, VoidReason.DECIDED_ANOTHER_STEP,
        VoidReason.OWN_MAKING,
    )
)  # fmt: skip
"""Why somebody else may not be brought in either: tries to get round them are kept, whoever makes them."""


async def note_refusal(database: Database, actor: Actor, error: DomainError, place: SeatPlace) -> None:
    await note_refused(database, actor, error, seat=place.id)


async def note_refused(database: Database, actor: Actor, error: DomainError, **about: Any) -> None:
    """Each try for want of right is on the record, in a transaction of its own (approvals.md, rule 13)."""
    code = error.extra.get("code")
    if not isinstance(error, NotAllowed) and code not in FOUR_EYES:
        return
    async with database.in_its_own() as session:
        log = ActivityLog(session, actor)
        facts = {"reason": error.sentence, "code": code, **about}
        await log.audit_about(ACCESS_REFUSED, User.__tablename__, actor.id, **facts)


async def rows_of_seats(session: AsyncSession, process_id: int) -> dict[int, int]:
    """From the engine's seat numbers to the ids that URLs and the API use."""
    query = (
        select(ApprovalProcessStepApprover.number, ApprovalProcessStepApprover.id)
        .join(ApprovalProcessStep, ApprovalProcessStep.id == ApprovalProcessStepApprover.step_id)
        .where(ApprovalProcessStep.process_id == process_id)
    )
    return {row.number: row.id for row in await session.execute(query)}
