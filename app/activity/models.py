"""The timeline, the audit stream of configuration and accounts, and the outbox."""

from datetime import datetime
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Record, Table, user_reference


class ChainLink:
    """What makes a row tamper-evident: see `activity/chain.py`."""

    seq: Mapped[int] = mapped_column(Integer)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    payload_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    channel: Mapped[str] = mapped_column(String(10), default="web", server_default="web")
    request_id: Mapped[str] = mapped_column(String(64), default="", server_default="")
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    token_id: Mapped[int | None] = mapped_column(BigInteger, default=None)


class TicketNote(ChainLink, Record):
    """A user comment, or a system event; never both."""

    __tablename__ = "ticket_notes"
    __table_args__ = (
        UniqueConstraint("ticket_id", "seq", name="uq_ticket_notes_seq"),
        CheckConstraint(
            "(system AND note IS NULL AND event_type IS NOT NULL AND event_details IS NOT NULL)"
            " OR (NOT system AND note IS NOT NULL AND event_type IS NULL AND event_details IS NULL)",
            name="comment_or_event",
        ),
        CheckConstraint("audience IN ('everyone', 'approvers')", name="audience"),
    )

    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"))
    system: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(Text, default=None)
    event_type: Mapped[str | None] = mapped_column(String(60), default=None)
    event_details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    audience: Mapped[str] = mapped_column(String(10), default="everyone", server_default="everyone")
    edited_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)


class AuditEntry(ChainLink, Table):
    """What happened to a configuration object, an account or a session; one chain per subject."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("subject_type", "subject_id", "seq", name="uq_audit_entries_seq"),
        Index("ix_audit_entries_created_at", "created_at", "id"),
    )

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    event_type: Mapped[str] = mapped_column(String(60))
    event_details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_by: Mapped[int] = user_reference(nullable=False)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)


class AuditChain(Table):
    """The head of one subject's chain; its row is the lock that orders the stream."""

    __tablename__ = "audit_chains"
    __table_args__ = (UniqueConstraint("subject_type", "subject_id", name="uq_audit_chains_subject"),)

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    chain_seq: Mapped[int] = mapped_column(Integer, default=0)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32), default=bytes(32))


class OutboxRow(Table):
    """One event that readers (notifications, live pages) still have to hear of."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "ticket_id",
            "id",
            postgresql_where=text("dispatched_at IS NULL"),
        ),
        Index("ix_outbox_note_id", "note_id"),
        Index(
            "ix_outbox_unannounced",
            "id",
            postgresql_where=text("dispatched_at IS NULL AND announced_at IS NULL"),
        ),
    )

    ticket_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    note_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    audit_entry_id: Mapped[int | None] = mapped_column(BigInteger, default=None)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    not_before: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    announced_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    """When live pages heard of an event that readers hear of only later, or next to it."""
    dispatched_at: Mapped[datetime | None] = mapped_column(DateTimeUTC(timezone=True), default=None)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
