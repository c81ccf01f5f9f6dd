"""A file of tickets that somebody asked for, made behind the pages and kept for a day."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import utc_now
from app.db.base import SCHEMA, Table, user_reference


class ExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        if self is ExportFormat.CSV:
            return "text/csv"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportStatus(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Export(Table):
    """`query`: the list's address as pairs. `role_ids`: whose columns are in the file."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'xlsx')", name="format"),
        CheckConstraint("status IN ('waiting', 'ready', 'failed')", name="status"),
        Index("ix_exports_user", "user_id", "status"),
        Index("ix_exports_expires_at", "expires_at"),
    )

    user_id: Mapped[int] = user_reference(nullable=False)
    format: Mapped[str] = mapped_column(String(4))
    query: Mapped[list[Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(8), default=ExportStatus.WAITING)
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    role_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True), default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))

    @property
    def is_waiting(self) -> bool:
        return self.status == ExportStatus.WAITING

    @property
    def is_ready(self) -> bool:
        return self.status == ExportStatus.READY


class ExportBatch(Table):
    """Which tickets are in the file: looked at once more when it is fetched.

    `own_ids`: those of which it holds answers that only their people and their approvers read.
    """

    __tablename__ = "export_batches"
    __table_args__ = (UniqueConstraint("export_id", "number", name="uq_export_batches"),)

    export_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.exports.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    ticket_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    own_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class ExportPart(Table):
    """A piece of the file: small enough to be read whole."""

    __tablename__ = "export_parts"
    __table_args__ = (UniqueConstraint("export_id", "number", name="uq_export_parts"),)

    export_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(f"{SCHEMA}.exports.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)
