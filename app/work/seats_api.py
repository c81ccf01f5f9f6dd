"""Handing a seat over, asking somebody too, and an administrator's ways out, as JSON."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, Response, post
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from app.actor import Actor
from app.approvals.core.state import RunStatus, SeatKind
from app.errors import DomainError, NotFound
from app.tickets.api.approval import approval_out
from app.tickets.api.shapes import ApprovalOut
from app.tickets.approving.deciding import find_seat, note_refused
from app.tickets.approving.handing_over import HandingOver, Wish
from app.tickets.approving.rescue import RescueDesk
from app.tickets.approving.rescue_acts import ACTS, Help, perform
from app.tickets.models import Ticket
from app.tickets.visibility import may_see
from app.web.api import AnyRequest, Id, Json, Moment, Sent, answer, begin, cleaned, described, nothing
from app.web.errors import on_domain_error
from app.web.guards import API, API_ADMIN, access
from app.web.json_body import read
from app.web.params import row_id
from app.web.params import ticket_no as canonical
from app.web.transaction import Db, Who

Reason = Annotated[str, Meta(max_length=2_000)]


class DelegationIn(Sent):
    """An administrator who hands somebody else's seat over gives a reason."""

    to_user_id: Id
    reason: Reason = ""


class FurtherApproverIn(Sent):
    """`advice` decides nothing; `required` holds the step until they approve."""

    user_id: Id
    reason: Reason
    kind: Literal["advice", "required"] = "advice"


class HelpIn(Sent, kw_only=True):
    """What the act needs of it: `approver_id` is a seat's id, `step` a step's key."""

    reason: Reason
    step: Annotated[str, Meta(max_length=63)] = ""
    approver_id: Id | None = None
    user_id: Id | None = None
    kind: Literal["own", "required", "advice"] = "own"
    due_at: Moment | None = None
    outcome: Literal["approved", "rejected"] | None = None

    @property
    def given(self) -> Help:
        due_at: datetime | None = self.due_at
        return Help(
            reason=cleaned("reason", self.reason, limit=2_000, multiline=True, required=False), step=self.step,
            seat=self.approver_id, user_id=self.user_id, kind=SeatKind(self.kind), due_at=due_at,
            outcome=RunStatus(self.outcome) if self.outcome else None,
        )  # fmt: skip


class SeatsApi(Controller):
    path = "/api/v1/approvals/{seat_id:str}"
    opt = access(API)

    @post("/delegation", **described("Hand your seat over", takes=DelegationIn, gives=ApprovalOut, refuses=(409,)))
    async def delegate(
        self, request: AnyRequest, seat_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        place = await find_seat(db, actor, row_id(seat_id))

        async def act(desk: RescueDesk, ticket: Ticket) -> None:
            sent = await read(request, DelegationIn)
            reason = cleaned("reason", sent.reason, limit=2_000, multiline=True, required=False)
            await desk.delegate(ticket, seat=place.number, to=sent.to_user_id, reason=reason)

        return await _answered(request, db, actor, state, place.ticket_no, act, seat=place.id)

    @post("/approvers", **described("Ask somebody too", takes=FurtherApproverIn, gives=ApprovalOut, refuses=(409,)))
    async def ask_too(
        self, request: AnyRequest, seat_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        place = await find_seat(db, actor, row_id(seat_id))

        async def act(_desk: RescueDesk, _ticket: Ticket) -> None:
            sent = await read(request, FurtherApproverIn)
            reason = cleaned("reason", sent.reason, limit=2_000, multiline=True, required=False)
            await HandingOver(db, actor).ask_too(place, Wish(sent.user_id, reason, SeatKind(sent.kind)))

        return await _answered(request, db, actor, state, place.ticket_no, act, seat=place.id)


class RescueApi(Controller):
    """`noun`: re-resolution, approver, replacement, release, opening, extension, return, cancellation, closure."""

    path = "/api/v1/tickets/{ticket_no:str}/approval"
    opt = access(API_ADMIN)

    @post("/{noun:str}", **described("Help a stuck approval", takes=HelpIn, gives=ApprovalOut, refuses=(409,)))
    async def help(
        self, request: AnyRequest, ticket_no: FromPath[str], noun: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        number = canonical(ticket_no)
        if noun not in ACTS:
            raise NotFound

        async def act(desk: RescueDesk, ticket: Ticket) -> None:
            await perform(desk, ticket, noun, (await read(request, HelpIn)).given)

        return await _answered(request, db, actor, state, number, act, ticket=number)


Act = Callable[[RescueDesk, Ticket], Awaitable[None]]


async def _answered(
    request: AnyRequest, db: AsyncSession, actor: Actor, state: State, number: str, act: Act, **about: Any
) -> Response[Any]:
    """The approval as it is then; each refusal for want of right is on the record."""
    try:
        async with db.begin_nested():
            return await _done(request, db, actor, number, act)
    except DomainError as error:
        await note_refused(state.database, actor, error, **about)
        return on_domain_error(request, error)


async def _done(request: AnyRequest, db: AsyncSession, actor: Actor, number: str, act: Act) -> Json:
    desk = RescueDesk(db, actor)
    ticket = await desk.lock(number)
    command = await begin(request, db, actor, ticket)
    if command.known:
        return command.known
    await act(desk, ticket)
    await db.flush()
    if not await may_see(db, actor, ticket.id):  # they gave away what they had not used (promise L17)
        return await command.keep(nothing())
    return await command.keep(answer(await approval_out(db, desk, ticket)))
