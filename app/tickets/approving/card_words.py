"""Sentences of the approval's card that others tell too: why one cannot act, what needs attention, how far it is."""

from datetime import datetime

from app.approvals.core.attention import SENTENCES
from app.approvals.core.definition import Mode, Stage, Step
from app.approvals.core.explain import Explanation
from app.approvals.core.state import Attention, VoidReason
from app.approvals.core.voting import SENTENCES as WHY_VOID
from app.tickets.approving.desk import Running, refusal
from app.web.formats import clock_or_day
from app.web.i18n import N_, labelled, ngettext, series
from app.web.i18n import gettext as _


def why_not(user_id: int, running: Running, explanation: Explanation) -> str:
    """Nothing where it would tell them nothing: that they were never asked."""
    telling = [denied for _run, denied in explanation.why_not if denied.code != "not_an_approver"]
    if not telling:
        return ""
    denied = telling[0]
    at = denied.params.get("at")
    if denied.code in _MINE and denied.params.get("user") == user_id and isinstance(at, datetime):
        return _(_MINE[denied.code]) % {"at": clock_or_day(at)}
    return refusal(denied, running.directory).sentence


_MINE = {
    "already_approved": N_("You approved this at %(at)s. It waits for others."),
    "already_rejected": N_("You rejected this at %(at)s. It waits for others."),
    "already_returned": N_("You sent this back at %(at)s."),
    "already_advised": N_("You gave advice at %(at)s. It waits for others."),
    "already_abstained": N_("You abstained at %(at)s. It waits for others."),
}


WITHOUT_VOTES = {
    "forced": N_("Rejected by an administrator’s force, not by votes"),
    "deadline": N_("Rejected because its deadline passed"),
}


def beside(stage: Stage, step: Step) -> str:
    others = [other.name for other in stage.steps if other is not step]
    return _("At the same time as %(steps)s") % {"steps": listed(others)} if others else ""


def told_attention(running: Running) -> list[str]:
    """With the step's name where it is about one."""
    steps = running.flow.steps
    told = [(_with_the_void(running, one), steps.get(one.step_key or "")) for one in running.state.attention]
    return [labelled(step.name, sentence) if step else sentence for sentence, step in told]


def _with_the_void(running: Running, one: Attention) -> str:
    """The sentence, and who of those that the step would ask has no say in it, and why."""
    run = running.state.run(one.run) if one.run is not None else None
    void = [seat for seat in run.seats if seat.void_reason in WITHOUT_A_SAY and not seat.replaced_by] if run else []
    names = running.directory.names
    told = [
        labelled(names[seat.user_id], _(WHY_VOID[seat.void_reason]))
        for seat in void
        if seat.void_reason and seat.user_id in names
    ]
    return " ".join((_(SENTENCES[one.code]), *dict.fromkeys(told)))


WITHOUT_A_SAY = frozenset(VoidReason) - {
    VoidReason.NOBODY, VoidReason.STEP_CLOSED, VoidReason.RETRACTED, VoidReason.REPLACED, VoidReason.LET_GO,
    VoidReason.ALREADY_VOTED,
}  # fmt: skip


def progress(step: Step, approved: int, needed: int) -> str:
    mode = step.mode
    if step.wait_all and approved >= needed > 0:
        return _("Enough have approved; every answer is awaited")
    if mode is Mode.ALL:
        return _("%(done)d of %(needed)d, everyone must approve") % {"done": approved, "needed": needed}
    if needed <= 1:
        return _("One approval is enough")
    return ngettext("%(done)d of %(needed)d needed", "%(done)d of %(needed)d needed", needed) % {
        "done": approved, "needed": needed,
    }  # fmt: skip


def listed(names: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`"""
    named = list(dict.fromkeys(name for name in names if name))
    if len(named) < 2:
        return "".join(named)
    return _("%(some)s and %(last)s") % {"some": series(named[:-1]), "last": named[-1]}
