"""How the engine's events are told on the timeline; their facts are the engine's own (`event_to_json`)."""

from typing import Any

from app.activity.kinds import EventKind
from app.approvals.core.attention import SENTENCES
from app.approvals.core.definition import Flow
from app.approvals.core.events import (
    AttentionChanged,
    DeadlineMoved,
    Event,
    ProcessClosed,
    ProcessReturned,
    SeatAdded,
    SeatReplaced,
    SeatVoided,
    StepClosed,
    StepOpened,
    StepSkipped,
    VoteCast,
    event_to_json,
)
from app.approvals.core.state import SeatKind, State, StepRun, TimerKind
from app.approvals.core.voting import SENTENCES as VOID_SENTENCES
from app.tickets.approving.watching import fields_in
from app.web.i18n import N_

_D = "decisions"
KINDS = {
    kind.code: kind
    for kind in (
        EventKind("approval_submitted", N_("{actor} submitted this request"), "send", group=_D),
        EventKind(
            "approval_step_started",
            N_("{step_name} started"),
            "play",
            alternatives={
                "asks_reader": N_("{step_name} waits for your decision"),
                "reason": N_("{actor} opened {step_name}, which had been skipped"),
            },
            quote="reason",
            group=_D,
            follows=True,
        ),
        EventKind("approval_step_skipped", N_("{step_name} was skipped: {why}"), "minus", sentences=("why",), group=_D),
        EventKind(
            "approval_approved",
            N_("{actor} approved {step_name}"),
            "check",
            "pos",
            people=("on_behalf_of",),
            quote="comment",
            group=_D,
            alternatives={
                "signed_in_for": N_("{actor} approved {step_name} for {on_behalf_of}, having just signed in"),
                "signed_in": N_("{actor} approved {step_name}, having just signed in"),
                "on_behalf_of": N_("{actor} approved {step_name} for {on_behalf_of}"),
            },
        ),
        EventKind(
            "approval_rejected",
            N_("{actor} rejected {step_name}"),
            "x",
            "neg",
            people=("on_behalf_of",),
            quote="comment",
            group=_D,
            alternatives={
                "signed_in_for": N_("{actor} rejected {step_name} for {on_behalf_of}, having just signed in"),
                "signed_in": N_("{actor} rejected {step_name}, having just signed in"),
                "on_behalf_of": N_("{actor} rejected {step_name} for {on_behalf_of}"),
            },
        ),
        EventKind(
            "approval_returned",
            N_("{actor} sent this back from {step_name}"),
            "corner-up-left",
            "warn",
            people=("on_behalf_of",),
            quote="comment",
            group=_D,
            alternatives={
                "signed_in_for": N_(
                    "{actor} sent this back from {step_name} for {on_behalf_of}, having just signed in"
                ),
                "signed_in": N_("{actor} sent this back from {step_name}, having just signed in"),
                "on_behalf_of": N_("{actor} sent this back from {step_name} for {on_behalf_of}"),
            },
        ),
        EventKind(
            "approval_abstained",
            N_("{actor} abstained from {step_name}"),
            "minus",
            people=("on_behalf_of",),
            quote="comment",
            group=_D,
            alternatives={
                "advice": N_("{actor} gave advice on {step_name}"),
                "signed_in_for": N_("{actor} abstained from {step_name} for {on_behalf_of}, having just signed in"),
                "signed_in": N_("{actor} abstained from {step_name}, having just signed in"),
                "on_behalf_of": N_("{actor} abstained from {step_name} for {on_behalf_of}"),
            },
        ),
        EventKind(
            "approval_retracted", N_("{actor} took back the decision on {step_name}"), "undo-2", "warn", group=_D
        ),
        EventKind(
            "approval_seat_voided",
            N_("{holder} no longer decides on {step_name}: {why}"),
            "user-x",
            people=("holder",),
            sentences=("why",),
            group=_D,
        ),
        EventKind(
            "approval_seat_added",
            N_("{holder} was added to {step_name}"),
            "user-plus",
            people=("holder",),
            quote="reason",
            alternatives={
                "advice": N_("{actor} asked {holder} for advice on {step_name}"),
                "required": N_("{actor} asked {holder} to approve {step_name} too"),
                "reason": N_("{actor} added {holder} to {step_name}"),
            },
            group=_D,
        ),
        EventKind(
            "approval_seat_replaced",
            N_("{holder} decides on {step_name} now"),
            "users",
            people=("holder", "instead_of"),
            quote="reason",
            alternatives={
                "instead_of": N_("{actor} asks {holder} instead of {instead_of} to decide on {step_name}"),
                "reason": N_("{actor} lets {holder} decide on {step_name} now"),
            },
            group=_D,
        ),
        EventKind(
            "approval_seat_let_go",
            N_("{actor} let {step_name} go on without an approver"),
            "user-x",
            quote="reason",
            group=_D,
        ),
        EventKind(
            "approval_delegated",
            N_("{actor} handed {step_name} over to {to}"),
            "forward",
            people=("giver", "to"),
            quote="reason",
            group=_D,
        ),
        EventKind(
            "approval_escalated",
            N_("{step_name} was escalated to {deputy}"),
            "arrow-up-right",
            "warn",
            people=("deputy",),
            group=_D,
        ),
        EventKind(
            "approval_escalation_failed",
            N_("{step_name} is late, and there is nobody to escalate to"),
            "triangle-alert",
            "warn",
            group=_D,
        ),
        EventKind(
            "approval_reminded",
            N_("The approvers of {step_name} were reminded"),
            "bell",
            group=_D,
            alternatives={"by_hand": N_("{actor} reminded the approvers of {step_name}")},
        ),
        EventKind("approval_overdue", N_("{step_name} is overdue"), "clock", "warn", group=_D),
        EventKind(
            "approval_deadline_moved",
            N_("{actor} moved the deadline of {step_name}"),
            "calendar",
            moments=("until",),
            quote="reason",
            alternatives={"until": N_("{actor} moved the deadline of {step_name} to {until}")},
            group=_D,
        ),
        EventKind(
            "approval_re_resolved",
            N_("{actor} looked up the approvers of {step_name} again"),
            "refresh-cw",
            quote="reason",
            group=_D,
        ),
        EventKind(
            "approval_step_closed",
            N_("{step_name} is complete"),
            "circle-check",
            group=_D,
            follows=True,
            alternatives={
                "late": N_("{step_name} is rejected, because its deadline passed"),
                "approved": N_("{step_name} is approved"),
                "rejected": N_("{step_name} is rejected"),
                "obsolete": N_("{step_name} no longer waits"),
            },
        ),
        EventKind(
            "approval_forced",
            N_("{actor} closed {step_name} by force"),
            "triangle-alert",
            "neg",
            quote="reason",
            group=_D,
            alternatives={
                "approved": N_("{actor} approved {step_name} by force"),
                "rejected": N_("{actor} rejected {step_name} by force"),
            },
        ),
        EventKind(
            "approval_superseded",
            N_("Earlier approvals no longer count; the next round starts"),
            "refresh-cw",
            "warn",
            group=_D,
        ),
        EventKind(
            "approval_sent_back",
            N_("The request is with its requester again"),
            "corner-up-left",
            "warn",
            quote="reason",
            alternatives={"by_admin": N_("{actor} sent the request back to its requester")},
            group=_D,
        ),
        EventKind("approval_resubmitted", N_("{actor} submitted this request again"), "send", group=_D),
        EventKind(
            "approval_completed",
            N_("The approval ended"),
            "flag",
            group=_D,
            follows=True,
            alternatives={"approved": N_("The request is approved"), "rejected": N_("The request is rejected")},
        ),
        EventKind("approval_withdrawn", N_("{actor} withdrew the request"), "undo-2", quote="reason", group=_D),
        EventKind("approval_cancelled", N_("{actor} cancelled the approval"), "ban", "neg", quote="reason", group=_D),
        EventKind(
            "approval_attention",
            N_("The approval needs attention: {why}"),
            "triangle-alert",
            "warn",
            sentences=("why",),
            group=_D,
            alternatives={"resolved": N_("The approval no longer needs attention")},
        ),
        EventKind(
            "approval_migrated",
            N_("{actor} moved the approval to version {flow_version} of its flow"),
            "git-branch",
            quote="reason",
            group=_D,
        ),
    )
}


SAME_PERSON = N_("the same person had just approved the step before it")


def kind_for(event: Event) -> EventKind:
    return KINDS[event.kind]


def facts_of(event: Event, state: State, flow: Flow, *, process_id: int) -> dict[str, Any]:
    """`engine` is the whole event, for the replay; the rest is what its sentence is told with."""
    plain = event_to_json(event)
    told = {name: plain[name] for name in _TOLD if plain.get(name) is not None}
    run = _run_of(event, state)
    if run is not None:
        told |= {"step_key": run.step_key, "step_name": flow.steps[run.step_key].name, "round": run.round}
    return {
        "engine": plain,
        "process": process_id,
        "turn": event.turn,
        **told,
        **_how(event),
        **_why(event, flow),
        **_holder(event, state),
        **_until(event),
    }


_TOLD = (
    "comment",
    "reason",
    "on_behalf_of",
    "giver",
    "to",
    "deputy",
    "flow_version",
    "decision",
    "status",
    "because",
    "fields",
)


def _run_of(event: Event, state: State) -> StepRun | None:
    if isinstance(event, StepOpened | StepSkipped):
        return event.run
    number = getattr(event, "run", None)
    return state.run(number) if isinstance(number, int) else None


def _how(event: Event) -> dict[str, Any]:
    """How it came about or ended, for the sentence that says so."""
    if isinstance(event, SeatAdded):
        return {} if event.seat.kind is SeatKind.OWN else {str(event.seat.kind): True}
    if isinstance(event, VoteCast) and event.signed_in_at is not None:
        return {"signed_in": True} | ({"signed_in_for": True} if event.on_behalf_of else {})
    if isinstance(event, ProcessReturned):
        return {"by_admin": True} if event.because == "admin" else {}
    if not isinstance(event, StepClosed | ProcessClosed):
        return {}
    return {str(event.status): True} | ({"late": True} if event.because == "deadline" else {})


def _why(event: Event, flow: Flow) -> dict[str, Any]:
    if isinstance(event, StepSkipped):
        condition = event.run.condition
        same = event.run.satisfied_by is not None
        read = sorted(fields_in(flow.steps[event.run.step_key].condition))
        if same or not condition:
            return {"why": SAME_PERSON}
        return {"why": condition.sentence, "why_elsewhere": dict(condition.elsewhere), "reads": read}
    if isinstance(event, SeatVoided):
        return {"why": VOID_SENTENCES[event.reason]}
    if isinstance(event, AttentionChanged):
        sentences = [SENTENCES[one.code] for one in event.attention]
        return {"why": sentences} if sentences else {"resolved": True}
    return {}


def _holder(event: Event, state: State) -> dict[str, Any]:
    if isinstance(event, SeatReplaced) and event.reason:
        return {"holder": event.seat.user_id, "instead_of": _holder_of(event.old, state)}
    if isinstance(event, SeatAdded | SeatReplaced):
        return {"holder": event.seat.user_id}
    if isinstance(event, SeatVoided):
        return {"holder": _holder_of(event.seat, state)}
    if isinstance(event, VoteCast):
        return {"advice": True} if _is_advice(event.seat, state) else {}
    return {}


def _is_advice(seat: int, state: State) -> bool:
    found = state.seat(seat)
    return found is not None and found[1].kind is SeatKind.ADVICE


def _holder_of(seat: int, state: State) -> int | None:
    found = state.seat(seat)
    return found[1].user_id if found else None


def _until(event: Event) -> dict[str, Any]:
    """The new deadline, where one was moved."""
    timers = event.timers if isinstance(event, DeadlineMoved) else ()
    moved = next((timer.due_at for timer in timers if timer.kind is TimerKind.DEADLINE), None)
    return {"until": moved.isoformat()} if moved else {}
