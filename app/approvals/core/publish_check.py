"""What stands against publishing a flow, as far as it can be said without a database (rule 11)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.approvals.core.definition import (
    ApproverLine,
    Flow,
    Mode,
    NothingApplies,
    OnDeadline,
    OnReject,
    Source,
    Step,
)
from app.approvals.core.definition_json import flow_from_json
from app.approvals.core.denied import N_

KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A warning may be published over; nothing else may."""

    path: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False


@dataclass(frozen=True, slots=True)
class PublishFacts:
    """What exists. None: not looked up, so not checked. `roles` has the active members of each role."""

    people: frozenset[int] | None = None
    roles: Mapping[int, frozenset[int]] | None = None
    fields: frozenset[str] | None = None
    matrices: frozenset[str] | None = None


def problems(definition: Mapping[str, Any], facts: PublishFacts) -> list[Problem]:
    """Conditions are checked by their own language, against every ticket template that uses the flow."""
    try:
        flow = flow_from_json(definition)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return [
            Problem("$", N_("This is not an approval flow: %(detail)s"), {"detail": f"{type(error).__name__} {error}"})
        ]
    return [*_of_flow(flow), *(one for path, step in _steps(flow) for one in _of_step(flow, path, step, facts))]


def _steps(flow: Flow) -> Iterator[tuple[str, Step]]:
    for number, stage in enumerate(flow.stages):
        for place, step in enumerate(stage.steps):
            yield f"$.stages[{number}].steps[{place}]", step


def _of_flow(flow: Flow) -> Iterator[Problem]:
    if not flow.stages:
        yield Problem("$.stages", N_("A flow has at least one stage."))
    for number, stage in enumerate(flow.stages):
        if not stage.steps:
            yield Problem(f"$.stages[{number}]", N_("A stage has at least one step."))
    keys = [step.key for _, step in _steps(flow)]
    for path, step in _steps(flow):
        if not isinstance(step.key, str) or not KEY.fullmatch(step.key):
            yield Problem(f"{path}.key", N_("A key starts with a letter and has letters, digits, - and _ only."))
        elif keys.count(step.key) > 1:
            yield Problem(f"{path}.key", N_("Two steps have the key %(key)s."), {"key": step.key})
    if not _is_between(flow.max_rounds, 1, 100):
        yield Problem("$.max_rounds", N_("Between 1 and 100 rounds."))
    if all(step.condition is not None for _, step in _steps(flow)) and keys:
        if flow.when_nothing_applies is NothingApplies.APPROVE:
            message = N_("Every step has a condition: where none holds, a request is approved without a person.")
        else:
            message = N_("Every step has a condition: where none holds, a request waits for an administrator.")
        yield Problem("$.when_nothing_applies", message, warning=True)


def _is_between(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _of_step(flow: Flow, path: str, step: Step, facts: PublishFacts) -> Iterator[Problem]:
    yield from _of_threshold(path, step, facts)
    yield from _of_references(flow, path, step)
    yield from _of_groups(path, step)
    yield from _of_picks(path, step)
    for name, lines in (("approvers", step.approvers), ("fallback", step.fallback)):
        yield from _of_lines(f"{path}.{name}", lines, facts)
    if not step.approvers:
        yield Problem(f"{path}.approvers", N_("A step asks somebody."))
    elif not step.fallback:
        message = N_("There is no fallback: where nobody can be asked, the step waits for an administrator.")
        yield Problem(f"{path}.fallback", message, warning=True)
    if step.deadline is not None:
        yield from _of_deadline(path, step, facts)
    known = facts.fields
    for watched in step.watches or ():
        if known is not None and watched not in known:
            yield Problem(f"{path}.watches", N_("There is no field %(field)s."), {"field": watched})


def _of_threshold(path: str, step: Step, facts: PublishFacts) -> Iterator[Problem]:
    if step.mode is Mode.COUNT and not _is_between(step.threshold, 1, 1000):
        yield Problem(f"{path}.threshold", N_("Say how many approvals are needed."))
    elif step.mode is Mode.PERCENT and not _is_between(step.threshold, 1, 100):
        yield Problem(f"{path}.threshold", N_("A share is between 1 and 100 percent."))
    elif step.mode is Mode.COUNT and step.threshold is not None:
        most = _most_approvers(step, facts)
        if most is not None and most < step.threshold:
            message = N_("%(needed)s approvals can't be met by %(most)s approvers.")
            yield Problem(f"{path}.threshold", message, {"needed": step.threshold, "most": most})


def _most_approvers(step: Step, facts: PublishFacts) -> int | None:
    """None where that depends on the ticket."""
    people: set[int] = set()
    for line in (*step.approvers, *step.fallback):
        if line.source is Source.USER and line.user_id is not None:
            people.add(line.user_id)
        elif line.source is Source.ROLE and facts.roles is not None and line.role_id is not None:
            people |= facts.roles.get(line.role_id, frozenset())
        else:
            return None
    return len(people)


def _of_references(flow: Flow, path: str, step: Step) -> Iterator[Problem]:
    stage = flow.stage_of.get(step.key, 0)
    if step.on_reject is OnReject.BACK and not 0 < flow.stage_of.get(step.back_to or "", 0) < stage:
        yield Problem(f"{path}.on_reject", N_("A rejection goes back to a step of an earlier stage."))
    for key in step.distinct_from:
        if key not in flow.steps or key == step.key:
            yield Problem(f"{path}.distinct_from", N_("There is no other step %(key)s."), {"key": key})
    previous = any(line.source is Source.PREVIOUS_MANAGER for line in step.approvers)
    if previous and stage == 1:
        yield Problem(f"{path}.approvers", N_("The first stage has no previous approver."))
    if step.auto_satisfy and stage == 1:
        yield Problem(f"{path}.auto_satisfy", N_("The first stage has no stage before it."))


def _of_groups(path: str, step: Step) -> Iterator[Problem]:
    """A pool's membership moves, and a threshold must not move with it."""
    lines = [line for line in _flat((*step.approvers, *step.fallback)) if line.is_pool]
    if lines and (step.mode in (Mode.ALL, Mode.PERCENT) or step.wait_all):
        yield Problem(f"{path}.approvers", N_("Here a group has to be asked member by member."))


def _flat(lines: tuple[ApproverLine, ...]) -> Iterator[ApproverLine]:
    for line in lines:
        yield line
        yield from _flat(line.otherwise)
        for rule in line.rules:
            yield from _flat(rule.approvers)


def _of_picks(path: str, step: Step) -> Iterator[Problem]:
    """A pick is made once for a step, by its key: nowhere else is there anything to choose."""
    if sum(line.source is Source.PICK for line in step.approvers) > 1:
        yield Problem(f"{path}.approvers", N_("The requester picks approvers for a step once."))
    inner = [line for line in _flat(step.approvers) if line not in step.approvers]
    places: dict[str, Iterable[ApproverLine]] = {"approvers": inner, "fallback": _flat(step.fallback)}
    places["deadline.to"] = _flat(step.deadline.to) if step.deadline else ()
    for name, lines in places.items():
        if any(line.source is Source.PICK for line in lines):
            yield Problem(f"{path}.{name}", N_("The requester picks approvers of the step itself, not further ones."))


def _of_lines(path: str, lines: tuple[ApproverLine, ...], facts: PublishFacts) -> Iterator[Problem]:
    for number, line in enumerate(lines):
        place = f"{path}[{number}]"
        if line.source is Source.RULES and (not line.rules or not line.otherwise):
            yield Problem(place, N_('A list of rules has at least one rule, and ends with "otherwise".'))
        for inner in _flat((line,)):
            yield from _of_line(place, inner, facts)


def _of_line(path: str, line: ApproverLine, facts: PublishFacts) -> Iterator[Problem]:
    takes_person = line.source is Source.USER
    takes_role = line.source in (Source.ROLE, Source.PICK)
    if takes_person and (line.user_id is None or (facts.people is not None and line.user_id not in facts.people)):
        yield Problem(path, N_("This line names a person who is not active."))
    if takes_role and (line.role_id is None or (facts.roles is not None and line.role_id not in facts.roles)):
        yield Problem(path, N_("This line names a role that does not exist."))
    if line.source is Source.ROLE and line.members not in ("any", "each"):
        yield Problem(path, N_("A role is asked as any member or as each member."))
    if line.source is Source.MANAGER and not _is_between(line.level, 1, 3):
        yield Problem(path, N_("A manager is one to three levels up."))
    if line.source is Source.PICK and not _is_between(line.count, 1, 20):
        yield Problem(path, N_("The requester picks between one and twenty people."))
    if line.source in (Source.FIELD, Source.MATRIX) and not _exists(line.field, facts.fields):
        yield Problem(path, N_("There is no field %(field)s."), {"field": line.field})
    if line.source is Source.MATRIX and not _exists(line.matrix, facts.matrices):
        yield Problem(path, N_("There is no approval matrix %(matrix)s."), {"matrix": line.matrix})


def _exists(name: str | None, known: frozenset[str] | None) -> bool:
    return name is not None and (known is None or name in known)


def _of_deadline(path: str, step: Step, facts: PublishFacts) -> Iterator[Problem]:
    deadline = step.deadline
    if deadline is None:
        return
    if not _is_between(deadline.business_hours, 1, 2000):
        yield Problem(f"{path}.deadline", N_("A deadline is between 1 and 2,000 working hours."))
    elif not all(_is_between(hours, 1, deadline.business_hours) for hours in deadline.remind):
        yield Problem(f"{path}.deadline.remind", N_("A reminder comes before the deadline."))
    if deadline.then in (OnDeadline.ESCALATE, OnDeadline.REPLACE) and not deadline.to:
        message = N_("Nobody is named to escalate to: an approver without a manager keeps it, with attention.")
        yield Problem(f"{path}.deadline.to", message, warning=True)
    yield from _of_lines(f"{path}.deadline.to", deadline.to, facts)
