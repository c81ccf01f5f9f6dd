"""Approver lines worked out for one subject: from "the requester's manager" to a person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.approvals.core.context import Candidate, ResolvedLine
from app.approvals.core.definition import ApproverLine, Source
from app.tickets.approving.looking_up import matrix_lines
from app.tickets.approving.people import Directory
from app.tickets.approving.subject import Subject


@dataclass(frozen=True, slots=True)
class LineResolver:
    """`holds` tells whether a rule's condition is true of the subject."""

    subject: Subject
    directory: Directory
    holds: Callable[[Mapping[str, Any]], bool]

    def resolve(self, lines: Iterable[ApproverLine], *, step: str = "") -> tuple[ResolvedLine, ...]:
        """`step`: for whose approvers the requester may have picked somebody."""
        picked = self.subject.picks.get(step, ())
        return tuple(found for number, line in enumerate(lines, 1) for found in self._line(number, line, picked))

    def _line(self, number: int, line: ApproverLine, picked: Sequence[int]) -> list[ResolvedLine]:
        if line.source is Source.RULES:
            return [found for inner in self._matching(line) for found in self._line(number, inner, ())]
        if line.source is Source.MATRIX:
            return matrix_lines(number, line, self.subject.values, self.directory.matrices)
        return [self._plain(number, line, picked)]

    def _matching(self, line: ApproverLine) -> tuple[ApproverLine, ...]:
        """The first rule that holds, else the mandatory otherwise."""
        return next((rule.approvers for rule in line.rules if self.holds(rule.condition)), line.otherwise)

    def _plain(self, number: int, line: ApproverLine, picked: Sequence[int]) -> ResolvedLine:
        people, role_id, pool = self._who(line, picked)
        return ResolvedLine(
            line=number, source=line.source, people=people, role_id=role_id, is_pool=pool,
            names_one=line.names_one and not pool, provenance=self._provenance(line, role_id),
        )  # fmt: skip

    def _who(self, line: ApproverLine, picked: Sequence[int]) -> tuple[tuple[Candidate, ...], int | None, bool]:
        match line.source:
            case Source.USER:
                return ((Candidate(line.user_id),) if line.user_id else ()), None, False
            case Source.ROLE:
                members = () if line.is_pool else self.directory.members.get(line.role_id or 0, ())
                return members, line.role_id, line.is_pool
            case Source.MANAGER:
                asking = self.subject.requester_id
                manager = self.directory.manager_of(asking, line.level, askers=(asking, self.subject.creator_id))
                return ((manager,) if manager else ()), None, False
            case Source.FIELD:
                return self._named_in(line.field or "")
            case Source.PICK:
                members = self.directory.members.get(line.role_id or 0, ())
                return tuple(one for one in members if one.user_id in picked), line.role_id, False
            case _:
                return (), None, False

    def _named_in(self, key: str) -> tuple[tuple[Candidate, ...], int | None, bool]:
        """A person or a role that the requester named in the form."""
        value = self.subject.values.get(key)
        if not isinstance(value, int):
            return (), None, False
        field = self.subject.form.field(key) if self.subject.form else None
        if field is not None and field.type == "role":
            return (), value, True
        return (Candidate(value),), None, False

    def _provenance(self, line: ApproverLine, role_id: int | None) -> dict[str, Any]:
        told: dict[str, Any] = {"source": str(line.source)}
        if role_id:
            told["role_id"] = role_id
        if line.source is Source.MANAGER:
            told["level"] = line.level
        if line.field:
            told["field"] = line.field
        return told


def named_in_fields(lines: Iterable[ApproverLine], values: Mapping[str, Any]) -> set[int]:
    """Ids that field lines may lead to: read as people and as roles alike, for a field says which only in its form."""
    found: set[int] = set()
    for line in lines:
        value = values.get(line.field or "")
        if line.source is Source.FIELD and isinstance(value, int):
            found.add(value)
        for inner in (*line.otherwise, *(one for rule in line.rules for one in rule.approvers)):
            found |= named_in_fields([inner], values)
    return found
