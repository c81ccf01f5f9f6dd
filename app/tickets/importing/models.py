"""A file of requests that somebody brought, and what became of each of its rows: the rows make it resumable."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Table, user_reference


class ImportStatus(StrEnum):
    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


UNDER_WAY = (ImportStatus.CHECKING, ImportStatus.RUNNING)


class RowOutcome(StrEnum):
    CREATED = "created"
    REFUSED = "refused"


class Import(Table):
    """`targets`: for each column the input that it fills, or nothing. `command`: the same form sent twice is one."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("status IN ('mapping', 'checking', 'checked', 'running', 'done', 'cancelled')", name="status"),
        UniqueConstraint("user_id", "command", name="uq_imports_command"),
        Index("ix_imports_expires_at", "expires_at"),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    command: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    form_key: Mapped[str] = mapped_column(String(63))
    headings: Mapped[list[str]] = mapped_column(JSONB)
    targets: Mapped[list[str]] = mapped_column(JSONB)
    submits: Mapped[bool] = mapped_column(Boolean, default=True)
    """Its requests are submitted; otherwise they are kept as drafts."""
    status: Mapped[str] = mapped_column(String(10), default=ImportStatus.MAPPING)
    round: Mapped[int] = mapped_column(Integer, default=0)
    """How often it was checked or begun: names the job, so that none is taken for the one before."""
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def can_be_mapped(self) -> bool:
        return self.status in {ImportStatus.MAPPING, ImportStatus.CHECKING, ImportStatus.CHECKED}

    @property
    def can_be_cancelled(self) -> bool:
        return self.status not in {ImportStatus.DONE, ImportStatus.CANCELLED}


class ImportRow(Table):
    """`number`: as a spreadsheet counts, so that the heading is row 1. `problems`: pairs of column and sentence,

    none while it has not been checked. The ticket is made by the transaction that keeps the outcome: once, or not.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("import_id", "number", name="uq_import_rows"),
        CheckConstraint("outcome IN ('created', 'refused')", name="outcome"),
        CheckConstraint("(outcome IS NOT DISTINCT FROM 'created') = (ticket_id IS NOT NULL)", name="ticket"),
        Index("ix_import_rows_ticket", "ticket_id", postgresql_where=text("ticket_id IS NOT NULL")),
    )

    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.imports.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    cells: Mapped[list[str]] = mapped_column(JSONB)
    problems: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    outcome: Mapped[str | None] = mapped_column(String(8), default=None)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.tickets.id"), default=None)
