"""Who may vote on which seat, for whom. `decide` refuses with these, `explain` draws the buttons with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.approvals.core.commands import Decide, Decision
from app.approvals.core.context import Context
from app.approvals.core.definition import Step
from app.approvals.core.denied import N_, Denied, conflict, forbidden, invalid
from app.approvals.core.eligibility import (
    NO_ENTRY,
    Entry,
    has_voted,
    holders,
    ineligible,
    of_own_making,
    pool_members,
    proxy_between,
    seat_entry,
    why_void,
)
from app.approvals.core.state import ProcessStatus, RunStatus, Seat, SeatKind, State, StepRun, VoidReason


@dataclass(frozen=True, slots=True)
class Ballot:
    """A seat that somebody may vote on: `holder` is whose vote it is."""

    run: StepRun
    seat: Seat
    holder: int
    on_behalf_of: int | None = None
    proxy_id: int | None = None


SENTENCES = {
    VoidReason.INACTIVE: N_("This account is no longer active."),
    VoidReason.REQUESTER: N_("Nobody approves their own request."),
    VoidReason.REQUESTED_FOR: N_("Nobody approves what was requested for them."),
    VoidReason.EDITOR: N_("Whoever changed this request may not approve it."),
    VoidReason.DECIDED_ANOTHER_STEP: N_("This step needs somebody who has not decided another step of this request."),
    VoidReason.ALREADY_VOTED: N_("One person has one vote in a step, and it was already cast."),
    VoidReason.LEFT_GROUP: N_("The group that this seat came from no longer has them as a member."),
    VoidReason.OWN_MAKING: N_("Nobody becomes an approver by their own act, or by that of those who asked."),
    VoidReason.NOBODY: N_("There is nobody to ask."),
    VoidReason.STEP_CLOSED: N_("This is no longer required."),
    VoidReason.RETRACTED: N_("This vote was taken back."),
    VoidReason.REPLACED: N_("Somebody else was asked instead."),
    VoidReason.LET_GO: N_("An administrator went on without it."),
}


def may_vote(state: State, ctx: Context, number: int, actor: int, on_behalf_of: int | None = None) -> Ballot | Denied:
    found = state.seat(number)
    if found is None:
        return conflict("no_such_seat", N_("There is no such request for approval."))
    run, seat = found
    closed = why_closed(run, seat)
    if closed is not None:
        return _why_it_ended(state, closed)
    claim = _claim_pool if seat.is_pool else _claim_seat
    return claim(state, ctx, run, seat, actor, on_behalf_of)


def why_closed(run: StepRun, seat: Seat) -> Denied | None:
    """Late: what was decided, by whom and when."""
    if not run.is_open:
        last = last_vote(run)
        if run.status in (RunStatus.APPROVED, RunStatus.REJECTED) and last is not None:
            return _already(run.status.value, last)
        return conflict("step_closed", N_("This step is closed: it no longer waits for a decision."))
    if seat.has_vote:
        return _already(seat.status.value, seat)
    if not seat.is_pending:
        why = seat.void_reason or VoidReason.NOBODY
        return conflict("seat_void", SENTENCES[why], void_reason=why.value)
    return None


ENDED = {
    ProcessStatus.RETURNED: N_("This request was sent back, and waits for whoever asked."),
    ProcessStatus.WITHDRAWN: N_("This request was withdrawn by whoever asked."),
    ProcessStatus.CANCELLED: N_("This request was cancelled."),
}


def _why_it_ended(state: State, closed: Denied) -> Denied:
    """Where the step closed with all of it, that says more than that the step is closed."""
    sentence = ENDED.get(state.status) if closed.code == "step_closed" else None
    return conflict(closed.code, sentence) if sentence else closed


def last_vote(run: StepRun) -> Seat | None:
    dated = [(vote.decided_at, vote) for vote in run.votes if vote.decided_at is not None]
    return max(dated, key=lambda pair: pair[0])[1] if dated else None


def _already(word: str, vote: Seat) -> Denied:
    messages = {
        "approved": N_("Already approved by %(user)s at %(at)s."),
        "rejected": N_("Already rejected by %(user)s at %(at)s."),
        "abstained": N_("%(user)s already abstained at %(at)s."),
    }
    if vote.kind is SeatKind.ADVICE:
        advised = N_("%(user)s already gave advice at %(at)s.")
        return conflict("already_advised", advised, user=vote.acted_by, at=vote.decided_at)
    return conflict(f"already_{word}", messages[word], user=vote.acted_by, at=vote.decided_at)


def _claim_seat(
    state: State, ctx: Context, run: StepRun, seat: Seat, actor: int, on_behalf_of: int | None
) -> Ballot | Denied:
    holder = seat.user_id
    if holder is None or on_behalf_of not in (None, holder):
        return _not_yours()
    reason = why_void(state, ctx, run, seat)
    if on_behalf_of is not None:
        return _claim_for(state, ctx, run, seat, actor, holder, reason)
    if actor != holder:
        return _not_yours()
    return _refused(reason, actor) if reason else Ballot(run, seat, holder)


def _claim_pool(
    state: State, ctx: Context, run: StepRun, pool: Seat, actor: int, on_behalf_of: int | None
) -> Ballot | Denied:
    holder = actor if on_behalf_of is None else on_behalf_of
    if holder in pool_members(state, ctx, run, pool):
        if on_behalf_of is None:
            return Ballot(run, pool, holder)
        return _claim_for(state, ctx, run, pool, actor, holder, None, _member_entry(ctx, pool, holder))
    return _refused_on_pool(state, ctx, run, pool, holder)


def _member_entry(ctx: Context, pool: Seat, holder: int) -> Entry:
    member = ctx.membership(pool.role_id, holder)
    return Entry(member.made_by, member.made_at) if member else NO_ENTRY


def _refused_on_pool(state: State, ctx: Context, run: StepRun, pool: Seat, holder: int) -> Denied:
    """A member with no reason of their own is one whom an entry keeps out, theirs or that which led to the group."""
    if ctx.membership(pool.role_id, holder) is None and holder not in pool.deputies:
        return _not_yours()
    if has_voted(run, holder):
        return _refused(VoidReason.ALREADY_VOTED, holder)
    if holder in holders(run):
        return forbidden("own_seat", N_("Vote on your own seat in this step."))
    reason = ineligible(state, ctx, ctx.flow.steps[run.step_key], None, holder)
    return _refused(reason or VoidReason.OWN_MAKING, holder)


def _claim_for(
    state: State, ctx: Context, run: StepRun, seat: Seat, actor: int, holder: int, holder_reason: VoidReason | None,
    member: Entry = NO_ENTRY,
) -> Ballot | Denied:  # fmt: skip
    """Every check runs on the actor and on the person whose vote it is: who seated somebody does not vote for them
    either. Whom a pool is escalated to speaks for themselves: no member named them."""
    proxy = proxy_between(state, ctx, holder, actor)
    answers_for_them = actor in seat.deputies and not seat.is_pool
    if actor == holder or (proxy is None and not answers_for_them):
        return forbidden("not_their_proxy", N_("You are not their proxy now."))
    reason = ineligible(state, ctx, ctx.flow.steps[run.step_key], run, actor, member) or holder_reason
    if reason is None and of_own_making(state, ctx, actor, seat_entry(seat)):
        reason = VoidReason.OWN_MAKING
    if reason is not None:
        return _refused(reason, actor)
    return Ballot(run, seat, holder, on_behalf_of=holder, proxy_id=proxy.id if proxy else None)


def _not_yours() -> Denied:
    return forbidden("not_an_approver", N_("This request is not waiting for you."))


def _refused(reason: VoidReason, person: int) -> Denied:
    return forbidden(reason.value, SENTENCES[reason], user=person)


def possible_decisions(state: State, ctx: Context, ballot: Ballot) -> tuple[Decision, ...]:
    if ballot.seat.kind is SeatKind.ADVICE:
        return (Decision.ABSTAIN,)
    if state.round > ctx.flow.max_rounds:
        return (Decision.APPROVE, Decision.REJECT)
    return tuple(Decision)


def needs_comment(step: Step, seat: Seat, decision: Decision) -> bool:
    if decision is Decision.RETURN or seat.kind is SeatKind.ADVICE:
        return True
    if decision is Decision.APPROVE:
        return step.comment_on_approve
    return decision is Decision.REJECT and step.comment_on_reject


def check_vote(state: State, ctx: Context, command: Decide) -> Ballot | Denied:
    ballot = may_vote(state, ctx, command.seat, command.actor, command.on_behalf_of)
    if isinstance(ballot, Denied):
        return _stale_round(state, ctx, command) or ballot
    if command.seen_hash != ctx.facts(ballot.run.step_key).watch_hash:
        return _stale()
    if command.decision not in possible_decisions(state, ctx, ballot):
        return _not_this_decision(ballot)
    step = ctx.flow.steps[ballot.run.step_key]
    if needs_comment(step, ballot.seat, command.decision) and not (command.comment or "").strip():
        return invalid("comment_required", N_("Say why: a comment is required here."))
    if asks_to_sign_in(step, ctx.now, command.signed_in_at):
        return invalid(SIGN_IN_AGAIN, N_("This step asks you to sign in again: type your password."))
    return ballot


SIGN_IN_AGAIN = "sign_in_again"
SIGN_IN_HOLDS = timedelta(minutes=5)


def asks_to_sign_in(step: Step, now: datetime, signed_in_at: datetime | None) -> bool:
    """A step may ask that whoever decides has proved only just now who they are."""
    return step.reauthenticate and (signed_in_at is None or now - signed_in_at > SIGN_IN_HOLDS)


def _stale_round(state: State, ctx: Context, command: Decide) -> Denied | None:
    """The edit has ended the round in which this seat was: that is the reason, more than that its step is closed."""
    found = state.seat(command.seat)
    if found is None or not found[0].superseded or command.seen_hash == ctx.facts(found[0].step_key).watch_hash:
        return None
    return _stale()


def _stale() -> Denied:
    return conflict("stale", N_("This ticket changed since you opened it."))


def _not_this_decision(ballot: Ballot) -> Denied:
    if ballot.seat.kind is SeatKind.ADVICE:
        return conflict("advice_only", N_("You were asked for advice: a comment, not a decision."))
    return conflict("max_rounds", N_("After this many rounds you can only approve or reject."))
