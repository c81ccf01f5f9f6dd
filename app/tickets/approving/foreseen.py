"""Who would be asked in the steps that have not begun, and which would be skipped: kept with the process whenever it
moves, for "Coming up" and the trails of lists.

It grants nothing: whoever is asked later may not see the ticket before (promises.md, L17).
"""

from typing import Any

from app.approvals.core.context import Context
from app.approvals.core.definition import Step
from app.approvals.core.seating import opening_seats
from app.approvals.core.state import ProcessStatus, State
from app.approvals.models import ApprovalProcess


def keep_foreseen(process: ApprovalProcess, state: State, context: Context) -> None:
    """From what the engine was given anyway, so that a decision costs no query more."""
    found = foreseen(state, context)
    users = sorted({user for step in found for user in step["users"]})
    roles = sorted({role for step in found for role in step["roles"]})
    if process.foreseen != found:
        process.foreseen, process.foreseen_user_ids, process.foreseen_role_ids = found, users, roles
    skips = [step.key for step in _to_come(state, context) if _is_skipped(step, context)]
    if process.foreseen_skips != skips:
        process.foreseen_skips = skips


def foreseen(state: State, context: Context) -> list[dict[str, Any]]:
    steps = (_told(step, state, context) for step in _to_come(state, context))
    return [step for step in steps if step["users"] or step["roles"]]


def _to_come(state: State, context: Context) -> list[Step]:
    if state.status is not ProcessStatus.RUNNING:
        return []
    begun, flow = {run.step_key for run in state.live_runs}, context.flow
    return [step for step in flow.steps.values() if flow.stage_of[step.key] > state.stage and step.key not in begun]


def _is_skipped(step: Step, context: Context) -> bool:
    verdict = context.facts(step.key).condition
    return verdict is not None and verdict.skips


def _told(step: Step, state: State, context: Context) -> dict[str, Any]:
    seats = () if _is_skipped(step, context) else opening_seats(state, context, step, 1)
    pending = [seat for seat in seats if seat.is_pending]
    return {
        "step": step.name,
        "users": sorted({seat.user_id for seat in pending if seat.user_id}),
        "roles": sorted({seat.role_id for seat in pending if seat.is_pool and seat.role_id}),
    }
