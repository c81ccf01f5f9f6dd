"""Rule 9: an edit of what was approved takes the approval back to the earliest stage that it touches."""

from app.approvals.core.commands import ContentChanged
from app.approvals.core.context import Context
from app.approvals.core.denied import N_, Denied, conflict
from app.approvals.core.events import Rewound
from app.approvals.core.proceedings import is_outdated
from app.approvals.core.state import ProcessStatus, Seat, State
from app.approvals.core.turn import Turn


def rewind_stage(state: State, ctx: Context) -> int | None:
    """The earliest stage up to the current one with a step, open, approved or skipped, that is about other content
    now. The context has the hashes as they would be after the edit."""
    if state.status is not ProcessStatus.RUNNING:
        return None
    return min((run.stage for run in state.live_runs if is_outdated(ctx, run)), default=None)


def lost_votes(state: State, ctx: Context) -> tuple[Seat, ...]:
    """What the editor is told before saving."""
    stage = rewind_stage(state, ctx)
    if stage is None:
        return ()
    return tuple(seat for run in state.live_runs if run.stage >= stage for seat in run.votes)


def check_change(state: State, ctx: Context, command: ContentChanged) -> Denied | None:
    if rewind_stage(state, ctx) is None:
        return None
    if state.round > ctx.flow.max_rounds:
        return conflict("max_rounds", N_("After this many rounds nothing can be changed until it is withdrawn."))
    lost = lost_votes(state, ctx)
    if lost and not command.accept_rewind:
        seats = [seat.number for seat in lost]
        return conflict("rewind", N_("Saving this loses decisions that were already made."), seats=seats)
    return None


def change(turn: Turn, command: ContentChanged) -> None:
    stage = rewind_stage(turn.state, turn.ctx)
    if stage is not None:
        turn.happened(Rewound, to_stage=stage, because="content", fields=command.fields)
