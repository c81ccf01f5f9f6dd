"""What the shell has to read before it asks: for this ticket every step of the flow, worked out up front."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.approvals.core.definition import ApproverLine, Flow, Source
from app.approvals.core.state import Seat, State


@dataclass(frozen=True, slots=True)
class Needs:
    """`people`: read these, whomever a resolved line or a role's members name, and the managers of all of them."""

    people: frozenset[int]
    roles: frozenset[int]
    step_keys: tuple[str, ...]


def needs(flow: Flow, state: State, *actors: int) -> Needs:
    lines = [line for step in flow.steps.values() for line in _flat((*step.approvers, *step.fallback))]
    lines += [line for step in flow.steps.values() if step.deadline for line in _flat(step.deadline.to)]
    seats = [seat for run in state.runs for seat in run.seats]
    named = {line.user_id for line in lines} | {person for seat in seats for person in _people(seat)}
    roles = {line.role_id for line in lines if line.source in (Source.ROLE, Source.PICK)}
    roles |= {role for seat in seats for role in (seat.role_id, seat.member_of)}
    return Needs(
        people=frozenset(person for person in named | state.askers | set(actors) if person),
        roles=frozenset(role for role in roles if role is not None),
        step_keys=tuple(flow.steps),
    )


def _flat(lines: tuple[ApproverLine, ...]) -> Iterator[ApproverLine]:
    for line in lines:
        yield line
        yield from _flat(line.otherwise)
        for rule in line.rules:
            yield from _flat(rule.approvers)


def _people(seat: Seat) -> tuple[int | None, ...]:
    return (seat.user_id, seat.acted_by, seat.on_behalf_of, seat.made_by, *seat.delegated_from, *seat.deputies)
