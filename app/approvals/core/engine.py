"""The approval engine: `decide` says what a command leads to, and refuses what it may not."""

from collections.abc import Callable
from typing import Any

from app.approvals.core import commands as c
from app.approvals.core import content_changes, deadlines, interventions, migration, staffing
from app.approvals.core import proceedings as p
from app.approvals.core.attention import attention
from app.approvals.core.context import Context
from app.approvals.core.denied import Denied
from app.approvals.core.events import AttentionChanged, Event
from app.approvals.core.evolve import evolve, fold
from app.approvals.core.progress import advance, judge
from app.approvals.core.relief import call_the_fallback, seat_managers_of_the_inactive, void_the_ineligible
from app.approvals.core.state import ProcessStatus, State
from app.approvals.core.turn import Turn

__all__ = ["decide", "evolve", "fold", "is_possible"]

MOST_ROUNDS_OF_SETTLING = 200

Check = Callable[[State, Context, Any], Denied | None]
Act = Callable[[Turn, Any], None]

_ACTS: dict[type, tuple[Check, Act]] = {
    c.Start: (p.check_start, p.start),
    c.Decide: (p.check_decide, p.cast),
    c.Retract: (p.check_retract, p.retract),
    c.Withdraw: (p.check_withdraw, p.withdraw),
    c.Cancel: (p.check_cancel, p.cancel),
    c.Resubmit: (p.check_resubmit, p.resubmit),
    c.Delegate: (staffing.check_delegate, staffing.delegate),
    c.AddApprover: (staffing.check_add, staffing.add),
    c.ReplaceSeat: (staffing.check_replace, staffing.replace_seat),
    c.GoOnWithout: (staffing.check_go_on, staffing.go_on),
    c.ReResolve: (staffing.check_re_resolve, staffing.re_resolve),
    c.OpenStep: (interventions.check_open_step, interventions.open_step),
    c.ExtendDeadline: (interventions.check_extend, interventions.extend),
    c.ReturnToRequester: (interventions.check_return, interventions.send_back),
    c.ForceClose: (interventions.check_force, interventions.force),
    c.Migrate: (migration.check_migrate, migration.migrate),
    c.FireTimer: (deadlines.check_fire, deadlines.fire),
    c.ContentChanged: (content_changes.check_change, content_changes.change),
    c.Settle: (lambda *_: None, lambda *_: None),
}


def decide(state: State, command: c.Command, ctx: Context) -> list[Event] | Denied:
    """What is due anyway (somebody left meanwhile) happens first, and the command is judged again after it."""
    check, act = _ACTS[type(command)]
    denied = check(state, ctx, command)
    if denied is not None:
        return denied
    turn = Turn(state, ctx, command.actor)
    if not isinstance(command, c.Start | c.Retract):
        settle(turn)
        denied = check(turn.state, ctx, command)
        if denied is not None:
            return denied
    act(turn, command)
    settle(turn)
    return turn.events


def is_possible(state: State, command: c.Command, ctx: Context) -> Denied | None:
    """The same answer as `decide`, without the consequences."""
    answer = decide(state, command, ctx)
    return answer if isinstance(answer, Denied) else None


def settle(turn: Turn) -> None:
    for _ in range(MOST_ROUNDS_OF_SETTLING):
        before = len(turn.events)
        if turn.state.status is ProcessStatus.RUNNING:
            void_the_ineligible(turn)
            judge(turn)
        if turn.state.status is ProcessStatus.RUNNING:
            seat_managers_of_the_inactive(turn)
            call_the_fallback(turn)
            advance(turn)
        if len(turn.events) == before:
            break
    else:
        raise RuntimeError("an approval does not settle")
    flagged = attention(turn.state, turn.ctx)
    if flagged != turn.state.attention:
        turn.happened(AttentionChanged, attention=flagged)
