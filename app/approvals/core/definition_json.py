"""The definition in the shape of the API (`approval_template_versions.definition`), both ways."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.approvals.core.definition import (
    ApproverLine,
    Check,
    DeadlineRule,
    Flow,
    Mode,
    NothingApplies,
    OnDeadline,
    OnReject,
    Reject,
    Resubmission,
    RuleLine,
    Source,
    Stage,
    Step,
    WhenRequester,
)

Plain = Mapping[str, Any]

_LINE_KEYS: dict[Source, tuple[str, ...]] = {
    Source.USER: ("user_id",),
    Source.ROLE: ("role_id", "members"),
    Source.MANAGER: ("level",),
    Source.FIELD: ("field",),
    Source.PREVIOUS_MANAGER: (),
    Source.MATRIX: ("matrix", "field"),
    Source.PICK: ("role_id", "count"),
}


def flow_from_json(plain: Plain) -> Flow:
    """Raises KeyError, TypeError or ValueError on what `malformed` would have named."""
    return Flow(
        key=plain["key"],
        name=plain["name"],
        stages=tuple(Stage(tuple(_step(step) for step in stage["steps"])) for stage in plain["stages"]),
        calendar=plain.get("calendar"),
        force_close=plain.get("force_close", False),
        when_nothing_applies=NothingApplies(plain.get("when_nothing_applies", "attention")),
        resubmit=Resubmission(plain.get("resubmit", "start")),
        max_rounds=plain.get("max_rounds", 10),
    )


def _step(plain: Plain) -> Step:
    mode = Mode(plain.get("mode", "any"))
    usual_reject = Reject.VETO if mode in (Mode.ANY, Mode.ALL) else Reject.THRESHOLD
    on_reject = plain.get("on_reject", "end")
    back_to = on_reject["back_to"] if isinstance(on_reject, Mapping) else None
    distinct = plain.get("distinct_from") or []
    watches = plain.get("watches")
    return Step(
        key=plain["key"],
        name=plain["name"],
        mode=mode,
        threshold=plain.get("threshold"),
        approvers=_lines(plain.get("approvers")),
        fallback=_lines(plain.get("fallback")),
        condition=plain.get("condition"),
        reject=Reject(plain.get("reject") or usual_reject),
        on_reject=OnReject.BACK if back_to else OnReject(on_reject),
        back_to=back_to,
        requester=WhenRequester(plain.get("requester", "void")),
        distinct_from=() if distinct == "all" else tuple(distinct),
        distinct_from_all=distinct == "all",
        watches=None if watches is None else tuple(watches),
        editors_may_approve=plain.get("editors", "void") == "allow",
        replace_inactive=plain.get("replace_inactive", "none") == "manager",
        deadline=_deadline(plain.get("deadline")),
        checks=tuple(Check(check["label"], check["condition"]) for check in plain.get("checks") or ()),
        comment_on_reject=plain.get("comment_on_reject", True),
        **{name: plain.get(name, False) for name in _SWITCHES},
    )


_SWITCHES = (
    "comment_on_approve",
    "wait_all",
    "auto_satisfy",
    "ad_hoc",
    "reauthenticate",
)


def _lines(plain: Sequence[Plain] | None) -> tuple[ApproverLine, ...]:
    return tuple(_line(line) for line in plain or ())


def _line(plain: Plain) -> ApproverLine:
    source = Source(plain["source"])
    if source is Source.RULES:
        rules = tuple(RuleLine(rule["condition"], _lines(rule["approvers"])) for rule in plain["rules"])
        return ApproverLine(source, rules=rules, otherwise=_lines(plain["otherwise"]))
    return ApproverLine(source, **{key: _scalar(plain[key]) for key in _LINE_KEYS[source] if key in plain})


def _scalar(value: Any) -> Any:
    """Ids and keys are looked up in sets: what cannot be is refused while reading."""
    if not isinstance(value, int | str | None):
        raise TypeError(value)
    return value


def _deadline(plain: Plain | None) -> DeadlineRule | None:
    if plain is None:
        return None
    then = OnDeadline(plain.get("then", "remind"))
    return DeadlineRule(
        plain["business_hours"],
        tuple(plain.get("remind") or ()),
        then,
        _lines(plain.get("to")),
    )


def flow_to_json(flow: Flow) -> dict[str, Any]:
    return {
        "key": flow.key,
        "name": flow.name,
        "calendar": flow.calendar,
        "force_close": flow.force_close,
        "when_nothing_applies": flow.when_nothing_applies.value,
        "resubmit": flow.resubmit.value,
        "max_rounds": flow.max_rounds,
        "stages": [{"steps": [_step_to_json(step) for step in stage.steps]} for stage in flow.stages],
    }


def _step_to_json(step: Step) -> dict[str, Any]:
    return {
        "key": step.key,
        "name": step.name,
        "mode": step.mode.value,
        "threshold": step.threshold,
        "approvers": [_line_to_json(line) for line in step.approvers],
        "fallback": [_line_to_json(line) for line in step.fallback],
        "condition": step.condition,
        "reject": step.reject.value,
        "on_reject": {"back_to": step.back_to} if step.on_reject is OnReject.BACK else step.on_reject.value,
        "requester": step.requester.value,
        "distinct_from": "all" if step.distinct_from_all else list(step.distinct_from),
        "watches": None if step.watches is None else list(step.watches),
        "editors": "allow" if step.editors_may_approve else "void",
        "replace_inactive": "manager" if step.replace_inactive else "none",
        "deadline": _deadline_to_json(step.deadline),
        "checks": [{"label": check.label, "condition": check.condition} for check in step.checks],
        "comment_on_reject": step.comment_on_reject,
        **{name: getattr(step, name) for name in _SWITCHES},
    }


def _line_to_json(line: ApproverLine) -> dict[str, Any]:
    if line.source is Source.RULES:
        return {
            "source": "rules",
            "rules": [
                {
                    "condition": rule.condition,
                    "approvers": [_line_to_json(inner) for inner in rule.approvers],
                }
                for rule in line.rules
            ],
            "otherwise": [_line_to_json(inner) for inner in line.otherwise],
        }
    return {"source": line.source.value} | {key: getattr(line, key) for key in _LINE_KEYS[line.source]}


def _deadline_to_json(deadline: DeadlineRule | None) -> dict[str, Any] | None:
    if deadline is None:
        return None
    return {
        "business_hours": deadline.business_hours,
        "remind": list(deadline.remind),
        "then": deadline.then.value,
        "to": [_line_to_json(line) for line in deadline.to],
    }
