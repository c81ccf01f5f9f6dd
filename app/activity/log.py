"""The one way to write down what happened: row, chain and outbox in the transaction of the change."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BigInteger, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.activity.chain import Chained, extend
from app.activity.kinds import EventKind
from app.activity.models import AuditChain, AuditEntry, OutboxRow, TicketNote
from app.actor import Actor
from app.clock import database_now
from app.db.constants import given, given_rows, moment, plain_write, table_of

_NOTES = given_rows(note=BigInteger)
_ANNOUNCE = plain_write(
    insert(table_of(OutboxRow)).from_select(
        ["ticket_id", "note_id", "created_at", "not_before", "attempts"],
        select(given("ticket"), _NOTES.c.note, moment("now"), moment("later"), literal_column("0")),
        include_defaults=False,
    )
)


class LoggedTicket(Chained, Protocol):
    """A ticket whose row this transaction has locked: it carries the head of its chain."""

    @property
    def id(self) -> int: ...


class Subject(Protocol):
    """A configuration object, an account or a session."""

    __tablename__: str

    @property
    def id(self) -> int: ...


class ActivityLog:
    def __init__(self, session: AsyncSession, actor: Actor) -> None:
        self.session, self.actor = session, actor

    async def record(
        self,
        kind: EventKind,
        ticket: LoggedTicket,
        *,
        not_before: datetime | None = None,
        audience: str = "everyone",
        **facts: Any,
    ) -> TicketNote:
        """Appends a system event. Facts are plain JSON values; people and tickets are ids."""
        notes = await self.record_all([(kind, facts)], ticket, not_before=not_before, audience=audience)
        return notes[0]

    async def record_all(
        self,
        happened: Iterable[tuple[EventKind, dict[str, Any]]],
        ticket: LoggedTicket,
        *,
        not_before: datetime | None = None,
        audience: str = "everyone",
    ) -> list[TicketNote]:
        """What one act set off, in its order and in as many statements as one event takes."""
        rows = [
            (
                TicketNote(system=True, event_type=kind.code, event_details=facts, audience=audience),
                {"kind": kind.code, "facts": facts},
            )
            for kind, facts in happened
        ]
        return await self._append(ticket, rows, not_before=not_before)

    async def comment(self, ticket: LoggedTicket, text: str, *, audience: str = "everyone") -> TicketNote:
        row = TicketNote(system=False, note=text, audience=audience)
        return (await self._append(ticket, [(row, {"note": text, "audience": audience})]))[0]

    async def audit(self, kind: EventKind, subject: Subject, **facts: Any) -> AuditEntry:
        """Appends to the stream of a configuration object or an account."""
        return await self.audit_about(kind, subject.__tablename__, subject.id, **facts)

    async def audit_about(self, kind: EventKind, subject_type: str, subject_id: int, **facts: Any) -> AuditEntry:
        chain = await self._locked_chain(subject_type, subject_id)
        at = await database_now(self.session)
        row = AuditEntry(
            subject_type=subject_type, subject_id=subject_id, event_type=kind.code, event_details=facts,
            created_by=self.actor.id, created_at=at, **self._origin(),
        )  # fmt: skip
        head = [subject_type, subject_id, kind.code, self.actor.id, at]
        extend(chain, row, head=head, payload={"kind": kind.code, "facts": facts})
        self.session.add(row)
        await self.session.flush()
        self.session.add(OutboxRow(audit_entry_id=row.id, created_at=at))
        return row

    async def _append(
        self, ticket: LoggedTicket, rows: Sequence[tuple[TicketNote, Any]], *, not_before: datetime | None = None
    ) -> list[TicketNote]:
        """Each row with what its hash covers."""
        at = await database_now(self.session)
        for row, payload in rows:
            row.ticket_id, row.created_by, row.created_at, row.updated_at = ticket.id, self.actor.id, at, at
            for name, value in self._origin().items():
                setattr(row, name, value)
            extend(ticket, row, head=[ticket.id, row.event_type or "comment", self.actor.id, at], payload=payload)
        notes = [row for row, _payload in rows]
        self.session.add_all(notes)
        await self.session.flush()
        told = {"ticket": ticket.id, "note": [row.id for row in notes], "now": at, "later": not_before}
        await self.session.execute(_ANNOUNCE, told)
        return notes

    def _origin(self) -> dict[str, Any]:
        actor = self.actor
        return {
            "channel": actor.channel,
            "request_id": actor.request_id,
            "address": actor.address,
            "token_id": actor.token_id,
        }

    async def _locked_chain(self, subject_type: str, subject_id: int) -> AuditChain:
        await self.session.execute(
            insert(AuditChain)
            .values(
                subject_type=subject_type,
                subject_id=subject_id,
                chain_seq=0,
                chain_hash=bytes(32),
            )
            .on_conflict_do_nothing()
        )
        query = select(AuditChain).filter_by(subject_type=subject_type, subject_id=subject_id).with_for_update()
        return (await self.session.execute(query.execution_options(populate_existing=True))).scalar_one()
