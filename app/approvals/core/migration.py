"""Rule 11: what runs goes on with a newer version of its flow, where all that was asked is the same in it."""

from itertools import zip_longest

from app.approvals.core.commands import Migrate
from app.approvals.core.context import Context
from app.approvals.core.definition import Flow, NothingApplies
from app.approvals.core.denied import N_, Denied, conflict
from app.approvals.core.events import FlowMigrated
from app.approvals.core.staffing import why_not_admin
from app.approvals.core.state import ProcessStatus, State
from app.approvals.core.turn import Turn


def check_migrate(state: State, ctx: Context, command: Migrate) -> Denied | None:
    if state.status is ProcessStatus.RETURNED:
        return conflict("returned", N_("This is with its requester: it can move on once it is submitted again."))
    if state.status is not ProcessStatus.RUNNING:
        return conflict("not_running", N_("This approval is not running."))
    denied = why_not_admin(state, ctx, command.actor, command.reason)
    if denied is not None:
        return denied
    if ctx.target is None:
        return conflict("no_target", N_("There is no other version of this flow to move to."))
    if command.flow_version == state.flow_version:
        return conflict("same_version", N_("This approval runs on that version already."))
    return why_not_moved(state, ctx.flow, ctx.target.flow)


def why_not_moved(state: State, now: Flow, to: Flow) -> Denied | None:
    """Needs the two flows and nothing else, so that a list of many can be told."""
    differs = _first_difference(now, to, max(run.stage for run in state.live_runs))
    if differs is not None:
        return differs
    if _would_end(state, to):
        return conflict("would_end", N_("That version would end this approval without anybody deciding it."))
    return None


def _first_difference(now: Flow, to: Flow, reached: int) -> Denied | None:
    """A step inserted before would never be asked, so all stages up to the last one that counts must be the same."""
    for old, new in zip_longest(now.stages[:reached], to.stages[:reached]):
        if old == new:
            continue
        added = [step for step in (new.steps if new else ()) if step.key not in now.steps]
        if added:
            return conflict(
                "flows_differ",
                N_("%(step)s would never be asked: its turn is over. Cancel this, and have it submitted again."),
                step=added[0].name,
            )
        changed = [step for step in old.steps if new is None or step not in new.steps] or list(old.steps)
        return conflict(
            "flows_differ",
            N_("%(step)s was asked already and is different there. Cancel this, and have it submitted again."),
            step=changed[0].name,
        )
    return None


def _would_end(state: State, to: Flow) -> bool:
    """Every step was skipped; an administrator has to help it, and moving it must not be a way of approving it."""
    nothing_left = not state.open_runs and state.stage >= len(to.stages)
    return nothing_left and to.when_nothing_applies is NothingApplies.APPROVE


def migrate(turn: Turn, command: Migrate) -> None:
    """What was asked and decided stays as it is; from here on the new version is read."""
    facts = {"flow_version": command.flow_version, "flow_sha256": command.flow_sha256}
    turn.happened(FlowMigrated, reason=command.reason, **facts)
    if turn.ctx.target is not None:
        turn.ctx = turn.ctx.target
