"""A change to many tickets, and what became of each: the rows are what makes it resumable."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Table, user_reference


class Outcome(StrEnum):
    CHANGED = "changed"
    SAME = "same"
    LEFT_OUT = "left_out"


class BulkEdit(Table):
    """`command`: the same form sent twice is one change. `undoes`: the change that this one takes back."""

    __tablename__ = "bulk_edits"
    __table_args__ = (
        UniqueConstraint("user_id", "command", name="uq_bulk_edits_command"),
        Index("ix_bulk_edits_expires_at", "expires_at"),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    command: Mapped[str] = mapped_column(String(64))
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    undoes: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.bulk_edits.id", ondelete="SET NULL"), default=None
    )
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))


class BulkItem(Table):
    """One ticket of it. `version`: as it was looked at; `before` puts it back, as long as it is `version_after`."""

    __tablename__ = "bulk_items"
    __table_args__ = (
        UniqueConstraint("bulk_edit_id", "number", name="uq_bulk_items"),
        CheckConstraint("outcome IN ('changed', 'same', 'left_out')", name="outcome"),
    )

    bulk_edit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.bulk_edits.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    ticket_no: Mapped[str] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(Integer)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    outcome: Mapped[str | None] = mapped_column(String(8), default=None)
    sentence: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    version_after: Mapped[int | None] = mapped_column(Integer, default=None)
