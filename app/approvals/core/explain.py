"""Who is awaited and since when, what this person may do, and why not more. The buttons are drawn from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.approvals.core.attention import SENTENCES as ATTENTION_SENTENCES
from app.approvals.core.commands import Decision, Resubmit, Retract, Withdraw
from app.approvals.core.context import Context
from app.approvals.core.counting import bar, may_still_vote
from app.approvals.core.denied import Denied
from app.approvals.core.proceedings import check_resubmit, check_retract, check_withdraw, why_not_cancelled
from app.approvals.core.state import Seat, State, StepRun
from app.approvals.core.voting import Ballot, may_vote, possible_decisions, why_closed


@dataclass(frozen=True, slots=True)
class Awaited:
    """A seat that waits; with `role_id` for any of its members."""

    run: int
    step_key: str
    seat: int
    user_id: int | None
    role_id: int | None
    since: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class PossibleVote:
    run: int
    step_key: str
    seat: int
    on_behalf_of: int | None
    decisions: tuple[Decision, ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`why_not`: for each open step in which they have no vote, the sentence."""

    awaited: tuple[Awaited, ...]
    votes: tuple[PossibleVote, ...]
    why_not: tuple[tuple[int, Denied], ...]
    retractable: int | None
    may_withdraw: bool
    may_cancel: bool
    may_resubmit: bool
    attention: tuple[str, ...]


def explain(state: State, user_id: int, ctx: Context) -> Explanation:
    asked = [(run, seat, behalf) for run, seat in _pending(state) for behalf in _principals(ctx, seat, user_id)]
    answers = [(run, seat, may_vote(state, ctx, seat.number, user_id, behalf)) for run, seat, behalf in asked]
    votes = tuple(_possible(state, ctx, answer) for *_, answer in answers if isinstance(answer, Ballot))
    return Explanation(
        awaited=tuple(_awaited(run, seat) for run, seat in _pending(state)),
        votes=votes,
        why_not=_why_not(state, user_id, answers, {vote.run for vote in votes}),
        retractable=_retractable(state, user_id, ctx),
        may_withdraw=check_withdraw(state, ctx, Withdraw(user_id)) is None,
        may_cancel=why_not_cancelled(state, ctx, user_id) is None,
        may_resubmit=check_resubmit(state, ctx, Resubmit(user_id)) is None,
        attention=tuple(ATTENTION_SENTENCES[one.code] for one in state.attention),
    )


def _pending(state: State) -> list[tuple[StepRun, Seat]]:
    return [(run, seat) for run in state.open_runs for seat in run.seats if seat.is_pending]


def _principals(ctx: Context, seat: Seat, user_id: int) -> list[int | None]:
    """In whose name this person could conceivably vote on the seat: their own, and those for whom they stand in."""
    represented: list[int | None] = [None]
    for proxy in ctx.proxies:
        if proxy.proxy_id == user_id and (seat.is_pool or proxy.principal_id == seat.user_id):
            represented.append(proxy.principal_id)
    if user_id in seat.deputies and seat.user_id is not None:
        represented.append(seat.user_id)
    return list(dict.fromkeys(represented))


def _awaited(run: StepRun, seat: Seat) -> Awaited:
    return Awaited(run.number, run.step_key, seat.number, seat.user_id, seat.role_id, run.opened_at, run.due_at)


def _possible(state: State, ctx: Context, ballot: Ballot) -> PossibleVote:
    run = ballot.run
    decisions = possible_decisions(state, ctx, ballot)
    content_hash = ctx.facts(run.step_key).watch_hash
    return PossibleVote(run.number, run.step_key, ballot.seat.number, ballot.on_behalf_of, decisions, content_hash)


def _why_not(
    state: State, user_id: int, answers: list[tuple[StepRun, Seat, Ballot | Denied]], voting: set[int]
) -> tuple[tuple[int, Denied], ...]:
    """The most telling reason for each step: what became of a seat of theirs before anything else, and anything
    before "not waiting for you"."""
    found = {run.number: why for run, why in _settled(state, user_id) if run.number not in voting}
    for run, _, answer in answers:
        if isinstance(answer, Denied) and run.number not in voting:
            known = found.get(run.number)
            if known is None or known.code == "not_an_approver":
                found[run.number] = answer
    return tuple(found.items())


def _settled(state: State, user_id: int) -> Iterator[tuple[StepRun, Denied]]:
    """Steps that are open without them: they have spoken, or their seat is void. The last of several tells."""
    for run in state.open_runs:
        theirs = [seat for seat in run.seats if user_id in (seat.user_id, seat.acted_by) and not seat.is_pending]
        for seat in [seat for seat in theirs if seat.has_vote] or theirs:
            denied = why_closed(run, seat)
            if denied is not None:
                yield run, denied


def _retractable(state: State, user_id: int, ctx: Context) -> int | None:
    undo = state.undo
    if undo is None or check_retract(state, ctx, Retract(user_id, undo.seat)) is not None:
        return None
    return undo.seat


def still_needed(state: State, ctx: Context, run: StepRun) -> tuple[int, frozenset[int]]:
    """The bar of a step, and the people who may still vote towards it."""
    return bar(state, ctx, run), may_still_vote(state, ctx, run)
