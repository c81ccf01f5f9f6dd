"""Which values an approval reads, whatever its form says of them: those are watched in any case (rule 9)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.approvals.core.definition import ApproverLine, Flow, Step

_MOVED_BY_THE_APPROVAL = frozenset({"status"})
"""A vote changes it, so no vote can be bound to it."""


_known: dict[int, tuple[Step, frozenset[str]]] = {}
"""By the step's identity: steps live as long as their flow, which is read once."""
_MOST_KNOWN = 5_000


def reads_of(step: Step) -> frozenset[str]:
    """Fields that the step's condition, checks and approver lines read, custom and built-in ones alike."""
    known = _known.get(id(step))
    if known is None or known[0] is not step:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[id(step)] = step, _reads_of(step)
    return known[1]


def _reads_of(step: Step) -> frozenset[str]:
    trees = [step.condition, *(check.condition for check in step.checks)]
    lines = flat((*step.approvers, *step.fallback))
    trees += [rule.condition for line in lines for rule in line.rules]
    named = {line.field for line in lines if line.field}
    read = {name for tree in trees if tree for name in fields_in(tree)}
    return frozenset(read | named) - _MOVED_BY_THE_APPROVAL


def reads_of_flow(flow: Flow) -> frozenset[str]:
    return frozenset().union(*(reads_of(step) for step in flow.steps.values()))


def fields_in(tree: Any) -> set[str]:
    """Every field a stored tree names, whether or not the form still has it."""
    found: set[str] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            found |= {str(node[name]) for name in ("field", "other") if isinstance(node.get(name), str)}
            pending += [value for value in node.values() if isinstance(value, Mapping | list)]
        elif isinstance(node, list):
            pending += node
    return found


def flat(lines: Iterable[ApproverLine]) -> list[ApproverLine]:
    """With the lines inside of rules."""
    found: list[ApproverLine] = []
    for line in lines:
        found += [line, *flat(line.otherwise)]
        found += [inner for rule in line.rules for inner in flat(rule.approvers)]
    return found
