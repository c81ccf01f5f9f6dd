"""The verification names the first row that was edited, deleted, inserted, swapped or cut off."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.chain import extend
from app.activity.kinds import EventKind
from app.activity.log import ActivityLog
from app.activity.models import AuditEntry, TicketNote
from app.activity.verify import Broken, Fault, head_of, payload_of, verify
from app.actor import SYSTEM, Actor
from app.clock import utc_now
from tests.activity.makers import a_ticket, happened

RENAMED = EventKind("example_renamed", "{actor} renamed it to {new}", "pencil")


def chain_of(length: int) -> tuple[list[TicketNote], tuple[int, bytes]]:
    end = SimpleNamespace(chain_seq=0, chain_hash=bytes(32))
    rows = []
    for number in range(1, length + 1):
        row = TicketNote(
            id=100 + number, ticket_id=7, system=True, event_type="example", event_details={"n": number},
            created_by=1, created_at=utc_now(), audience="everyone",
        )  # fmt: skip
        extend(end, row, head=head_of(row), payload=payload_of(row))
        rows.append(row)
    return rows, (end.chain_seq, end.chain_hash)


def test_an_untouched_chain_is_whole() -> None:
    rows, head = chain_of(5)
    assert verify(rows, head=head) is None


def test_an_empty_chain_is_whole() -> None:
    assert verify([], head=(0, bytes(32))) is None


def test_an_edited_payload_is_named() -> None:
    rows, head = chain_of(5)
    rows[2].event_details = {"n": 33}
    assert verify(rows, head=head) == Broken(Fault.EDITED, 3, 103)


def test_another_author_is_named() -> None:
    rows, head = chain_of(5)
    rows[3].created_by = 2
    assert verify(rows, head=head) == Broken(Fault.EDITED, 4, 104)


def test_a_back_dated_row_is_named() -> None:
    rows, head = chain_of(5)
    rows[1].created_at = rows[0].created_at
    assert verify(rows, head=head) == Broken(Fault.EDITED, 2, 102)


def test_a_deleted_row_is_noticed_at_the_next() -> None:
    rows, head = chain_of(5)
    del rows[2]
    assert verify(rows, head=head) == Broken(Fault.MISSING, 4, 104)


def test_a_deleted_row_is_noticed_when_the_others_were_renumbered() -> None:
    rows, head = chain_of(5)
    del rows[2]
    rows[2].seq = 3
    assert verify(rows, head=head) == Broken(Fault.EDITED, 3, 104)


def test_an_inserted_row_is_named() -> None:
    rows, head = chain_of(5)
    forged, _ = chain_of(3)
    rows.insert(3, forged[2])
    assert verify(rows, head=head) == Broken(Fault.INSERTED, 3, 103)


def test_swapped_rows_are_named() -> None:
    rows, head = chain_of(5)
    rows[1], rows[2] = rows[2], rows[1]
    rows[1].seq, rows[2].seq = 2, 3
    assert verify(rows, head=head) == Broken(Fault.EDITED, 2, 103)


def test_a_cut_tail_is_noticed_by_the_head() -> None:
    rows, head = chain_of(5)
    assert verify(rows[:3], head=head) == Broken(Fault.CUT, 4)


def test_a_chain_written_anew_is_noticed_by_a_head_kept_elsewhere() -> None:
    _, head = chain_of(5)
    rows, _ = chain_of(5)
    assert verify(rows, head=head) == Broken(Fault.INSERTED, 6)


def test_an_edited_comment_keeps_its_place_when_texts_are_not_asked_for() -> None:
    end = SimpleNamespace(chain_seq=0, chain_hash=bytes(32))
    row = TicketNote(
        id=5, ticket_id=7, system=False, note="before", audience="everyone", created_by=1, created_at=utc_now()
    )
    extend(end, row, head=head_of(row), payload=payload_of(row))
    row.note = "after"
    assert verify([row]) == Broken(Fault.EDITED, 1, 5)
    assert verify([row], texts=False) is None


async def test_what_the_log_wrote_verifies_after_it_was_read_back(session: AsyncSession) -> None:
    ticket = await a_ticket(session)
    facts: dict[str, Any] = {"old": None, "new": {"amount": "38400.00", "currency": "EUR"}, "tags": ["採購", "“x”"]}
    for number in range(3):
        await happened(session, ticket.id, facts | {"n": number})
    await ActivityLog(session, replace(SYSTEM, channel=Actor(id=1, name="x").channel)).comment(ticket, "Grüße\n\n🙂")
    session.expunge_all()
    rows = (await session.execute(select(TicketNote).filter_by(ticket_id=ticket.id).order_by(TicketNote.seq))).scalars()
    assert verify(rows, head=(ticket.chain_seq, ticket.chain_hash)) is None


async def test_the_stream_of_a_configuration_object_verifies(session: AsyncSession) -> None:
    for name in ("Legal", "Finance"):
        await ActivityLog(session, SYSTEM).audit_about(RENAMED, "roles", 12, new=name)
    session.expunge_all()
    query = select(AuditEntry).filter_by(subject_type="roles", subject_id=12).order_by(AuditEntry.seq)
    assert verify((await session.execute(query)).scalars()) is None
