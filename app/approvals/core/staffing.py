"""Who sits where: handing a seat over, adding, replacing, letting go, working the approvers out anew."""

from collections.abc import Iterator

from app.approvals.core.commands import AddApprover, Delegate, GoOnWithout, ReplaceSeat, ReResolve
from app.approvals.core.context import Candidate, Context, ResolvedLine
from app.approvals.core.counting import may_still_vote, placed
from app.approvals.core.denied import N_, Denied, conflict, forbidden, invalid
from app.approvals.core.eligibility import ineligible, is_barred_admin, why_void
from app.approvals.core.events import SeatAdded, SeatDelegated, SeatLetGo, SeatReplaced, StepReResolved
from app.approvals.core.seating import free_candidates, pool_for, seat_for
from app.approvals.core.state import (
    Origin,
    Seat,
    SeatKind,
    SeatStatus,
    State,
    StepRun,
    VoidReason,
)
from app.approvals.core.turn import Turn
from app.approvals.core.voting import SENTENCES, why_closed

MOST_HOPS = 3


def why_not_admin(state: State, ctx: Context, actor: int, reason: str | None) -> Denied | None:
    """Rule 4: who asked for or edited a ticket has no admin's power over its approval."""
    person = ctx.person(actor)
    if not person.active or not person.is_admin:
        return forbidden("not_an_admin", N_("Only an administrator does this."))
    if is_barred_admin(state, ctx, actor):
        return forbidden("barred", N_("You asked for or edited this request, so another administrator has to do this."))
    if not (reason or "").strip():
        return invalid("reason_required", N_("Give a reason."))
    return None


def why_not_open(state: State, number: int) -> Denied | None:
    run = state.run(number)
    if run is None:
        return conflict("no_such_step", N_("There is no such step."))
    if not run.is_open:
        return conflict("step_closed", N_("This step is closed: it no longer waits for a decision."))
    return None


def why_not_seated(state: State, ctx: Context, run: StepRun, actor: int, target: int) -> Denied | None:
    """Nobody becomes an approver by their own act, takes a second place, or comes in where they could not vote."""
    if actor == target:
        return forbidden("own_making", SENTENCES[VoidReason.OWN_MAKING], user=actor)
    if target in placed(state, ctx, run):
        return conflict("has_a_seat", N_("%(user)s already has a place in this step."), user=target)
    reason = ineligible(state, ctx, ctx.flow.steps[run.step_key], run, target)
    return conflict(reason.value, SENTENCES[reason], user=target) if reason else None


def check_delegate(state: State, ctx: Context, command: Delegate) -> Denied | None:
    found = state.seat(command.seat)
    if found is None:
        return conflict("no_such_seat", N_("There is no such request for approval."))
    run, seat = found
    return (
        why_closed(run, seat)
        or _why_no_giver(state, ctx, run, seat, command)
        or _why_not_passed_on(seat, command.to)
        or why_not_seated(state, ctx, run, command.actor, command.to)
    )


def _why_no_giver(state: State, ctx: Context, run: StepRun, seat: Seat, command: Delegate) -> Denied | None:
    if seat.is_pool:
        return conflict("pool", N_("A request to a whole group can't be handed over."))
    if command.actor == seat.user_id:
        reason = why_void(state, ctx, run, seat)
        return forbidden(reason.value, SENTENCES[reason], user=command.actor) if reason else None
    if not ctx.person(command.actor).is_admin:
        return forbidden("not_an_approver", N_("Only who was asked, or an administrator, hands this over."))
    return why_not_admin(state, ctx, command.actor, command.reason)


def _why_not_passed_on(seat: Seat, target: int) -> Denied | None:
    if len(seat.delegated_from) >= MOST_HOPS:
        return conflict("too_many_hops", N_("This was handed over three times already."))
    if target in seat.delegated_from:
        return conflict("held_before", N_("%(user)s handed this over before."), user=target)
    return None


def delegate(turn: Turn, command: Delegate) -> None:
    run, seat = turn.seat(command.seat)
    facts = {"giver": seat.user_id, "to": command.to, "reason": command.reason}
    turn.happened(SeatDelegated, run=run.number, seat=seat.number, **facts)


def check_add(state: State, ctx: Context, command: AddApprover) -> Denied | None:
    closed = why_not_open(state, command.run)
    run = state.run(command.run)
    if closed is not None or run is None:
        return closed
    if command.kind is SeatKind.OWN or command.actor not in seated_people(state, ctx, run):
        denied = why_not_admin(state, ctx, command.actor, command.reason)
        if denied is not None:
            return denied
    if command.kind is not SeatKind.OWN and not ctx.flow.steps[run.step_key].ad_hoc:
        return conflict("no_ad_hoc", N_("This step takes no further approvers."))
    if not command.reason.strip():
        return invalid("reason_required", N_("Give a reason."))
    return why_not_seated(state, ctx, run, command.actor, command.user_id)


def seated_people(state: State, ctx: Context, run: StepRun) -> frozenset[int]:
    """Who holds a seat of the tally now: who may still vote, and who has voted in their own right."""
    voted = {seat.user_id for seat in run.votes if seat.kind is SeatKind.OWN and seat.acted_by == seat.user_id}
    active = {person for person in voted if person is not None and ctx.person(person).active}
    return may_still_vote(state, ctx, run) | active


def add(turn: Turn, command: AddApprover) -> None:
    why = {"source": "added", "by": command.actor}
    new = Seat(
        turn.state.next_number, command.user_id, kind=command.kind, origin=Origin.ADDED, provenance=why,
        made_by=command.actor, made_at=turn.ctx.now,
    )  # fmt: skip
    turn.happened(SeatAdded, run=command.run, seat=new, reason=command.reason)


def _is_gap(seat: Seat) -> bool:
    return seat.status is SeatStatus.VOID and seat.counted and seat.kind is not SeatKind.ADVICE


def check_replace(state: State, ctx: Context, command: ReplaceSeat) -> Denied | None:
    denied = _why_not_loosened(state, ctx, command)
    found = state.seat(command.seat)
    if denied is not None or found is None:
        return denied
    return why_not_seated(state, ctx, found[0], command.actor, command.user_id)


def _why_not_loosened(state: State, ctx: Context, command: ReplaceSeat | GoOnWithout) -> Denied | None:
    found = state.seat(command.seat)
    if found is None:
        return conflict("no_such_seat", N_("There is no such request for approval."))
    run, seat = found
    denied = why_not_open(state, run.number) or why_not_admin(state, ctx, command.actor, command.reason)
    if denied is not None:
        return denied
    if seat.is_pool:
        return conflict("pool", N_("That is a group: add an approver instead."))
    shut_out = seat.void_reason is VoidReason.REQUESTED_FOR and seat.replaced_by is None
    if not seat.is_pending and not _is_gap(seat) and not shut_out:
        return conflict("seat_settled", N_("This request for approval is no longer open."))
    return None


def replace_seat(turn: Turn, command: ReplaceSeat) -> None:
    run, seat = turn.seat(command.seat)
    why = {"source": "replacement", "by": command.actor, "of": seat.user_id}
    new = Seat(
        turn.state.next_number,
        command.user_id,
        kind=seat.kind,
        origin=Origin.REPLACEMENT,
        provenance=why,
        line=seat.line,
        names_one=seat.names_one,
        made_by=command.actor,
        made_at=turn.ctx.now,
    )
    turn.happened(SeatReplaced, run=run.number, old=seat.number, seat=new, reason=command.reason)


def check_go_on(state: State, ctx: Context, command: GoOnWithout) -> Denied | None:
    return _why_not_loosened(state, ctx, command)


def go_on(turn: Turn, command: GoOnWithout) -> None:
    """The one way in which the bar sinks; so it may close the step, on the votes that are there."""
    run, seat = turn.seat(command.seat)
    turn.happened(SeatLetGo, run=run.number, seat=seat.number, reason=command.reason)
    turn.closable.add(run.number)


def check_re_resolve(state: State, ctx: Context, command: ReResolve) -> Denied | None:
    return why_not_open(state, command.run) or why_not_admin(state, ctx, command.actor, command.reason)


def re_resolve(turn: Turn, command: ReResolve) -> None:
    """Whom a line newly leads to takes the place of somebody void of the same line; else it is a seat more."""
    turn.happened(StepReResolved, run=command.run, reason=command.reason)
    lines = turn.ctx.facts(turn.run(command.run).step_key).lines
    for line in lines:
        if line.is_pool:
            _add_missing_pool(turn, command.run, line)
    people = [line for line in lines if not line.is_pool]
    for line, candidate in list(_newly_found(turn, command, people)):
        _seat_anew(turn, command.run, line, candidate)


def _newly_found(turn: Turn, command: ReResolve, lines: list[ResolvedLine]) -> Iterator[tuple[ResolvedLine, Candidate]]:
    """Whoever handed their seat over is not asked a second time beside the person who has it."""
    run = turn.run(command.run)
    gave = {giver for seat in run.seats if seat.is_pending or seat.has_vote for giver in seat.delegated_from}
    found = free_candidates(turn.state, turn.ctx, run, lines)
    return ((line, one) for line, one in found if one.user_id != command.actor and one.user_id not in gave)


def _add_missing_pool(turn: Turn, number: int, line: ResolvedLine) -> None:
    if not any(seat.is_pool and seat.role_id == line.role_id for seat in turn.run(number).seats):
        pool = pool_for(line, turn.state.next_number, Origin.RE_RESOLVED)
        turn.happened(SeatAdded, run=number, seat=pool)


def _seat_anew(turn: Turn, number: int, line: ResolvedLine, candidate: Candidate) -> None:
    voids = [
        seat
        for seat in turn.run(number).seats
        if seat.kind is SeatKind.OWN and _is_gap(seat) and seat.line == line.line and seat.origin is not Origin.FALLBACK
    ]
    own = [seat for seat in voids if seat.user_id == candidate.user_id]
    seat = seat_for(line, candidate, turn.state.next_number, Origin.RE_RESOLVED)
    if own or voids:
        turn.happened(SeatReplaced, run=number, old=(own or voids)[0].number, seat=seat)
    else:
        turn.happened(SeatAdded, run=number, seat=seat)
