"""Rule 6: what an admin has to look at. Worked out anew after each command, never decided."""

from app.approvals.core.context import Context
from app.approvals.core.counting import may_still_vote, standing_of
from app.approvals.core.denied import N_
from app.approvals.core.eligibility import is_barred_admin
from app.approvals.core.progress import nothing_applies
from app.approvals.core.state import Attention, ProcessStatus, SeatKind, State, StepRun, VoidReason
from app.approvals.core.tally import Standing

SENTENCES = {
    "stuck": N_("The votes that are left cannot decide this step."),
    "no_approver": N_("Nobody who is asked in this step may approve it."),
    "empty_pool": N_("Nobody in the group that is asked may approve this step."),
    "requested_for": N_("An approver of this step was named as the requester by somebody else."),
    "unescalated": N_("This step is overdue, and there is nobody to escalate it to."),
    "max_rounds": N_("This request has been round too many times."),
    "nothing_applies": N_("Every step was skipped: nobody was asked."),
    "requester_inactive": N_("It was sent back to somebody whose account is no longer active."),
    "every_admin_barred": N_("Every administrator asked for or edited this request, so none of them may help."),
}


def attention(state: State, ctx: Context) -> tuple[Attention, ...]:
    if state.status is ProcessStatus.RETURNED:
        found = [] if any(ctx.person(asker).active for asker in state.askers) else [Attention("requester_inactive")]
    elif state.status is ProcessStatus.RUNNING:
        found = [one for run in state.open_runs for one in _of_run(state, ctx, run)]
        found += [Attention("nothing_applies")] if nothing_applies(state, ctx) else []
        found += [Attention("max_rounds")] if state.round > ctx.flow.max_rounds else []
    else:
        return ()
    if found and ctx.admins is not None and all(is_barred_admin(state, ctx, admin) for admin in ctx.admins):
        found.append(Attention("every_admin_barred"))
    return tuple(found)


def _of_run(state: State, ctx: Context, run: StepRun) -> list[Attention]:
    codes = []
    if standing_of(state, ctx, run) is not Standing.OPEN:
        codes.append(_why_stuck(state, ctx, run))
    if run.unescalated and any(seat.is_pending and not seat.deputies for seat in run.seats):
        codes.append("unescalated")
    if any(seat.void_reason is VoidReason.REQUESTED_FOR and seat.replaced_by is None for seat in run.seats):
        codes.append("requested_for")
    return [Attention(code, run.number, run.step_key) for code in codes]


def _why_stuck(state: State, ctx: Context, run: StepRun) -> str:
    if run.votes or may_still_vote(state, ctx, run):
        return "stuck"
    has_pool = any(seat.is_pool and seat.is_pending and seat.kind is SeatKind.OWN for seat in run.seats)
    return "empty_pool" if has_pool else "no_approver"
