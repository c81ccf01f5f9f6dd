"""The engine's state as rows: what queries, constraints and readers need of it."""

from collections.abc import Collection, Iterable

from sqlalchemy import BigInteger, DateTime, Integer, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.approvals.core.context import Context
from app.approvals.core.eligibility import barred
from app.approvals.core.outcome import Access, TimerRef, access, pending_timers
from app.approvals.core.state import Seat, State, StepRun, state_to_json
from app.approvals.email_links import revoke_links
from app.approvals.models import (
    FAR_AWAY,
    ApprovalProcess,
    ApprovalProcessStep,
    ApprovalProcessStepApprover,
    ApprovalTimer,
)
from app.clock import utc_now
from app.db.constants import among, given, given_rows, plain_write, table_of
from app.tickets.access import Principal, set_access
from app.tickets.models import AccessReason

Seats = dict[int, ApprovalProcessStepApprover]
"""Rows by the engine's number."""


_STEPS = select(ApprovalProcessStep).where(ApprovalProcessStep.process_id == given("process"))
_SEATS = select(ApprovalProcessStepApprover).where(among(ApprovalProcessStepApprover.step_id))
_TIMERS = select(ApprovalTimer).where(
    among(ApprovalTimer.step_id), ApprovalTimer.cleared_at.is_(None), ApprovalTimer.fired_at.is_(None)
)
_TIMER = ("step_id", "kind", "ordinal", "due_at")
_NEW_TIMERS = given_rows(step_id=BigInteger, kind=Text, ordinal=Integer, due_at=DateTime(timezone=True))
_SET = plain_write(
    insert(table_of(ApprovalTimer))
    .from_select(_TIMER, select(*_NEW_TIMERS.c), include_defaults=False)
    .on_conflict_do_update(constraint="uq_approval_timers", set_={"cleared_at": None})
)
_OF_APPROVERS = (AccessReason.ASKED, AccessReason.DEPUTY, AccessReason.WAS_ASKED)


async def project(session: AsyncSession, process: ApprovalProcess, state: State, context: Context) -> None:
    process.status, process.stage, process.round = state.status, state.stage, state.round
    process.closed_at = state.closed_at
    process.attention = ",".join(one.code for one in state.attention) or None
    process.state = state_to_json(state)
    await session.flush()
    steps = await _project_steps(session, process, state, context)
    await _project_seats(session, state, steps)
    await _project_access(session, process, access(state))
    await _project_timers(session, steps, pending_timers(state))


async def _project_steps(
    session: AsyncSession, process: ApprovalProcess, state: State, context: Context
) -> dict[int, ApprovalProcessStep]:
    rows = {row.number: row for row in (await session.execute(_STEPS, {"process": process.id})).scalars()}
    for run in state.runs:
        row = rows.get(run.number)
        if row is None:
            name = context.flow.steps[run.step_key].name
            row = rows[run.number] = ApprovalProcessStep(
                process_id=process.id, number=run.number, step_key=run.step_key, name=name, round=run.round,
                stage=run.stage, status=run.status,
            )  # fmt: skip
            session.add(row)
        _copy_run(row, run)
        kept_out = sorted(barred(state, context, context.flow.steps[run.step_key])) if run.is_open else []
        if row.barred_ids != kept_out:
            row.barred_ids = kept_out
    await session.flush()
    return rows


def _copy_run(row: ApprovalProcessStep, run: StepRun) -> None:
    row.status, row.superseded = run.status, run.superseded
    row.opened_at, row.closed_at, row.due_at = run.opened_at, run.closed_at, run.due_at


async def _project_seats(session: AsyncSession, state: State, steps: dict[int, ApprovalProcessStep]) -> None:
    """Rows that were there change first, so that a seat given up makes room for the one that follows it."""
    step_ids = [step.id for step in steps.values()]
    rows: Seats = {row.number: row for row in (await session.execute(_SEATS, {"ids": step_ids})).scalars()}
    new, given_away = [], []
    for run in state.runs:
        for seat in run.seats:
            if (row := rows.get(seat.number)) is not None:
                if row.user_id != seat.user_id:
                    given_away.append(row.id)
                _copy_seat(row, seat)
                _queue(row, seat, run, state, steps[run.number].barred_ids)
            else:
                new.append((run, seat))
    await session.flush()
    await revoke_links(session, step_ids, given_away)
    for run, seat in sorted(new, key=lambda pair: pair[1].pool is not None):
        if seat.pool is not None and rows[seat.pool].id is None:
            await session.flush()
        row = rows[seat.number] = ApprovalProcessStepApprover(
            step_id=steps[run.number].id,
            number=seat.number,
            role_id=seat.role_id if seat.is_pool else None,
            pool_id=rows[seat.pool].id if seat.pool is not None else None,
            origin=seat.origin,
            provenance=dict(seat.provenance),
        )
        _copy_seat(row, seat)
        _queue(row, seat, run, state, steps[run.number].barred_ids)
        session.add(row)
    await session.flush()


def _copy_seat(row: ApprovalProcessStepApprover, seat: Seat) -> None:
    row.user_id, row.status, row.void_reason = seat.user_id, seat.word, seat.void_reason
    row.acted_by, row.on_behalf_of, row.proxy_id = seat.acted_by, seat.on_behalf_of, seat.proxy_id
    row.comment, row.decided_at, row.seen_hash, row.via = seat.comment, seat.decided_at, seat.seen_hash, seat.via


def _queue(row: ApprovalProcessStepApprover, seat: Seat, run: StepRun, state: State, kept_out: Collection[int]) -> None:
    """The inbox reads this and nothing else: for some people thousands of requests wait."""
    asked = state.status == "running" and run.status == "open" and not run.superseded and seat.word == "pending"
    waits = asked and not _has_spoken(run, seat.user_id)
    row.queue_due = (run.due_at or FAR_AWAY) if waits else None
    row.queue_since = run.opened_at if waits else None
    deputies = [one for one in seat.deputies if one not in kept_out and not _has_spoken(run, one)] if waits else []
    if (row.deputy_ids or []) != deputies:
        row.deputy_ids = deputies


def _has_spoken(run: StepRun, user_id: int | None) -> bool:
    """One person is one vote, and it is cast. Of a pool each member is asked by who they are: see the inbox."""
    cast = (seat for seat in run.seats if seat.decided_at is not None and seat.word != "void")
    return user_id is not None and any(user_id in (seat.acted_by, seat.on_behalf_of) for seat in cast)


async def _project_access(session: AsyncSession, process: ApprovalProcess, rows: Iterable[Access]) -> None:
    wanted: dict[AccessReason, list[Principal]] = {reason: [] for reason in _OF_APPROVERS}
    for row in rows:
        wanted[AccessReason(row.reason)].append(Principal(row.user_id, row.role_id))
    await set_access(session, process.ticket_id, wanted, source_id=process.id)


async def _project_timers(
    session: AsyncSession, steps: dict[int, ApprovalProcessStep], pending: frozenset[TimerRef]
) -> None:
    """One row a timer; whoever fires it asks the engine, which says whether it still means anything."""
    wanted = {(steps[timer.run].id, str(timer.kind), timer.ordinal, timer.due_at) for timer in pending}
    step_ids = [step.id for step in steps.values()]
    found = (await session.execute(_TIMERS, {"ids": step_ids})).scalars()
    rows = {(row.step_id, row.kind, row.ordinal, row.due_at): row for row in found}
    for key in rows.keys() - wanted:
        rows[key].cleared_at = utc_now()
    await session.flush()
    if new := sorted(wanted - rows.keys()):
        await session.execute(_SET, dict(zip(_TIMER, zip(*new, strict=True), strict=True)))
