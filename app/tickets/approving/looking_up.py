"""Approver lines that look a value of the request up in an approval matrix."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.approvals.core.context import Candidate, ResolvedLine
from app.approvals.core.definition import ApproverLine, Source
from app.catalogue.matrices import Entry
from app.tickets.approving.watching import flat

Found = Mapping[tuple[str, str], list[Entry]]
"""What the tables say, by (key of the matrix, value)."""


def looked_up(lines: Iterable[ApproverLine], values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What has to be read to resolve these lines."""
    return {
        (line.matrix, value)
        for line in flat(lines)
        if line.source is Source.MATRIX and line.matrix
        for value in texts_of(values.get(line.field or ""))
    }


def texts_of(value: Any) -> list[str]:
    """As a row of the table would say it; an amount, a table and nothing at all are looked up nowhere."""
    if isinstance(value, list | tuple):
        return [text for one in value if not isinstance(one, list | tuple) for text in texts_of(one)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)] if isinstance(value, str | int | float | Decimal) and value != "" else []


def matrix_lines(number: int, line: ApproverLine, values: Mapping[str, Any], found: Found) -> list[ResolvedLine]:
    """The people of each value's rows, and a pool for each role; a value without a row leads to nobody."""
    told = {"source": str(Source.MATRIX), "matrix": line.matrix, "field": line.field}
    texts = texts_of(values.get(line.field or ""))
    resolved = [
        one
        for text in texts
        for one in _of_entries(number, found.get((line.matrix or "", text), []), told | {"value": text})
    ]
    nobody = ResolvedLine(
        number, Source.MATRIX, names_one=line.names_one, provenance=told | {"value": ", ".join(texts)}
    )
    return resolved or [nobody]


def _of_entries(number: int, entries: list[Entry], told: Mapping[str, Any]) -> Iterator[ResolvedLine]:
    people = tuple(Candidate(one.user_id, one.made_by, one.made_at) for one in entries if one.user_id)
    if people:
        yield ResolvedLine(number, Source.MATRIX, people, names_one=True, provenance=told)
    for one in entries:
        if one.role_id:
            yield ResolvedLine(
                number, Source.MATRIX, role_id=one.role_id, is_pool=True, made_by=one.made_by, made_at=one.made_at,
                provenance={**told, "role_id": one.role_id},
            )  # fmt: skip
