"""From seats to the figures of the tally: who has voted, who still may, and how a step stands."""

from dataclasses import replace

from app.approvals.core.context import Context
from app.approvals.core.eligibility import engaged, pool_members, why_void
from app.approvals.core.state import Seat, SeatKind, SeatStatus, State, StepRun
from app.approvals.core.tally import Count, Standing, needed, standing


def may_still_vote(state: State, ctx: Context, run: StepRun) -> frozenset[int]:
    """Distinct people, over all seats and pools that are tallied."""
    people: set[int] = set()
    for seat in run.seats:
        if not seat.is_pending or seat.kind is not SeatKind.OWN:
            continue
        if seat.is_pool:
            people |= pool_members(state, ctx, run, seat)
        elif seat.user_id is not None and why_void(state, ctx, run, seat) is None:
            people.add(seat.user_id)
    return frozenset(people)


def placed(state: State, ctx: Context, run: StepRun) -> frozenset[int]:
    """Everybody with a place in the step, a pool's members too: a further seat would make one voice of two."""
    return engaged(run) | may_still_vote(state, ctx, run)


def count(state: State, ctx: Context, run: StepRun) -> Count:
    own = [seat for seat in run.seats if seat.kind is SeatKind.OWN and seat.counted and not seat.is_pool]

    def tallied(status: SeatStatus) -> int:
        return sum(seat.status is status for seat in own)

    return Count(
        seats=len(own),
        approved=tallied(SeatStatus.APPROVED),
        rejected=tallied(SeatStatus.REJECTED),
        abstained=tallied(SeatStatus.ABSTAINED),
        pending=len(may_still_vote(state, ctx, run)),
    )


def standing_of(state: State, ctx: Context, run: StepRun) -> Standing:
    """The tally, and beside it the required seats, which can hold an approval back but never bring it about."""
    step = ctx.flow.steps[run.step_key]
    tallied = standing(step.mode, step.threshold, step.reject, step.wait_all, count(state, ctx, run))
    required = [seat for seat in run.seats if seat.kind is SeatKind.REQUIRED and seat.counted]
    if any(seat.status is SeatStatus.REJECTED for seat in required):
        return Standing.REJECTED
    if tallied is not Standing.APPROVED or all(seat.status is SeatStatus.APPROVED for seat in required):
        return tallied
    return Standing.OPEN if any(seat.is_pending for seat in required) else Standing.STUCK


def would_complete(state: State, ctx: Context, run: StepRun, seat: Seat) -> bool:
    """Whether an approval on this seat would be the last that the step needs."""
    if seat.kind is SeatKind.ADVICE:
        return False
    step, now = ctx.flow.steps[run.step_key], count(state, ctx, run)
    own = seat.kind is SeatKind.OWN
    then = replace(now, approved=now.approved + 1, pending=max(now.pending - 1, 0)) if own else now
    others = [one for one in run.seats if one.kind is SeatKind.REQUIRED and one.counted and one is not seat]
    approved = standing(step.mode, step.threshold, step.reject, step.wait_all, then) is Standing.APPROVED
    return approved and all(one.status is SeatStatus.APPROVED for one in others)


def bar(state: State, ctx: Context, run: StepRun) -> int:
    step = ctx.flow.steps[run.step_key]
    return needed(step.mode, step.threshold, count(state, ctx, run))
