"""Whether a chain is as it was written, and if not, which row is the first that is not."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.activity.chain import link_hash, payload_hash
from app.activity.models import AuditEntry, TicketNote

NOTHING_BEFORE = bytes(32)


class Fault(StrEnum):
    EDITED = "edited"
    MISSING = "missing"
    """The row before this one was deleted, or rows changed places."""
    INSERTED = "inserted"
    CUT = "cut"
    """Rows at the end are gone."""


@dataclass(frozen=True, slots=True)
class Broken:
    """`seq` is the place in the chain, `row_id` what stands there (none where the chain was cut)."""

    fault: Fault
    seq: int
    row_id: int | None = None


def verify(
    rows: Iterable[TicketNote | AuditEntry], *, head: tuple[int, bytes] | None = None, texts: bool = True
) -> Broken | None:
    """`rows` are one chain in the order of `seq`, deleted comments too; `head` is (seq, hash) as its owner carries it.

    Without `texts` a comment may have been edited or erased since, which events of their own tell; its place in the
    chain, its author and its time are checked in any case.
    """
    seq, last = 0, NOTHING_BEFORE
    for row in rows:
        fault = _fault(row, seq + 1, last, texts=texts)
        if fault:
            return Broken(fault, row.seq, row.id)
        seq, last = row.seq, row.hash
    if head and head != (seq, last):
        return Broken(Fault.CUT if head[0] > seq else Fault.INSERTED, min(head[0], seq) + 1)
    return None


def _fault(row: TicketNote | AuditEntry, expected: int, last: bytes, *, texts: bool) -> Fault | None:
    if row.seq > expected:
        return Fault.MISSING
    if row.seq < expected:
        return Fault.INSERTED
    if row.hash != link_hash(row.prev_hash, row.seq, head_of(row), row.payload_hash):
        return Fault.EDITED
    if row.prev_hash != last:
        return Fault.MISSING
    if _has_fixed_text(row, texts=texts) and row.payload_hash != payload_hash(row.salt, payload_of(row)):
        return Fault.EDITED
    return None


def head_of(row: TicketNote | AuditEntry) -> list[Any]:
    """What stays readable whoever looks, as the log put it under the hash."""
    if isinstance(row, AuditEntry):
        return [row.subject_type, row.subject_id, row.event_type, row.created_by, row.created_at]
    return [row.ticket_id, row.event_type or "comment", row.created_by, row.created_at]


def payload_of(row: TicketNote | AuditEntry) -> dict[str, Any]:
    if isinstance(row, TicketNote) and not row.system:
        return {"note": row.note, "audience": row.audience}
    return {"kind": row.event_type, "facts": row.event_details}


def _has_fixed_text(row: TicketNote | AuditEntry, *, texts: bool) -> bool:
    return texts or isinstance(row, AuditEntry) or row.system
