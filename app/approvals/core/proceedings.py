"""Asking, deciding, taking back, ending: what requesters and approvers do to the whole."""

from app.approvals.core.commands import Cancel, Decide, Decision, Resubmit, Retract, Start, Withdraw
from app.approvals.core.context import Context
from app.approvals.core.definition import Resubmission
from app.approvals.core.denied import N_, Denied, conflict, forbidden, invalid
from app.approvals.core.eligibility import ineligible, proxy_between, seat_entry
from app.approvals.core.events import (
    ProcessClosed,
    ProcessResumed,
    ProcessReturned,
    ProcessStarted,
    Rewound,
    StepClosed,
    VoteCast,
    VoteRetracted,
)
from app.approvals.core.state import ProcessStatus, RunStatus, Seat, SeatKind, State, StepRun, VoidReason
from app.approvals.core.turn import Turn
from app.approvals.core.voting import SENTENCES, check_vote

TAKE_BACK_SECONDS = 10


def check_start(state: State, ctx: Context, command: Start) -> Denied | None:
    if state.status is not ProcessStatus.NEW:
        return conflict("already_started", N_("This approval has already started."))
    return None


def start(turn: Turn, command: Start) -> None:
    turn.happened(
        ProcessStarted,
        creator_id=command.creator_id,
        requester_id=command.requester_id,
        flow_version=command.flow_version,
        flow_sha256=command.flow_sha256,
        reopens=command.reopens,
    )


def check_decide(state: State, ctx: Context, command: Decide) -> Denied | None:
    ballot = check_vote(state, ctx, command)
    return ballot if isinstance(ballot, Denied) else None


def cast(turn: Turn, command: Decide) -> None:
    ballot = check_vote(turn.state, turn.ctx, command)
    if isinstance(ballot, Denied):
        raise ValueError(f"a vote that was accepted is refused: {ballot.code}")
    run, seat = ballot.run, ballot.seat
    turn.happened(
        VoteCast,
        run=run.number,
        seat=turn.state.next_number if seat.is_pool else seat.number,
        pool=seat.number if seat.is_pool else None,
        holder=ballot.holder,
        decision=command.decision,
        on_behalf_of=ballot.on_behalf_of,
        proxy_id=ballot.proxy_id,
        comment=command.comment,
        seen_hash=command.seen_hash,
        via=command.via,
        signed_in_at=command.signed_in_at if turn.ctx.flow.steps[run.step_key].reauthenticate else None,
        next_hashes=_next_hashes(turn.ctx, run),
    )
    if command.decision is Decision.RETURN:
        turn.happened(StepClosed, run=run.number, status=RunStatus.OBSOLETE, because="returned")
        turn.happened(ProcessReturned, because="returned", reason=command.comment)
    elif seat.kind is not SeatKind.ADVICE:
        turn.closable.add(run.number)


def _next_hashes(ctx: Context, run: StepRun) -> dict[str, str]:
    following = ctx.flow.stages[run.stage : run.stage + 1]
    return {
        step.key: ctx.facts(step.key).watch_hash for stage in following for step in stage.steps if step.auto_satisfy
    }


def check_retract(state: State, ctx: Context, command: Retract) -> Denied | None:
    found, undo = state.seat(command.seat), state.undo
    if found is None or not found[1].has_vote:
        return conflict("no_such_vote", N_("There is no such vote to take back."))
    run, vote = found
    if vote.acted_by != command.actor:
        return forbidden("not_your_vote", N_("Only who cast a vote takes it back."))
    if undo is None or undo.seat != vote.number or ctx.touched_since_vote:
        return conflict("acted_since", N_("Something else has happened since, so this vote stands."))
    if run.superseded:
        return conflict("superseded", N_("A new round has begun, so this vote stands."))
    if (ctx.now - undo.at).total_seconds() > TAKE_BACK_SECONDS:
        return conflict("too_late", N_("A vote can be taken back within ten seconds."))
    return _why_no_longer_entitled(undo.prior, ctx, vote, run)


def _why_no_longer_entitled(prior: State, ctx: Context, vote: Seat, run: StepRun) -> Denied | None:
    """Asked of the state before the vote, and without regard to the step's own votes: this is theirs."""
    step = ctx.flow.steps[run.step_key]
    reasons = (ineligible(prior, ctx, step, None, person, seat_entry(vote)) for person in sorted(vote.voters))
    reason = next((reason for reason in reasons if reason is not None), None)
    role = vote.member_of or vote.role_id
    if reason is None and role is not None and ctx.membership(role, vote.user_id) is None:
        reason = None if _is_deputy(prior, vote) else VoidReason.LEFT_GROUP
    if reason is not None:
        return forbidden(reason.value, SENTENCES[reason], user=vote.acted_by)
    if vote.proxy_id is not None and proxy_between(prior, ctx, vote.on_behalf_of, vote.acted_by) is None:
        return forbidden("not_their_proxy", N_("You are not their proxy now."))
    return None


def _is_deputy(prior: State, vote: Seat) -> bool:
    pool = prior.seat(vote.pool) if vote.pool is not None else None
    return pool is not None and vote.acted_by in pool[1].deputies


def retract(turn: Turn, command: Retract) -> None:
    run, vote = turn.seat(command.seat)
    waits_again = turn.state.next_number if vote.pool is None else None
    turn.happened(VoteRetracted, run=run.number, seat=vote.number, pending_as=waits_again)


def _is_asker(state: State, actor: int) -> Denied | None:
    if actor in state.askers:
        return None
    return forbidden("not_the_requester", N_("Only the requester does this."))


def check_withdraw(state: State, ctx: Context, command: Withdraw) -> Denied | None:
    return _why_over(state) or _is_asker(state, command.actor)


def _why_over(state: State) -> Denied | None:
    if state.status in (ProcessStatus.RUNNING, ProcessStatus.RETURNED):
        return None
    return conflict("not_running", N_("This approval is not running."))


def withdraw(turn: Turn, command: Withdraw) -> None:
    turn.happened(ProcessClosed, status=ProcessStatus.WITHDRAWN, because="withdrawn", reason=command.reason)


def why_not_cancelled(state: State, ctx: Context, actor: int) -> Denied | None:
    over = _why_over(state)
    if over is not None:
        return over
    person = ctx.person(actor)
    if not person.active or not (person.is_admin or person.is_manager):
        return forbidden("not_a_manager", N_("Only a manager or an administrator cancels a request."))
    if actor in state.askers:
        return forbidden("requester", N_("Withdraw your own request instead of cancelling it."))
    return None


def check_cancel(state: State, ctx: Context, command: Cancel) -> Denied | None:
    denied = why_not_cancelled(state, ctx, command.actor)
    if denied is None and not command.reason.strip():
        return invalid("reason_required", N_("Give a reason."))
    return denied


def cancel(turn: Turn, command: Cancel) -> None:
    turn.happened(ProcessClosed, status=ProcessStatus.CANCELLED, because="cancelled", reason=command.reason)


def check_resubmit(state: State, ctx: Context, command: Resubmit) -> Denied | None:
    if state.status is not ProcessStatus.RETURNED:
        return conflict("not_returned", N_("This approval was not sent back."))
    return _is_asker(state, command.actor)


def resubmit(turn: Turn, command: Resubmit) -> None:
    state = turn.state
    turn.happened(ProcessResumed, creator_id=state.creator_id, requester_id=state.requester_id)
    standing = [run for run in state.live_runs if run.status in (RunStatus.APPROVED, RunStatus.SKIPPED)]
    kept, to_stage = list[StepRun](), 1
    if _may_continue(state, turn.ctx, standing):
        # an administrator may have had an earlier step asked all the same, which the return cut short too
        kept, to_stage = standing, min(run.stage for run in state.live_runs if run not in standing)
    keeping = tuple(run.number for run in kept)
    turn.happened(Rewound, to_stage=to_stage, because="resubmitted", keeping=keeping)


def _may_continue(state: State, ctx: Context, standing: list[StepRun]) -> bool:
    """From the returning step only where everything that was settled before is still about the same content."""
    interrupted = any(
        run.stage == state.stage and run.status in (RunStatus.OBSOLETE, RunStatus.REJECTED) for run in state.live_runs
    )
    return (
        ctx.flow.resubmit is Resubmission.RETURNING_STEP
        and interrupted
        and not any(is_outdated(ctx, run) for run in standing)
    )


def is_outdated(ctx: Context, run: StepRun) -> bool:
    """Something that the step watches, or that its condition or approver lines read, changed since it began."""
    facts = ctx.facts(run.step_key)
    return (run.watch_hash, run.reads_hash) != (facts.watch_hash, facts.reads_hash)
