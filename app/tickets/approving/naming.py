"""What the people, roles, labels and categories are called that a flow's conditions speak of."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.narrative import Ids
from app.approvals.core.definition import ApproverLine, Flow
from app.catalogue.names import names_for
from app.conditions.fields import Kind
from app.ticket_templates.rules import condition_fields
from app.tickets.approving.subject import Subject

_KINDS: Mapping[Kind, str] = {
    Kind.USER: "user", Kind.USERS: "user", Kind.ROLE: "role", Kind.ROLES: "role", Kind.LABELS: "label",
    Kind.CATEGORIES: "category",
}  # fmt: skip


async def names_in_conditions(session: AsyncSession, flow: Flow, subject: Subject) -> dict[tuple[str, int], str]:
    """Costs no query where no condition speaks of any."""
    fields = condition_fields(subject.form)
    kinds = {name: _KINDS[field.kind] for name, field in fields.items() if field.kind in _KINDS}
    found = {
        (kinds[name], number)
        for tree in _conditions(flow)
        for name, value in _leaves(tree)
        if name in kinds
        for number in (*_numbers(value), *_numbers(subject.values.get(name)))
    }
    return await _named(session, found) if found else {}


async def _named(session: AsyncSession, found: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    ids = Ids()
    places = {"user": ids.people, "role": ids.roles, "label": ids.labels, "category": ids.categories}
    for kind, number in found:
        places[kind].add(number)
    names = await names_for(session, ids)
    people = {number: person.name for number, person in names.people.items()}
    known = {"user": people, "role": names.roles, "label": names.labels, "category": names.categories}
    return {(kind, number): known[kind][number] for kind, number in found if number in known[kind]}


def _conditions(flow: Flow) -> Iterator[Mapping[str, Any]]:
    for step in flow.steps.values():
        if step.condition is not None:
            yield step.condition
        yield from (check.condition for check in step.checks)
        lines = (*step.approvers, *step.fallback, *(step.deadline.to if step.deadline else ()))
        yield from _in_lines(lines)


def _in_lines(lines: tuple[ApproverLine, ...]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        for rule in line.rules:
            yield rule.condition
            yield from _in_lines(rule.approvers)
        yield from _in_lines(line.otherwise)


def _leaves(tree: Any) -> Iterator[tuple[str, Any]]:
    """(field, value) at any depth."""
    if isinstance(tree, Mapping):
        if isinstance(name := tree.get("field"), str):
            yield name, tree.get("value")
        for part in tree.values():
            yield from _leaves(part)
    elif isinstance(tree, list | tuple):
        for part in tree:
            yield from _leaves(part)


def _numbers(value: Any) -> list[int]:
    listed = value if isinstance(value, list | tuple) else [value]
    return [one for one in listed if isinstance(one, int) and not isinstance(one, bool)]
