"""Rules 4 and 8: who may have a say in a step, and why not."""

from dataclasses import dataclass
from datetime import datetime

from app.approvals.core.context import Context, Proxy
from app.approvals.core.definition import Flow, Step, WhenRequester
from app.approvals.core.state import (
    DECIDED,
    Seat,
    SeatStatus,
    State,
    StepRun,
    VoidReason,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The role, manager or matrix entry by which somebody is entitled: by whom made, and when."""

    made_by: int | None = None
    made_at: datetime | None = None


NO_ENTRY = Entry()


def ineligible(
    state: State, ctx: Context, step: Step, run: StepRun | None, person: int, entry: Entry = NO_ENTRY
) -> VoidReason | None:
    """Why this person has no say in this step; None: they may. For holders, proxies, delegates and targets alike."""
    if not ctx.person(person).active:
        return VoidReason.INACTIVE
    if person in state.askers and step.requester is not WhenRequester.ALLOW:
        return VoidReason.REQUESTER if person == state.creator_id else VoidReason.REQUESTED_FOR
    if person in editors(state, ctx) and not step.editors_may_approve:
        return VoidReason.EDITOR
    if decided_apart(state, ctx.flow, step, person):
        return VoidReason.DECIDED_ANOTHER_STEP
    if run is not None and has_voted(run, person):
        return VoidReason.ALREADY_VOTED
    if of_own_making(state, ctx, person, entry):
        return VoidReason.OWN_MAKING
    return None


def editors(state: State, ctx: Context) -> frozenset[int]:
    """The askers' own edits don't count here: the requester rule decides about them."""
    return ctx.editors - state.askers


def decided_apart(state: State, flow: Flow, step: Step, person: int) -> bool:
    return person in _deciders_apart(state, flow, step)


def _deciders_apart(state: State, flow: Flow, step: Step) -> frozenset[int]:
    """Who has spoken, or was spoken for, in a step whose deciders may not decide here."""
    apart = flow.kept_apart.get(step.key, frozenset())
    runs = (run for run in state.live_runs if run.step_key in apart)
    return frozenset(voter for run in runs for seat in run.seats if seat.status in DECIDED for voter in seat.voters)


def barred(state: State, ctx: Context, step: Step) -> frozenset[int]:
    """Who has no say in this step, whatever leads them to it. For queues, which know who asked and who voted in it."""
    apart = _deciders_apart(state, ctx.flow, step)
    return apart if step.editors_may_approve else apart | editors(state, ctx)


def has_voted(run: StepRun, person: int) -> bool:
    return any(person in seat.voters for seat in run.votes)


def of_own_making(state: State, ctx: Context, person: int, entry: Entry) -> bool:
    if entry.made_at is None or entry.made_by is None or state.opened_at is None:
        return False
    return entry.made_at >= state.opened_at and entry.made_by in {person} | state.askers | editors(state, ctx)


def why_void(state: State, ctx: Context, run: StepRun, seat: Seat) -> VoidReason | None:
    """Why a pending seat's holder may no longer vote on it."""
    if seat.user_id is None:
        return None
    reason = ineligible(state, ctx, ctx.flow.steps[run.step_key], run, seat.user_id, seat_entry(seat))
    if reason is None and seat.member_of is not None and ctx.membership(seat.member_of, seat.user_id) is None:
        return VoidReason.LEFT_GROUP
    return reason


def seat_entry(seat: Seat) -> Entry:
    return Entry(seat.made_by, seat.made_at)


def pool_members(state: State, ctx: Context, run: StepRun, pool: Seat) -> frozenset[int]:
    """Who may vote on the pool now. Whoever has a seat of their own votes on that."""
    step = ctx.flow.steps[run.step_key]
    own = holders(run)
    entitled = {
        one.user_id: Entry(one.made_by, one.made_at)
        for one in ctx.members_of(pool.role_id)
        if not of_own_making(state, ctx, one.user_id, seat_entry(pool))
    }
    entitled |= dict.fromkeys(pool.deputies, NO_ENTRY)
    return frozenset(
        person
        for person, entry in entitled.items()
        if person not in own and ineligible(state, ctx, step, run, person, entry) is None
    )


def holders(run: StepRun) -> frozenset[int]:
    """People with a seat of their own that is pending or voted."""
    return frozenset(
        seat.user_id for seat in run.seats if seat.user_id is not None and seat.status is not SeatStatus.VOID
    )


def engaged(run: StepRun) -> frozenset[int]:
    """Holders and deputies: none of them can be given a further seat here. (Who voted for others is ineligible.)"""
    return holders(run) | {deputy for seat in run.seats if seat.is_pending for deputy in seat.deputies}


def proxy_between(state: State, ctx: Context, principal: int | None, actor: int | None) -> Proxy | None:
    proxy = ctx.proxy(principal, actor)
    if proxy is None or of_own_making(state, ctx, proxy.proxy_id, Entry(proxy.created_by, proxy.created_at)):
        return None
    return proxy


def is_barred_admin(state: State, ctx: Context, actor: int) -> bool:
    return actor in state.askers or actor in ctx.editors
