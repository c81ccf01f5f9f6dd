"""What waits for me, and my decisions, as JSON."""

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.commands import Decision
from app.approvals.core.voting import SIGN_IN_AGAIN
from app.clock import utc_now
from app.errors import DomainError, Refused
from app.tickets.api.approval import approval_out
from app.tickets.api.shapes import ApprovalOut, DecisionIn, PendingOut, PendingsOut, StepShort, TicketShort
from app.tickets.approving.changed import changed_since_seen
from app.tickets.approving.deciding import Choice, Deciding, SeatPlace, find_seat, note_refusal
from app.tickets.approving.facts import content_hashes
from app.web.api import PAGED, AnyRequest, Json, Named, answer, begin, cleaned, described, limit_of, query_of
from app.web.errors import on_domain_error
from app.web.guards import API, access
from app.web.i18n import N_
from app.web.i18n import gettext as _
from app.web.json_body import read
from app.web.params import row_id
from app.web.transaction import Db, Who
from app.work.repository import Waiting, waiting_as_proxy, waiting_page


class PendingApi(Controller):
    path = "/api/v1/approvals/pending"
    opt = access(API)

    @get(**described("What waits for you", gives=PendingsOut, query=PAGED))
    async def index(self, request: AnyRequest, db: Db, actor: Who) -> Json:
        """What waits for those I stand in for comes with the first page."""
        cursor = query_of(request, PAGED).get("cursor")
        mine = await waiting_page(db, actor, cursor, limit=limit_of(request))
        theirs = [] if cursor else await waiting_as_proxy(db, actor)
        return answer(PendingsOut(await _pendings(db, [*mine.rows, *theirs]), mine.next_cursor))


class DecisionApi(Controller):
    path = "/api/v1/approvals/{seat_id:str}/decision"
    opt = access(API)

    @post(**described("Decide", takes=DecisionIn, gives=ApprovalOut, refuses=(409,)))
    async def decide(
        self, request: AnyRequest, seat_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        place = await find_seat(db, actor, row_id(seat_id))
        deciding = Deciding(db, actor)
        try:
            async with db.begin_nested():
                return await self._decided(request, db, deciding, place)
        except DomainError as error:
            await note_refusal(state.database, actor, error, place)
            return on_domain_error(request, error)

    @delete(**described("Take your decision back, while you can", gives=ApprovalOut, refuses=(409,)))
    async def take_back(
        self, request: AnyRequest, seat_id: FromPath[str], db: Db, actor: Who, state: State
    ) -> Response[Any]:
        place = await find_seat(db, actor, row_id(seat_id))
        deciding = Deciding(db, actor)
        try:
            async with db.begin_nested():
                ticket = await deciding.take_back(place)
        except DomainError as error:
            await note_refusal(state.database, actor, error, place)
            return on_domain_error(request, error)
        await db.flush()
        return answer(await approval_out(db, deciding.desk, ticket))

    async def _decided(self, request: AnyRequest, db: AsyncSession, deciding: Deciding, place: SeatPlace) -> Json:
        ticket = await deciding.desk.lock(place.ticket_no)
        command = await begin(request, db, deciding.actor, ticket)
        if command.known:
            return command.known
        choice = _choice(await read(request, DecisionIn))
        try:
            await deciding.decide(place, choice)
        except DomainError as error:
            if error.extra.get("code") == "stale":
                error.extra["changed"] = await _changed(db, deciding, place, choice)
            if error.extra.get("code") == SIGN_IN_AGAIN:
                raise Refused(_(NEW_TOKEN), code=SIGN_IN_AGAIN) from error
            raise
        await db.flush()
        return await command.keep(answer(await approval_out(db, deciding.desk, ticket)))


NEW_TOKEN = N_(
    "This step asks whoever decides to have given their password within five minutes: "
    "get a new token from POST /api/v1/auth/token and decide with it."
)
WORK_API = [PendingApi, DecisionApi]


def _choice(sent: DecisionIn) -> Choice:
    comment = cleaned("comment", sent.comment or "", limit=10_000, multiline=True, required=False)
    return Choice(Decision(sent.decision), sent.content_hash, comment, sent.on_behalf_of)


async def _changed(db: AsyncSession, deciding: Deciding, place: SeatPlace, choice: Choice) -> list[dict[str, Any]]:
    ticket = await deciding.desk.find(place.ticket_no)
    running = await deciding.running(ticket)
    if running is None:
        return []
    changes = await changed_since_seen(
        db, deciding.actor, ticket, running, seat=place.number, seen_hash=choice.content_hash
    )
    return [{"field": one.field, "before": one.before, "after": one.after} for one in changes]


async def _pendings(db: AsyncSession, rows: Sequence[Waiting]) -> list[PendingOut]:
    hashes = await content_hashes(db, [(row.process_id, row.step_key) for row in rows], now=utc_now())
    return [
        PendingOut(
            id=row.seat_id,
            ticket=TicketShort(row.ticket_no, row.title, Named(row.asker_id, row.asker)),
            step=StepShort(row.step_key, row.step_name),
            round=row.round,
            on_behalf_of=Named(row.principal_id, row.principal or "") if row.principal_id else None,
            content_hash=hashes[row.process_id, row.step_key],
            due_at=row.due_at,
            since=row.since,
        )
        for row in rows
    ]
